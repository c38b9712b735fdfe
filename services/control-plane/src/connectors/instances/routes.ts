import { credentialScopes } from '@toolplane/contracts';
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
import { descriptionSchema, idSchema, textOf, timestampSchema } from '../../platform/request-schemas.ts';
import { diagnosticSchema } from '../../servers/documents/document-schemas.ts';
import { slugSchema } from '../connector-schemas.ts';
import { subjectSchema } from '../credentials/subject-schema.ts';
import { rejectionSchema, toRejection } from '../rejection.ts';
import { listCalledHosts } from './called-hosts.ts';
import type { ConnectorInstances, ShownInstance } from './connector-instances.ts';
import type { TestConnection } from './test-connection.ts';

const configurationSchema = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be a lowercase letter, then lowercase letters, digits or _'),
    z.union([textOf(4000), z.number(), z.boolean()]),
  )
  .refine((configuration) => Object.keys(configuration).length <= 100, 'must not have more than 100 entries');

const instanceSchema = z
  .object({
    id: z.string(),
    connector: z.string(),
    version: z.string().nullable().meta({ description: 'The version of the connector that is deployed' }),
    workspace: z.string().nullable().meta({ description: 'Null: for all workspaces of the organization' }),
    home_workspace: z
      .string()
      .meta({ description: 'The workspace in which it was created and in which its server is' }),
    pool: z.string().nullable().meta({
      description: 'The pool of the data planes for which its credentials are sealed; null: the default pool',
    }),
    hosts: z.array(z.string()).meta({
      description: 'Hosts that its tools call and sign in at, if known before a call: seal credentials for these',
    }),
    instance_name: z.string(),
    description: z.string().nullable(),
    configuration: configurationSchema,
    auth_type: z.string(),
    is_enabled: z.boolean(),
    has_credentials: z.boolean(),
    last_tested_at: timestampSchema.nullable(),
    test_status: z.enum(['success', 'failed', 'pending']).meta({
      description: 'Result for shared credentials. Pending: being tested, or not tested since the last change',
    }),
    test_message: z.string().nullable(),
    deploy_message: z.string().nullable().meta({
      description: 'Why the instance does not run the active version of its connector',
    }),
    server: z.object({ id: z.string(), slug: z.string(), url: z.url() }).nullable().meta({
      description: 'Null where the connector offers no tools',
    }),
    created_at: timestampSchema,
    updated_at: timestampSchema,
  })
  .meta({ id: 'ConnectorInstance' });

const savedSchema = successOf(instanceSchema).extend({ diagnostics: z.array(diagnosticSchema) });
const REJECTED = 'The connector does not compile for this instance; nothing was saved';
const rejected = { description: REJECTED, body: rejectionSchema };

const nameSchema = textOf(255).trim().min(1);
const authTypeSchema = textOf(100).min(1).meta({
  description: 'Id of an authentication of the connector, or `none`',
});

const params = z.strictObject({ id: idSchema });
const base = '/api/v1/connector-instances';
const tag = 'Connector instances';

type Services = { connectorInstances: ConnectorInstances; testConnection: TestConnection; edgePublicUrl: string };

export function addInstanceRoutes(api: Api<Principal>, services: Services): void {
  const { connectorInstances: instances, edgePublicUrl } = services;
  const toAnswer = (instance: ShownInstance) => toInstanceAnswer(instance, edgePublicUrl);

  addRoute(api, {
    method: 'post',
    path: base,
    operationId: 'createConnectorInstance',
    tag,
    summary: 'Create an instance of a connector',
    description: 'If the connector offers tools, the instance gets an MCP server.',
    access: 'servers:write',
    body: z.strictObject({
      connector: slugSchema,
      instance_name: nameSchema,
      description: descriptionSchema.nullable().default(null),
      configuration: configurationSchema.default({}),
      auth_type: authTypeSchema,
      workspace: idSchema.nullable().optional().meta({
        description:
          'Null: for all workspaces of the organization, which requires `connectors:write`; default: your own workspace',
      }),
      is_enabled: z.boolean().default(true),
    }),
    responses: { 201: { description: 'Created', body: savedSchema }, 422: rejected },
    async handle({ principal, body }) {
      const { connector, description, configuration } = body;
      const result = await instances.create(principal, {
        connector,
        description,
        configuration,
        workspaceId: body.workspace,
        instanceName: body.instance_name,
        authType: body.auth_type,
        isEnabled: body.is_enabled,
      });
      if (result.status === 'rejected') return toRejection(REJECTED, result.diagnostics);
      const answer = succeed(201, 'Connector instance created', toAnswer(result.instance));
      return { ...answer, body: { ...answer.body, diagnostics: result.diagnostics } };
    },
  });
  addRoute(api, {
    method: 'get',
    path: base,
    operationId: 'listConnectorInstances',
    tag,
    summary: 'List connector instances',
    access: 'servers:read',
    query: z.strictObject({ ...pageQuery, q: textOf(200).optional(), connector: slugSchema.optional() }),
    responses: { 200: { description: 'A page of instances, newest first', body: listOf(instanceSchema) } },
    async handle({ principal, query }) {
      const { page, limit, q, connector } = query;
      const { items, total } = await instances.list(principal, { page, limit, q, connector });
      return succeedWithPage('Connector instances', query, { items: items.map(toAnswer), total });
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${base}/{id}`,
    operationId: 'getConnectorInstance',
    tag,
    summary: 'Get a connector instance',
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The instance', body: successOf(instanceSchema) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'Connector instance', toAnswer(await instances.get(principal, id)));
    },
  });
  addRoute(api, {
    method: 'patch',
    path: `${base}/{id}`,
    operationId: 'changeConnectorInstance',
    tag,
    summary: 'Change a connector instance',
    description:
      'Fields that are left out stay as they are. An instance that is not enabled offers nothing: its server stops.',
    access: 'servers:write',
    params,
    body: z.strictObject({
      instance_name: nameSchema.optional(),
      description: descriptionSchema.nullable().optional(),
      configuration: configurationSchema.optional(),
      auth_type: authTypeSchema.optional(),
      is_enabled: z.boolean().optional(),
    }),
    responses: { 200: { description: 'Changed', body: savedSchema }, 422: rejected },
    async handle({ principal, params: { id }, body }) {
      const { description, configuration } = body;
      const result = await instances.change(principal, id, {
        description,
        configuration,
        instanceName: body.instance_name,
        authType: body.auth_type,
        isEnabled: body.is_enabled,
      });
      if (result.status === 'rejected') return toRejection(REJECTED, result.diagnostics);
      const answer = succeed(200, 'Connector instance changed', toAnswer(result.instance));
      return { ...answer, body: { ...answer.body, diagnostics: result.diagnostics } };
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${base}/{id}`,
    operationId: 'deleteConnectorInstance',
    tag,
    summary: 'Delete a connector instance with its server and credentials',
    access: 'servers:write',
    params,
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id } }) {
      await instances.remove(principal, id);
      return succeedWithoutBody();
    },
  });
  addTestRoute(api, services);
}

const testSchema = z
  .object({
    status: z.enum(['success', 'failed']),
    message: z.string(),
    http_status: z.int().nullable().meta({ description: 'Null: there was no answer' }),
  })
  .meta({ id: 'ConnectionTest' });

function addTestRoute(api: Api<Principal>, { testConnection }: Pick<Services, 'testConnection'>): void {
  addRoute(api, {
    method: 'post',
    path: `${base}/{id}/test`,
    operationId: 'testConnection',
    tag,
    summary: 'Call the test endpoint of the connector',
    description:
      'Uses the credentials of the scope, or those that apply to a caller without a name. The instance keeps the result, ' +
      'unless the credentials belong to a user or an agent.',
    access: 'servers:write',
    params,
    body: z.strictObject({
      scope: z.enum(credentialScopes).optional(),
      subject: subjectSchema.optional(),
    }),
    responses: { 200: { description: 'Result of the test', body: successOf(testSchema) } },
    async handle({ principal, params: { id }, body: { scope, subject } }) {
      const whose = scope === undefined ? undefined : { scope, subject };
      const { isSuccess, message, status } = await testConnection(principal, id, whose);
      const answer = { status: isSuccess ? ('success' as const) : ('failed' as const), message };
      return succeed(200, 'Connection tested', { ...answer, http_status: status ?? null });
    },
  });
}

function toInstanceAnswer(instance: ShownInstance, edgePublicUrl: string) {
  const { id, connector, version, workspaceId, description, configuration, pool, server } = instance;
  return {
    id,
    connector,
    version,
    description,
    configuration,
    workspace: workspaceId,
    pool,
    home_workspace: instance.homeWorkspaceId,
    hosts: listCalledHosts(instance),
    instance_name: instance.instanceName,
    auth_type: instance.authType,
    is_enabled: instance.isEnabled,
    has_credentials: instance.hasCredentials,
    last_tested_at: instance.lastTestedAt,
    test_status: instance.testStatus,
    test_message: instance.testMessage,
    deploy_message: instance.deployMessage,
    server:
      server === undefined ? null : { id: server.id, slug: server.slug, url: `${edgePublicUrl}/mcp/${server.id}` },
    created_at: instance.createdAt,
    updated_at: instance.updatedAt,
  };
}
