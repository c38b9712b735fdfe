import { type Api, addRoute, listOf, pageQuery, succeedWithPage } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../platform/principals/principal.ts';
import { categorySchema, flagOrFalseSchema, flagSchema, textOf } from '../platform/request-schemas.ts';
import { type CatalogueListings, connections, type ListedTool, type ListedToolkit } from './catalogue.ts';

const connectionSchema = z.enum(connections).meta({
  description:
    '`active`: shared credentials exist; `not_connected`: only callers with their own credentials can use it',
});
const serverSchema = z.object({ id: z.string(), slug: z.string() }).nullable().meta({
  description:
    'Null: the server belongs to an organization instance in another workspace, and servers of this workspace offer its tools',
});

const kindSchema = z.enum(['connector', 'workflow', 'external']);

const toolSchema = z
  .object({
    slug: z.string().meta({ description: '`<toolkit>.<tool>`' }),
    name: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    toolkit: z.string(),
    read_only: z.boolean(),
    unreviewed: z.literal(true).optional().meta({ description: 'Of an external server, and approved by nobody yet' }),
    connection: connectionSchema,
    server: serverSchema,
    input_schema: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'CatalogueTool' });

const toolkitSchema = z
  .object({
    slug: z.string().meta({
      description:
        'Slug of the connector, id of the document or name of the external server, with a number if several share it; a slug is never reused for something else',
    }),
    name: z.string(),
    description: z.string().nullable(),
    kind: kindSchema,
    version: z.string().optional(),
    categories: z.array(categorySchema),
    tools_count: z.int(),
    connection: connectionSchema,
    instance_id: z.string().optional(),
    instance_name: z.string().optional(),
    connector: z.string().optional().meta({ description: 'Slug' }),
    server: serverSchema,
    sla: z
      .object({ availability_percentage: z.number().optional(), latency_ms_p95: z.number().optional() })
      .optional()
      .meta({ description: 'What the API declares' }),
  })
  .meta({ id: 'Toolkit' });

const toolQuery = z.strictObject({
  ...pageQuery,
  q: textOf(200).optional(),
  toolkit: textOf(300).optional(),
  read_only: flagSchema.optional(),
  connection: z.enum(connections).optional(),
  include_schemas: flagOrFalseSchema,
});
const toolkitQuery = z.strictObject({
  ...pageQuery,
  q: textOf(200).optional(),
  kind: kindSchema.optional(),
  category: categorySchema.optional(),
});

const tag = 'Catalogue';

export function addCatalogueRoutes(api: Api<Principal>, { catalogue }: { catalogue: CatalogueListings }): void {
  addRoute(api, {
    method: 'get',
    path: '/api/v1/tools',
    operationId: 'listTools',
    tag,
    summary: 'List the tools that the workspace can use',
    access: 'servers:read',
    query: toolQuery,
    responses: { 200: { description: 'A page of tools by slug', body: listOf(toolSchema) } },
    async handle({ principal, query }) {
      const { page, limit, q, toolkit, connection } = query;
      const { items, total } = await catalogue.listTools(principal, {
        page,
        limit,
        q,
        toolkit,
        connection,
        isReadOnly: query.read_only,
        withSchemas: query.include_schemas,
      });
      return succeedWithPage('Tools', query, { items: items.map(toToolAnswer), total });
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/api/v1/toolkits',
    operationId: 'listToolkits',
    tag,
    summary: 'List the toolkits of the workspace: connectors and workflows',
    access: 'servers:read',
    query: toolkitQuery,
    responses: { 200: { description: 'A page of toolkits by slug', body: listOf(toolkitSchema) } },
    async handle({ principal, query }) {
      const { q, kind, category, page, limit } = query;
      const { items, total } = await catalogue.listToolkits(principal, { q, kind, category, page, limit });
      return succeedWithPage('Toolkits', query, { items: items.map(toToolkitAnswer), total });
    },
  });
}

function toToolAnswer({ isReadOnly, isUnreviewed, inputSchema, ...tool }: ListedTool) {
  return {
    ...tool,
    read_only: isReadOnly,
    ...(isUnreviewed && { unreviewed: true as const }),
    ...(inputSchema === undefined ? {} : { input_schema: inputSchema }),
  };
}

function toToolkitAnswer({ toolsCount, instance, sla, ...toolkit }: ListedToolkit) {
  return {
    ...toolkit,
    tools_count: toolsCount,
    ...(instance && { instance_id: instance.id, instance_name: instance.name, connector: instance.connector }),
    ...(sla === undefined ? {} : { sla }),
  };
}
