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
import type { Principal } from '../access/principal.ts';
import { descriptionSchema, displayNameSchema, idSchema, timeSchema, timestampSchema } from '../request-schemas.ts';
import type { ApiKeys } from './api-keys.ts';

const mayAssertUserSchema = z.boolean().meta({
  description: '`false`: it may not name an external user in `x-username`, as suits a key that is pasted into a client',
});

const agentIdSchema = idSchema.meta({ description: 'The agent that it is a key of: good only while that is active' });
const shownList = (description: string) => z.array(z.string()).nullable().meta({ description });

const apiKeySchema = z
  .object({
    id: z.string(),
    prefix: z.string().meta({ description: 'How the key begins, to tell it from others' }),
    workspaceId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    permissions: z.array(permissionSchema),
    mayAssertUser: mayAssertUserSchema,
    agentId: agentIdSchema.nullable(),
    allowedServers: shownList('Ids of the servers that it is good for; `null`: all of the workspace'),
    allowedTools: shownList('Patterns of the tools that it is good for; `null`: all'),
    allowedAddresses: shownList('Networks that it may be sent from; `null`: any'),
    rotatedFrom: z.string().nullable().meta({ description: 'The key in whose place it was made' }),
    rotatedTo: z.string().nullable().meta({ description: 'The key that was made in its place' }),
    createdAt: timestampSchema,
    expiresAt: timestampSchema.nullable(),
    lastUsedAt: timestampSchema.nullable().meta({ description: 'Last use, of this API or over MCP, to the minute' }),
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
      'Ids or names of servers of its workspace. For MCP it finds no others; of this API it has `servers:read` at most',
  }),
  allowedTools: listOfAllowed(policyPatternSchema).meta({
    description: 'Names of tools, in which `*` stands for any characters; of this API it has `servers:read` at most',
  }),
  allowedAddresses: listOfAllowed(z.string().refine((text) => parseNetwork(text) !== undefined, NETWORK_RULE)).meta({
    description: 'IP addresses and networks such as `192.0.2.0/24`; from others it is no key',
  }),
};

/** Thirty days. */
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
      'The key is shown once. Without `permissions` it gets those for work in its workspace; it may name users if its creator may.',
    body: z.strictObject({
      name: displayNameSchema,
      description: descriptionSchema.optional(),
      expiresAt: timeSchema.optional(),
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
    summary: 'Change what an API key is called and what it is good for',
    description:
      'What is not named stays; `null` takes a bound away. Known to every edge within seconds. Who changes more than the name, or adds permissions, needs all that the key has then.',
    params,
    body: z.strictObject({
      name: displayNameSchema.optional(),
      description: descriptionSchema.optional(),
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
    summary: 'Make a new API key in the place of another',
    description:
      'It is good for the same. The old one stays good for `overlapSeconds` more, never longer than before: the time to change over. A key is rotated once; after that its successor is.',
    params,
    body: z.strictObject({
      overlapSeconds: z.int().min(0).max(OVERLAP_SECONDS_MAX).default(86_400),
      expiresAt: timeSchema.nullable().optional().meta({ description: 'Of the new key; absent: as the old one’s' }),
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
    params,
    responses: { 200: { description: 'Revoked', body: successOf(apiKeySchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'API key revoked', await apiKeys.revoke(principal, id));
    },
  });
}
