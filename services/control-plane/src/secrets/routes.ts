import { sealingKeySchema, secretNameSchema } from '@toolplane/contracts';
import { type Api, addRoute, listOf, pageQuery, succeed, succeedWithPage, successOf } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { idSchema, timestampSchema } from '../request-schemas.ts';
import type { SealingKeys } from './sealing-keys.ts';
import type { Secrets } from './secrets.ts';

const secretSchema = z
  .object({
    name: z.string(),
    hosts: z.array(z.string()).meta({ description: 'Where it may be sent' }),
    version: z.int(),
    isRedactable: z.boolean().meta({ description: 'Values under 8 characters are too short to be found in texts' }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: 'Secret', description: 'All that can be read of a secret: its value never leaves the data plane' });

const serverParams = z.strictObject({ id: idSchema });
const secretParams = z.strictObject({ id: idSchema, name: secretNameSchema });
const tag = 'Secrets';

export function addSecretRoutes(api: Api<Principal>, services: { secrets: Secrets; sealingKeys: SealingKeys }): void {
  const { secrets, sealingKeys } = services;
  addRoute(api, {
    method: 'get',
    path: '/api/v1/sealing-key',
    operationId: 'getSealingKey',
    tag,
    summary: 'Get the public key that secrets are sealed for',
    access: 'any-key',
    responses: { 200: { description: 'A JWK', body: successOf(sealingKeySchema) } },
    async handle() {
      return succeed(200, 'Sealing key', await sealingKeys.get());
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/mcp-servers/{id}/secrets',
    operationId: 'listSecrets',
    tag,
    summary: 'List the secrets of an MCP server',
    access: 'servers:read',
    params: serverParams,
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of secrets by name', body: listOf(secretSchema) } },
    async handle({ principal, params: { id }, query }) {
      return succeedWithPage('Secrets', query, await secrets.list(principal, id, query));
    },
  });
  addRoute(api, {
    method: 'put',
    path: '/api/v1/mcp-servers/{id}/secrets/{name}',
    operationId: 'putSecret',
    tag,
    summary: 'Store a sealed secret',
    description: 'The sealed text is a compact JWE of `{value, hosts}` for the sealing key.',
    access: 'secrets:write',
    params: secretParams,
    body: z.strictObject({ sealed: z.string().min(1).max(131_072) }),
    responses: { 200: { description: 'Stored', body: successOf(secretSchema) } },
    async handle({ principal, params: { id, name }, body }) {
      return succeed(200, 'Secret stored', await secrets.put(principal, id, name, body.sealed));
    },
  });
  addRoute(api, {
    method: 'delete',
    path: '/api/v1/mcp-servers/{id}/secrets/{name}',
    operationId: 'deleteSecret',
    tag,
    summary: 'Delete a secret',
    access: 'secrets:write',
    params: secretParams,
    responses: { 200: { description: 'Deleted', body: successOf(secretSchema) } },
    async handle({ principal, params: { id, name } }) {
      return succeed(200, 'Secret deleted', await secrets.remove(principal, id, name));
    },
  });
}
