import { compileFlower } from '@toolplane/compiler';
import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { diagnosticSchema, documentFields } from './document-schemas.ts';

const validationSchema = z
  .object({ valid: z.boolean(), diagnostics: z.array(diagnosticSchema) })
  .meta({ id: 'Validation' });

export function addDocumentRoutes(api: Api<Principal>): void {
  addRoute(api, {
    method: 'post',
    path: '/api/v1/documents/validate',
    operationId: 'validateDocument',
    tag: 'Documents',
    summary: 'List every problem of a document',
    description:
      'Nothing is saved. It is checked for a server that has no secrets and allows no hosts from expressions.',
    access: 'any-key',
    body: z.strictObject(documentFields),
    responses: { 200: { description: 'What was found', body: successOf(validationSchema) } },
    async handle({ principal, body }) {
      const { diagnostics, document } = compileFlower(body.definition, {
        workspaceId: principal.workspaceId,
        serverId: 'unknown',
        secretNames: [],
        allowedHosts: [],
      });
      return succeed(200, 'Document checked', { valid: document !== undefined, diagnostics });
    },
  });
}
