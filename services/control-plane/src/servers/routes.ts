import { metaToolNames, poolNameSchema } from '@toolplane/contracts';
import { declaredHostSchema } from '@toolplane/contracts/declared-host';
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
import type { Principal } from '../platform/principals/principal.ts';
import {
  descriptionSchema,
  flagOrFalseSchema,
  idSchema,
  ifMatchSchema,
  textOf,
  toExpectedVersion,
} from '../platform/request-schemas.ts';
import type { Deployments } from './deployments/deployments.ts';
import { diagnosticSchema, sourceServersSchema } from './documents/document-schemas.ts';
import { externalReportSchema } from './external-servers/external-answers.ts';
import { externalConfigsSchema } from './external-servers/external-config.ts';
import { ownIssuerSchema } from './own-issuers/own-issuer.ts';
import {
  modeSchema,
  selectionFields,
  serverSchema,
  serversTag,
  shownServerSchema,
  slugSchema,
  toServerAnswer,
  twins,
} from './server-answers.ts';
import type { Server } from './server-record.ts';
import type { Servers } from './servers.ts';

const createdServerSchema = shownServerSchema
  .extend({
    diagnostics: z.array(diagnosticSchema).meta({ description: 'Advice on the tools that clients see' }),
  })
  .meta({ id: 'CreatedMcpServer' });

const changedServerSchema = shownServerSchema
  .extend({
    diagnostics: z.array(diagnosticSchema).meta({
      description:
        'After a change of `name`, `mode`, `selectedTools` or `externalMcpConfigs`: advice on the tools that clients see; after one of `sourceServers`: also on the running document, which is compiled for them',
    }),
    leftBehind: z.array(z.object({ kind: z.enum(['secret', 'credentials', 'sign-in']), name: z.string() })).meta({
      description:
        'After a move to another pool: what remains in the secret store of the old pool. Unless both pools use the same store, enter it again, or sign in again, and delete it there by hand',
    }),
  })
  .meta({ id: 'ChangedMcpServer' });

const missingSecretSchema = z.object({
  name: z.string(),
  usedBy: z.array(z.object({ tool: z.string(), steps: z.array(z.string()) })),
  hosts: z.array(z.string()).meta({ description: 'Hosts to which it would be sent, if known before a call' }),
});

const configSchema = z
  .object({
    mode: modeSchema,
    tools: z.array(
      z.object({
        name: z.string(),
        description: z.string().optional(),
        inputSchema: z.record(z.string(), z.unknown()),
      }),
    ),
    externalMcpConfigs: z.array(externalReportSchema),
    selectedTools: z.array(z.string()),
    metaTools: z.array(z.string()).meta({
      description:
        'The tools that clients see in mode SMART, with which they find and call `tools`; their schemas are in `tools/list`',
    }),
    ...selectionFields,
    missingSecrets: z.array(missingSecretSchema).meta({
      description: 'Secrets that the deployment and the attached servers use but that are not set: such calls fail',
    }),
    diagnostics: z.array(diagnosticSchema).meta({
      description: 'Advice on the names and the number of the tools that clients see',
    }),
  })
  .meta({ id: 'McpServerConfig' });

const SELECTED_TOOLS_MAX = 200;

const selectedToolsSchema = z
  .array(textOf(300))
  .max(SELECTED_TOOLS_MAX)
  .superRefine((slugs, { addIssue }) => {
    for (const [index, slug] of slugs.entries()) {
      if (slugs.indexOf(slug) < index) addIssue({ code: 'custom', path: [index], message: 'is a duplicate' });
    }
  })
  .meta({
    description:
      'Mode NORMAL: catalogue slugs of tools of other servers of the workspace that it offers in addition to its own',
  });

const changeableFields = {
  description: descriptionSchema.nullable().optional(),
  mode: z.enum(['SMART', 'NORMAL', 'META']).optional().meta({
    description:
      'NORMAL: clients see its own tools and those it selects. SMART: clients see the meta tools, with which they find and call the tools of the catalogue. `META` is an older name for `SMART`',
  }),
  pool: poolNameSchema.nullable().optional().meta({
    description: 'The pool of data planes; only these run its calls and have its secrets; null: the default pool',
  }),
  isPublic: z.boolean().optional(),
  config: z
    .strictObject({
      allowedHosts: z.array(declaredHostSchema).max(100).optional().meta({
        description:
          'Hosts to which an expression in the host part of a URL may evaluate, and to which redirects may lead: `host`, `host:port` or `*.host`',
      }),
      allowSharedConnections: z.boolean().optional().meta({
        description:
          'If true, a call in the name of a user (`x-username`) who has not connected an account may use credentials of the agent, the workspace or the organization; otherwise it is refused',
      }),
    })
    .optional(),
  oauth: ownIssuerSchema.nullable().optional().meta({
    description:
      "The owner's own authorization server, whose tokens are accepted instead of the platform's; null: none",
  }),
  sourceServers: sourceServersSchema.optional(),
  selectedTools: selectedToolsSchema.optional(),
  externalMcpConfigs: externalConfigsSchema.optional(),
};

const params = z.strictObject({ id: idSchema });
const listQuery = z.strictObject({
  ...pageQuery,
  cursor: z.string().max(1000).optional(),
  q: textOf(200).optional(),
  sortBy: z.enum(['createdAt', 'updatedAt', 'name']).default('createdAt'),
  sortOrder: z.enum(['ASC', 'DESC']).default('DESC'),
  isArchived: flagOrFalseSchema.meta({ description: '`true`: archived servers, which are otherwise not listed' }),
});
export function addServerRoutes(
  api: Api<Principal>,
  services: { servers: Servers; deployments: Deployments; edgePublicUrl: string },
): void {
  for (const twin of twins) addTwin(api, services, twin);
}

function addTwin(
  api: Api<Principal>,
  { servers, deployments, edgePublicUrl }: Parameters<typeof addServerRoutes>[1],
  { base, suffix }: { base: string; suffix: string },
): void {
  const toAnswer = toServerAnswer(edgePublicUrl);
  const etagOf = ({ version }: Server) => ({ etag: `"${version}"` });

  addRoute(api, {
    method: 'get',
    path: base,
    operationId: `listMcpServers${suffix}`,
    tag: serversTag,
    summary: 'List MCP servers',
    access: 'servers:read',
    query: listQuery,
    responses: { 200: { description: 'A page of servers', body: listOf(serverSchema) } },
    async handle({ principal, query }) {
      const { q, cursor, ...rest } = query;
      const found = await servers.list(principal, { ...rest, q, cursor });
      return succeedWithPage(
        'MCP servers',
        { ...query, page: found.page },
        { ...found, items: found.items.map(toAnswer) },
      );
    },
  });
  addRoute(api, {
    method: 'post',
    path: base,
    operationId: `createMcpServer${suffix}`,
    tag: serversTag,
    summary: 'Create an MCP server',
    access: 'servers:write',
    body: z.strictObject({ ...changeableFields, name: slugSchema }),
    responses: { 201: { description: 'Created', body: successOf(createdServerSchema) } },
    async handle({ principal, body }) {
      const { server, diagnostics } = await servers.create(principal, {
        slug: body.name,
        description: body.description ?? null,
        mode: toMode(body.mode) ?? 'SMART',
        pool: body.pool ?? null,
        isPublic: body.isPublic ?? false,
        allowedHosts: body.config?.allowedHosts ?? [],
        sharesConnections: body.config?.allowSharedConnections ?? false,
        sourceServers: body.sourceServers ?? {},
        selectedTools: body.selectedTools ?? [],
        externalMcpConfigs: body.externalMcpConfigs,
        ownIssuer: body.oauth ?? null,
      });
      return succeed(201, 'MCP server created', { ...toAnswer(server), diagnostics });
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${base}/{id}`,
    operationId: `getMcpServer${suffix}`,
    tag: serversTag,
    summary: 'Get an MCP server by id or slug',
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The server', body: successOf(shownServerSchema) } },
    async handle({ principal, params: { id } }) {
      const server = await servers.get(principal, id);
      return { ...succeed(200, 'MCP server', toAnswer(server)), headers: etagOf(server) };
    },
  });
  addRoute(api, {
    method: 'patch',
    path: `${base}/{id}`,
    operationId: `changeMcpServer${suffix}`,
    tag: serversTag,
    summary: 'Change an MCP server',
    description:
      'Fields that are left out stay as they are. With `version` or `If-Match`, this answers 409 if somebody else made a change.',
    access: 'servers:write',
    params,
    headers: z.object({ 'if-match': ifMatchSchema }),
    body: z.strictObject({ ...changeableFields, name: slugSchema.optional(), version: z.int().min(1).optional() }),
    responses: { 200: { description: 'Changed', body: successOf(changedServerSchema) } },
    async handle({ principal, params: { id }, headers, body }) {
      const { name, description, pool, isPublic, sourceServers, selectedTools, externalMcpConfigs } = body;
      const settings = { description, pool, isPublic, sourceServers, selectedTools, externalMcpConfigs };
      const change = { ...settings, slug: name, mode: toMode(body.mode) };
      const { server, diagnostics, leftBehind } = await servers.change(
        principal,
        id,
        {
          ...change,
          ownIssuer: body.oauth,
          allowedHosts: body.config?.allowedHosts,
          sharesConnections: body.config?.allowSharedConnections,
        },
        toExpectedVersion(body.version, headers['if-match']),
      );
      const answer = { ...toAnswer(server), diagnostics, leftBehind };
      return { ...succeed(200, 'MCP server changed', answer), headers: etagOf(server) };
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${base}/{id}`,
    operationId: `deleteMcpServer${suffix}`,
    tag: serversTag,
    summary: 'Delete an MCP server with its deployments and secrets',
    access: 'servers:write',
    params,
    responses: { 204: { description: 'Deleted', body: null } },
    async handle({ principal, params: { id } }) {
      await servers.remove(principal, id);
      return succeedWithoutBody();
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${base}/{id}/config`,
    operationId: `getMcpServerConfig${suffix}`,
    tag: serversTag,
    summary: 'List the tools that an MCP server offers',
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The tools and the mode', body: successOf(configSchema) } },
    async handle({ principal, params: { id } }) {
      const { server, selection, external, ...offered } = await deployments.activeTools(principal, id);
      const { mode, selectedTools } = server;
      const { offered: _, ...shown } = selection;
      const metaTools = mode === 'SMART' ? [...metaToolNames] : [];
      const config = { mode, externalMcpConfigs: external, selectedTools, metaTools, ...offered, ...shown };
      return succeed(200, 'MCP server config', config);
    },
  });
}

function toMode(mode: 'SMART' | 'NORMAL' | 'META' | undefined) {
  return mode === 'META' ? 'SMART' : mode;
}
