import { permissionSchema, policyPatternSchema } from '@toolplane/contracts';
import { NETWORK_RULE, parseNetwork } from '@toolplane/service-kit';
import {
  type Api,
  addRoute,
  listOf,
  pageQuery,
  succeed,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import {
  descriptionSchema,
  displayNameSchema,
  idSchema,
  timeSchema,
  timestampSchema,
} from '../../platform/request-schemas.ts';
import type { ApiKeys } from './api-keys.ts';

const mayAssertUserSchema = z.boolean().meta({
  description:
    'If `false`, the key may not name an external user in `x-username`; suitable for a key that is pasted into a client',
});

const agentIdSchema = idSchema.meta({
  description: 'The agent to which the key belongs; the key works only while the agent is active',
});
const shownList = (description: string) => z.array(z.string()).nullable().meta({ description });

const apiKeySchema = z
  .object({
    id: z.string(),
    prefix: z.string().meta({ description: 'The first characters of the key, which identify it' }),
    workspaceId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    permissions: z.array(permissionSchema),
    mayAssertUser: mayAssertUserSchema,
    agentId: agentIdSchema.nullable(),
    allowedServers: shownList('Ids of the servers for which the key is valid; `null`: all servers of the workspace'),
    allowedTools: shownList('Patterns of the tools for which the key is valid; `null`: all tools'),
    allowedAddresses: shownList('Networks from which the key is accepted; `null`: any'),
    rotatedFrom: z.string().nullable().meta({ description: 'The key that this key replaced' }),
    rotatedTo: z.string().nullable().meta({ description: 'The key that replaced this key' }),
    createdAt: timestampSchema,
    expiresAt: timestampSchema.nullable(),
    lastUsedAt: timestampSchema
      .nullable()
      .meta({ description: 'Last use of the key, with this API or over MCP, to the minute' }),
    revokedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const shownApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: 'Shown only now' }) })
  .meta({ id: 'ShownApiKey' });

const listOfAllowed = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(100);
const allowed = {
  allowedServers: listOfAllowed(idSchema).meta({
    description:
      'Ids or names of servers of its workspace. Over MCP the key reaches no others; in this API it has at most `servers:read`',
  }),
  allowedTools: listOfAllowed(policyPatternSchema).meta({
    description:
      'Names of tools, in which `*` stands for any characters; in this API the key has at most `servers:read`',
  }),
  allowedAddresses: listOfAllowed(z.string().refine((text) => parseNetwork(text) !== undefined, NETWORK_RULE)).meta({
    description: 'IP addresses and networks such as `192.0.2.0/24`; requests from other addresses are refused',
  }),
};

/** 30 days in seconds. */
const OVERLAP_SECONDS_MAX = 2_592_000;

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
      'The key is shown once. Without `permissions`, it gets those for work in its workspace; it may name users if its creator may.',
    body: z.strictObject({
      name: displayNameSchema,
      description: descriptionSchema.optional(),
      expiresAt: timeSchema.optional().meta({
        description: 'Absent: never, or when the key that creates it expires; no key creates one that outlives it',
      }),
      permissions: z.array(permissionSchema).max(50).optional(),
      mayAssertUser: mayAssertUserSchema.optional(),
      workspaceId: idSchema.optional(),
      agentId: agentIdSchema.optional(),
      ...z.strictObject(allowed).partial().shape,
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
    query: z.strictObject({ ...pageQuery, agentId: agentIdSchema.optional() }),
    responses: { 200: { description: 'A page of keys, newest first', body: listOf(apiKeySchema) } },
    async handle({ principal, query: { agentId, page, limit } }) {
      const request = { agentId, page, limit };
      return succeedWithPage('API keys', request, await apiKeys.list(principal, request));
    },
  });
  addRoute(api, {
    ...about,
    // This route is added before `/api-keys/{id}`, which would otherwise take `current` for an id.
    method: 'get',
    path: '/api/v1/api-keys/current',
    operationId: 'getCurrentApiKey',
    summary: 'Get the API key of this request',
    description: 'Any key may read its own record. Answers 404 to a session.',
    access: 'any-key',
    responses: { 200: { description: 'The key', body: successOf(apiKeySchema) } },
    async handle({ principal }) {
      return succeed(200, 'API key', await apiKeys.getCurrent(principal));
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
    method: 'patch',
    path: '/api/v1/api-keys/{id}',
    operationId: 'changeApiKey',
    summary: 'Change the name and the restrictions of an API key',
    description:
      'Fields that are left out stay as they are; `null` removes the description or a restriction. Every edge knows of the change within seconds. Requires everything that the key has and then has. A key that expires can change none so that it expires later.',
    params,
    body: z.strictObject({
      name: displayNameSchema.optional(),
      description: descriptionSchema.nullable().optional(),
      expiresAt: timeSchema.nullable().optional(),
      permissions: z.array(permissionSchema).max(50).optional(),
      mayAssertUser: mayAssertUserSchema.optional(),
      agentId: agentIdSchema.nullable().optional(),
      allowedServers: allowed.allowedServers.nullable().optional(),
      allowedTools: allowed.allowedTools.nullable().optional(),
      allowedAddresses: allowed.allowedAddresses.nullable().optional(),
    }),
    responses: { 200: { description: 'Changed', body: successOf(apiKeySchema) } },
    async handle({ principal, params: { id }, body }) {
      return succeed(200, 'API key changed', await apiKeys.change(principal, id, body));
    },
  });
  addRoute(api, {
    ...about,
    method: 'post',
    path: '/api/v1/api-keys/{id}/rotate',
    operationId: 'rotateApiKey',
    summary: 'Replace an API key with a new one',
    description:
      'The new key has the same permissions and restrictions; rotating requires all that the key has. To leave time for the change, the old key stays valid for `overlapSeconds` more, but never longer than before. A key can be rotated once; after that, rotate its successor. In an organization that has all the keys it may have, rotate with `overlapSeconds: 0`.',
    params,
    body: z.strictObject({
      overlapSeconds: z.int().min(0).max(OVERLAP_SECONDS_MAX).default(86_400),
      expiresAt: timeSchema
        .nullable()
        .optional()
        .meta({ description: 'Expiry of the new key; absent: the same as for the old key' }),
    }),
    responses: { 201: { description: 'The new key', body: successOf(shownApiKeySchema) } },
    async handle({ principal, params: { id }, body }) {
      return succeed(201, 'API key rotated; the new one is shown only now', await apiKeys.rotate(principal, id, body));
    },
  });
  addRoute(api, {
    ...about,
    method: 'delete',
    path: '/api/v1/api-keys/{id}',
    operationId: 'revokeApiKey',
    summary: 'Revoke an API key',
    description: 'A key revokes only keys that can do no more than itself; a person revokes any.',
    params,
    responses: { 200: { description: 'Revoked', body: successOf(apiKeySchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'API key revoked', await apiKeys.revoke(principal, id));
    },
  });
}
