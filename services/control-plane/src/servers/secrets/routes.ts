import { poolNameSchema, sealingKeySchema, secretNameSchema } from '@toolplane/contracts';
import {
  type Api,
  addRoute,
  listOf,
  pageQuery,
  succeed,
  succeedWithoutBody,
  succeedWithPage,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import type { SealingKeys } from './sealing-keys.ts';
import type { Secrets } from './secrets.ts';

const OVERLAP_SECONDS = 86_400;
const OVERLAP_SECONDS_MAX = 2_592_000;

const hostsSchema = z.array(z.string()).meta({ description: 'Hosts to which it may be sent' });
const isRedactableSchema = z
  .boolean()
  .meta({ description: 'Values of fewer than 8 characters are too short to be found in texts' });
const lastUsedSchema = timestampSchema.nullable().meta({ description: 'Up to some seconds late; null: never' });

const secretFields = {
  name: z.string(),
  hosts: hostsSchema,
  version: z.int().meta({ description: 'The version in use' }),
  newestVersion: z.int(),
  isPinned: z.boolean().meta({ description: 'If true, the version in use stays the same when new ones are stored' }),
  isRedactable: isRedactableSchema,
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
  lastUsedAt: lastUsedSchema,
};
const secretSchema = z.object(secretFields).meta({
  id: 'Secret',
  description: 'Everything that can be read about a secret: its value never leaves the data plane',
});

const uncoveredSchema = z.array(z.object({ tool: z.string(), step: z.string(), host: z.string() })).meta({
  description: 'Hosts to which running tools would send it although it was not sealed for them: such calls fail',
});

const storedSecretSchema = z.object({ ...secretFields, uncovered: uncoveredSchema }).meta({ id: 'StoredSecret' });

const versionSchema = z
  .object({
    version: z.int(),
    hosts: hostsSchema,
    isRedactable: isRedactableSchema,
    createdAt: timestampSchema,
    retiresAt: timestampSchema
      .nullable()
      .meta({ description: 'When it is deleted; null for the version in use and for the newest' }),
    lastUsedAt: lastUsedSchema,
  })
  .meta({ id: 'SecretVersion' });

const detailsSchema = z
  .object({
    ...secretFields,
    versions: z.array(versionSchema).meta({ description: 'All stored versions, newest first' }),
    deploymentId: z
      .string()
      .nullable()
      .meta({ description: 'The running deployment; null: nothing runs, so nothing uses the secret' }),
    usedBy: z.array(z.object({ tool: z.string(), steps: z.array(z.string()) })).meta({
      description:
        'Tools of this deployment and of external servers, `prompt:…` and `resource:…`, with the steps that send the secret or get a token with it',
    }),
    uncovered: uncoveredSchema,
  })
  .meta({ id: 'SecretDetails' });

const serverParams = z.strictObject({ id: idSchema });
const secretParams = z.strictObject({ id: idSchema, name: secretNameSchema });
const tag = 'Secrets';

type Services = { secrets: Secrets; sealingKeys: SealingKeys };

export function addSecretRoutes(api: Api<Principal>, { secrets, sealingKeys }: Services): void {
  addRoute(api, {
    method: 'get',
    path: '/api/v1/sealing-key',
    operationId: 'getSealingKey',
    tag,
    summary: 'Get the public key for which secrets are sealed',
    access: 'any-key',
    query: z.strictObject({
      pool: poolNameSchema
        .optional()
        .meta({ description: 'Pool of the server for which the secret is; default: the default pool' }),
    }),
    responses: { 200: { description: 'A JWK', body: successOf(sealingKeySchema) } },
    async handle({ query: { pool = null } }) {
      return succeed(200, 'Sealing key', await sealingKeys.get(pool));
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
    method: 'get',
    path: '/api/v1/mcp-servers/{id}/secrets/{name}',
    operationId: 'getSecret',
    tag,
    summary: 'Get a secret with its versions and what uses it',
    access: 'servers:read',
    params: secretParams,
    responses: { 200: { description: 'Never its value', body: successOf(detailsSchema) } },
    async handle({ principal, params: { id, name } }) {
      return succeed(200, 'Secret', await secrets.get(principal, id, name));
    },
  });
  addRoute(api, {
    method: 'put',
    path: '/api/v1/mcp-servers/{id}/secrets/{name}',
    operationId: 'putSecret',
    tag,
    summary: 'Store a sealed secret, or a new version of it',
    description:
      'The sealed text is a compact JWE of `{value, hosts}` for the sealing key. The new version is used at once, unless ' +
      'another version is pinned. The replaced version is kept for the overlap: during that time, a request that is ' +
      'answered with 401 is repeated once with the replaced version, which can also be pinned.',
    access: 'secrets:write',
    params: secretParams,
    body: z.strictObject({
      sealed: z.string().min(1).max(131_072),
      overlapSeconds: z.int().min(0).max(OVERLAP_SECONDS_MAX).default(OVERLAP_SECONDS),
    }),
    responses: { 200: { description: 'Stored', body: successOf(storedSecretSchema) } },
    async handle({ principal, params: { id, name }, body }) {
      return succeed(200, 'Secret stored', await secrets.put(principal, id, name, body));
    },
  });
  addRoute(api, {
    method: 'delete',
    path: '/api/v1/mcp-servers/{id}/secrets/{name}',
    operationId: 'deleteSecret',
    tag,
    summary: 'Delete a secret with all its versions',
    access: 'secrets:write',
    params: secretParams,
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id, name } }) {
      await secrets.remove(principal, id, name);
      return succeedWithoutBody();
    },
  });
  addRoute(api, {
    method: 'put',
    path: '/api/v1/mcp-servers/{id}/secrets/{name}/pin',
    operationId: 'pinSecret',
    tag,
    summary: 'Use this version of a secret until it is unpinned',
    description: 'Any stored version: to go back, or to store a new version before it is used.',
    access: 'secrets:write',
    params: secretParams,
    body: z.strictObject({ version: z.int().min(1) }),
    responses: { 200: { description: 'In use', body: successOf(secretSchema) } },
    async handle({ principal, params: { id, name }, body }) {
      return succeed(200, 'Version pinned', await secrets.pin(principal, id, name, body.version));
    },
  });
  addRoute(api, {
    method: 'delete',
    path: '/api/v1/mcp-servers/{id}/secrets/{name}/pin',
    operationId: 'unpinSecret',
    tag,
    summary: 'Use the newest version of a secret again',
    description:
      'The version that was in use is kept for one more day, or for the rest of its overlap if that is longer.',
    access: 'secrets:write',
    params: secretParams,
    responses: { 200: { description: 'In use', body: successOf(secretSchema) } },
    async handle({ principal, params: { id, name } }) {
      return succeed(200, 'Version unpinned', await secrets.pin(principal, id, name, undefined));
    },
  });
}
