import { AppError } from '@toolplane/contracts';
import { type Api, addRoute, type LargeBodies, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema } from '../../platform/request-schemas.ts';
import type { Deployments } from '../deployments/deployments.ts';
import { documentFields, sourceServersSchema, validationSchema } from './document-schemas.ts';
import type { Documents } from './documents.ts';

export function addDocumentRoutes(
  api: Api<Principal>,
  services: { documents: Documents; deployments: Deployments; largeBodies: LargeBodies<Principal> },
): void {
  const { documents, deployments, largeBodies } = services;
  addRoute(api, {
    method: 'post',
    path: '/api/v1/documents/validate',
    operationId: 'validateDocument',
    isQuestion: true,
    tag: 'Documents',
    summary: 'List every problem of a document',
    description:
      'Nothing is saved. With `server`, it is checked like a deployment to it, which requires `servers:read`; without it, ' +
      'for a server that has no secrets and allows no hosts from expressions. Documents to which it refers are fetched only ' +
      'for a key with the permission `servers:write`, as for a deployment.',
    access: 'any-key',
    body: z.strictObject({
      ...documentFields,
      server: idSchema.optional().meta({
        description:
          'Id or slug: its secrets, hosts and policy apply, and its `sourceServers` unless these are sent as well',
      }),
      sourceServers: sourceServersSchema.optional(),
    }),
    largeBodies,
    responses: { 200: { description: 'The problems that were found', body: successOf(validationSchema) } },
    async handle({ principal, body: { server, sourceServers, ...source } }) {
      const canFetch = principal.permissions.includes('servers:write');
      if (server !== undefined) {
        refuseReading(principal);
        const validation = await deployments.validate(principal, server, source, { sourceServers, canFetch });
        return succeed(200, 'Document checked', validation);
      }
      const build = canFetch ? documents.build : documents.rebuild;
      const settings = { ...noServer, workspaceId: principal.workspaceId, sourceServers: sourceServers ?? {} };
      const { diagnostics, compiled } = await build(source, settings, null);
      return succeed(200, 'Document checked', { valid: compiled !== undefined, diagnostics });
    },
  });
}

/** Refuses a principal that may not read servers, because the result for a document reveals settings of the server. */
function refuseReading({ permissions }: Principal): void {
  if (permissions.includes('servers:read')) return;
  throw new AppError('forbidden', 'Checking a document for a server requires the permission servers:read');
}

const noServer = { serverId: 'unknown', secretNames: [], allowedHosts: [] };
