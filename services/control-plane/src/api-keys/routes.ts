import { permissionSchema } from '@toolplane/contracts';
import { type Api, addRoute, listOf, pageQuery, succeed, succeedWithPage, successOf } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { descriptionSchema, displayNameSchema, idSchema, timestampSchema } from '../request-schemas.ts';
import type { ApiKeys } from './api-keys.ts';

const mayAssertUserSchema = z.boolean().meta({
  description: '`false`: it may not name an external user in `x-username`, as suits a key that is pasted into a client',
});

const apiKeySchema = z
  .object({
    id: z.string(),
    prefix: z.string().meta({ description: 'How the key begins, to tell it from others' }),
    workspaceId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    permissions: z.array(permissionSchema),
    mayAssertUser: mayAssertUserSchema,
    createdAt: timestampSchema,
    expiresAt: timestampSchema.nullable(),
    lastUsedAt: timestampSchema.nullable().meta({ description: 'Last use of this API, to the minute' }),
    revokedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const shownApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: 'Shown only now' }) })
  .meta({ id: 'ShownApiKey' });

const params = z.strictObject({ id: idSchema });
const about = { tag: 'API keys', access: 'api-keys:write' } as const;

export function addApiKeyRoutes(api: Api<Principal>, apiKeys: ApiKeys): void {
  addRoute(api, {
    ...about,
    method: 'post',
    path: '/api/v1/api-keys',
    operationId: 'createApiKey',
    summary: 'Create an API key',
    description:
      'The key is shown once. Without `permissions` it gets those for work in its workspace; it may name users if its creator may.',
    body: z.strictObject({
      name: displayNameSchema,
      description: descriptionSchema.optional(),
      expiresAt: z.iso.datetime({ offset: true }).optional(),
      permissions: z.array(permissionSchema).max(50).optional(),
      mayAssertUser: mayAssertUserSchema.optional(),
      workspaceId: idSchema.optional(),
    }),
    responses: { 201: { description: 'Created', body: successOf(shownApiKeySchema) } },
    async handle({ principal, body }) {
      return succeed(201, 'API key created; it is shown only now', await apiKeys.create(principal, body));
    },
  });
  addRoute(api, {
    ...about,
    method: 'get',
    path: '/api/v1/api-keys',
    operationId: 'listApiKeys',
    summary: 'List API keys',
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of keys, newest first', body: listOf(apiKeySchema) } },
    async handle({ principal, query }) {
      return succeedWithPage('API keys', query, await apiKeys.list(principal, query));
    },
  });
  addRoute(api, {
    ...about,
    method: 'get',
    path: '/api/v1/api-keys/{id}',
    operationId: 'getApiKey',
    summary: 'Get an API key',
    params,
    responses: { 200: { description: 'The key', body: successOf(apiKeySchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'API key', await apiKeys.get(principal, id));
    },
  });
  addRoute(api, {
    ...about,
    method: 'delete',
    path: '/api/v1/api-keys/{id}',
    operationId: 'revokeApiKey',
    summary: 'Revoke an API key',
    params,
    responses: { 200: { description: 'Revoked', body: successOf(apiKeySchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'API key revoked', await apiKeys.revoke(principal, id));
    },
  });
}
