import { z } from 'zod';
import { timestampSchema } from '../platform/request-schemas.ts';
import { externalShownSchema } from './external-servers/external-answers.ts';
import { ownIssuerSchema } from './own-issuers/own-issuer.ts';
import type { Server } from './server-record.ts';

/* Defines the common parts of the routes of servers. */

export const serversTag = 'MCP servers';

/** Routes of servers exist under both paths, except those of deployments and secrets. */
export const twins = [
  { base: '/api/v1/mcp-servers', suffix: '' },
  { base: '/api/v1/mcp_manager', suffix: 'ByManager' },
];

export const slugSchema = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be words of lowercase letters and digits, joined by hyphens');

export const modeSchema = z.enum(['SMART', 'NORMAL']);

export const serverSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    url: z.url().meta({ description: 'The MCP endpoint' }),
    state: z.enum(['stopped', 'running', 'errored']),
    isStopped: z.boolean().meta({ description: 'Somebody stopped it: it offers nothing until it is started' }),
    isArchived: z.boolean(),
    mode: modeSchema,
    pool: z.string().nullable().meta({
      description: 'The pool of data planes; only these run its calls and have its secrets; null: the default pool',
    }),
    isPublic: z.boolean(),
    config: z.object({ allowedHosts: z.array(z.string()), allowSharedConnections: z.boolean() }),
    oauth: ownIssuerSchema.nullable().meta({
      description: "The owner's own authorization server; null: tokens of the platform's server are accepted",
    }),
    sourceServers: z.record(z.string(), z.string()),
    selectedTools: z.array(z.string()),
    version: z
      .int()
      .meta({ description: 'Incremented by each change; send it with a change to detect changes by others' }),
    activeDeploymentId: z.string().nullable(),
    connectorInstanceId: z.string().nullable().meta({
      description: 'The connector instance to which the server belongs; only the instance decides what it runs',
    }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: 'McpServer' });

export const selectionFields = {
  renamed: z.array(z.object({ slug: z.string(), name: z.string() })).meta({
    description:
      'Selected tools that have another name here than on their own server, because another tool has that name',
  }),
  missing: z.array(z.string()).meta({
    description: 'Slugs of selected tools that are not in the catalogue now: clients do not see them until they return',
  }),
  leftOut: z.array(z.object({ slug: z.string(), reason: z.string() })).meta({
    description: 'Selected tools for which no name is available on this server',
  }),
  exposed: z.array(z.string()).meta({
    description:
      'For a public server: slugs of selected tools that anybody can call here, with the secrets and connections of a server that itself requires a key',
  }),
};

export const shownServerSchema = serverSchema
  .extend({ ...selectionFields, externalMcpConfigs: z.array(externalShownSchema) })
  .meta({ id: 'ShownMcpServer' });

export function toServerAnswer(edgePublicUrl: string) {
  return <Shown extends Server>({ slug, allowedHosts, sharesConnections, ownIssuer, ...server }: Shown) => ({
    ...server,
    slug,
    oauth: ownIssuer,
    name: slug,
    url: `${edgePublicUrl}/mcp/${server.id}`,
    config: { allowedHosts, allowSharedConnections: sharesConnections },
  });
}
