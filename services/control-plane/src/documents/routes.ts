import { type Api, addRoute, type LargeBodies, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { documentFields, sourceServersSchema, validationSchema } from './document-schemas.ts';
import type { Documents } from './documents.ts';

export function addDocumentRoutes(
  api: Api<Principal>,
  { documents, largeBodies }: { documents: Documents; largeBodies: LargeBodies<Principal> },
): void {
  addRoute(api, {
    method: 'post',
    path: '/api/v1/documents/validate',
    operationId: 'validateDocument',
    isQuestion: true,
    tag: 'Documents',
    summary: 'List every problem of a document',
    description:
      'Nothing is saved. It is checked for a server that has no secrets and allows no hosts from expressions. What it ' +
      'refers to is fetched for a key with the permission `servers:write`, as for a deployment.',
    access: 'any-key',
    body: z.strictObject({ ...documentFields, sourceServers: sourceServersSchema.default({}) }),
    largeBodies,
    responses: { 200: { description: 'What was found', body: successOf(validationSchema) } },
    async handle({ principal: { workspaceId, permissions }, body: { sourceServers, ...source } }) {
      const build = permissions.includes('servers:write') ? documents.build : documents.rebuild;
      const { diagnostics, compiled } = await build(source, { ...noServer, workspaceId, sourceServers }, null);
      return succeed(200, 'Document checked', { valid: compiled !== undefined, diagnostics });
    },
  });
}

const noServer = { serverId: 'unknown', secretNames: [], allowedHosts: [] };
