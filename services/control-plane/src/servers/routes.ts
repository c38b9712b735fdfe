import { secretHostSchema } from '@toolplane/contracts';
import { type Api, addRoute, listOf, pageQuery, succeed, succeedWithPage, successOf } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import type { Deployments } from '../deployments/deployments.ts';
import { diagnosticSchema, sourceServersSchema } from '../documents/document-schemas.ts';
import { descriptionSchema, idSchema, ifMatchSchema, textOf, timestampSchema, toVersion } from '../request-schemas.ts';
import type { Server, Servers } from './servers.ts';

const modeSchema = z.enum(['SMART', 'NORMAL']);

const serverSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    url: z.url().meta({ description: 'The MCP endpoint' }),
    state: z.enum(['stopped', 'running', 'errored']),
    mode: modeSchema,
    isPublic: z.boolean(),
    config: z.object({ allowedHosts: z.array(z.string()) }),
    sourceServers: z.record(z.string(), z.string()),
    selectedTools: z.array(z.string()),
    version: z.int().meta({ description: 'Counts the changes; send it with a change to notice those of others' }),
    activeDeploymentId: z.string().nullable(),
    connectorInstanceId: z.string().nullable().meta({
      description: 'The connector instance whose server it is, and which alone decides what it runs',
    }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: 'McpServer' });

const selectionFields = {
  renamed: z.array(z.object({ slug: z.string(), name: z.string() })).meta({
    description: 'Selected tools that are called otherwise here than at home, because another tool has that name',
  }),
  missing: z.array(z.string()).meta({
    description: 'Slugs of selected tools that are not in the catalogue now: clients do not see them until they are',
  }),
  leftOut: z.array(z.object({ slug: z.string(), reason: z.string() })).meta({
    description: 'Selected tools for which there is no name on this server',
  }),
};

const shownServerSchema = serverSchema.extend(selectionFields).meta({ id: 'ShownMcpServer' });

const changedServerSchema = shownServerSchema
  .extend({
    diagnostics: z.array(diagnosticSchema).meta({
      description: 'Advice on the document that runs, when it was compiled for other `sourceServers`',
    }),
  })
  .meta({ id: 'ChangedMcpServer' });

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
    externalMcpConfigs: z.array(z.object({ name: z.string(), url: z.string() })),
    selectedTools: z.array(z.string()),
    ...selectionFields,
  })
  .meta({ id: 'McpServerConfig' });

const slugSchema = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be words of lower-case letters and digits, joined by hyphens');

/** Accepted empty, as clients send them; refused rather than ignored when they ask for something. */
const notSupportedYet = z.array(z.unknown()).max(0, 'is not supported yet');

const SELECTED_TOOLS_MAX = 200;

const selectedToolsSchema = z
  .array(textOf(300))
  .max(SELECTED_TOOLS_MAX)
  .superRefine((slugs, { addIssue }) => {
    for (const [index, slug] of slugs.entries()) {
      if (slugs.indexOf(slug) < index) addIssue({ code: 'custom', path: [index], message: 'is there already' });
    }
  })
  .meta({
    description:
      'Mode NORMAL: slugs of tools of other servers of the workspace, as in the catalogue, that it offers besides its own',
  });

const changeableFields = {
  description: descriptionSchema.optional(),
  mode: z.enum(['SMART', 'NORMAL', 'META']).optional().meta({ description: '`META` is an older name of `SMART`' }),
  isPublic: z.boolean().optional(),
  config: z
    .strictObject({
      allowedHosts: z.array(secretHostSchema).max(100).optional().meta({
        description: 'Hosts that an expression in the host part of a URL may give: `host`, `host:port` or `*.host`',
      }),
    })
    .optional(),
  sourceServers: sourceServersSchema.optional(),
  selectedTools: selectedToolsSchema.optional(),
  externalMcpConfigs: notSupportedYet.optional(),
};

const params = z.strictObject({ id: idSchema });
const listQuery = z.strictObject({
  ...pageQuery,
  cursor: z.string().max(1000).optional(),
  q: textOf(200).optional(),
  sortBy: z.enum(['createdAt', 'updatedAt', 'name']).default('createdAt'),
  sortOrder: z.enum(['ASC', 'DESC']).default('DESC'),
});
/** The same handlers answer under both paths. */
const twins = [
  { base: '/api/v1/mcp-servers', suffix: '' },
  { base: '/api/v1/mcp_manager', suffix: 'ByManager' },
];

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
  const tag = 'MCP servers';
  const toAnswer = <Shown extends Server>({ slug, allowedHosts, ...server }: Shown) => ({
    ...server,
    slug,
    name: slug,
    url: `${edgePublicUrl}/mcp/${server.id}`,
    config: { allowedHosts },
  });
  const etagOf = ({ version }: Server) => ({ etag: `"${version}"` });

  addRoute(api, {
    method: 'get',
    path: base,
    operationId: `listMcpServers${suffix}`,
    tag,
    summary: 'List MCP servers',
    access: 'servers:read',
    query: listQuery,
    responses: { 200: { description: 'A page of servers', body: listOf(serverSchema) } },
    async handle({ principal, query }) {
      const found = await servers.list(principal, { ...query, q: query.q, cursor: query.cursor });
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
    tag,
    summary: 'Create an MCP server',
    access: 'servers:write',
    body: z.strictObject({ ...changeableFields, name: slugSchema }),
    responses: { 201: { description: 'Created', body: successOf(shownServerSchema) } },
    async handle({ principal, body }) {
      const server = await servers.create(principal, {
        slug: body.name,
        description: body.description ?? null,
        mode: toMode(body.mode) ?? 'SMART',
        isPublic: body.isPublic ?? false,
        allowedHosts: body.config?.allowedHosts ?? [],
        sourceServers: body.sourceServers ?? {},
        selectedTools: body.selectedTools ?? [],
      });
      return succeed(201, 'MCP server created', toAnswer(server));
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${base}/{id}`,
    operationId: `getMcpServer${suffix}`,
    tag,
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
    tag,
    summary: 'Change an MCP server',
    description: 'What is left out stays as it is. With `version` or `If-Match` a change of somebody else answers 409.',
    access: 'servers:write',
    params,
    headers: z.object({ 'if-match': ifMatchSchema }),
    body: z.strictObject({ ...changeableFields, name: slugSchema.optional(), version: z.int().min(1).optional() }),
    responses: { 200: { description: 'Changed', body: successOf(changedServerSchema) } },
    async handle({ principal, params: { id }, headers, body }) {
      const { name, description, isPublic, sourceServers, selectedTools } = body;
      const change = { slug: name, description, isPublic, sourceServers, selectedTools, mode: toMode(body.mode) };
      const { server, diagnostics } = await servers.change(
        principal,
        id,
        { ...change, allowedHosts: body.config?.allowedHosts },
        body.version ?? toVersion(headers['if-match']),
      );
      const answer = { ...toAnswer(server), diagnostics };
      return { ...succeed(200, 'MCP server changed', answer), headers: etagOf(server) };
    },
  });
  addRoute(api, {
    method: 'delete',
    path: `${base}/{id}`,
    operationId: `deleteMcpServer${suffix}`,
    tag,
    summary: 'Delete an MCP server with its deployments and secrets',
    access: 'servers:write',
    params,
    responses: { 200: { description: 'Deleted', body: successOf(z.object({ id: z.string() })) } },
    async handle({ principal, params: { id } }) {
      return succeed(200, 'MCP server deleted', { id: (await servers.remove(principal, id)).id });
    },
  });
  addRoute(api, {
    method: 'get',
    path: `${base}/{id}/config`,
    operationId: `getMcpServerConfig${suffix}`,
    tag,
    summary: 'List the tools that an MCP server offers',
    access: 'servers:read',
    params,
    responses: { 200: { description: 'The tools and the mode', body: successOf(configSchema) } },
    async handle({ principal, params: { id } }) {
      const { server, tools, selection } = await deployments.activeTools(principal, id);
      const { mode, selectedTools } = server;
      const { offered: _, ...shown } = selection;
      return succeed(200, 'MCP server config', { mode, tools, externalMcpConfigs: [], selectedTools, ...shown });
    },
  });
}

function toMode(mode: 'SMART' | 'NORMAL' | 'META' | undefined) {
  return mode === 'META' ? 'SMART' : mode;
}
