import { type ExternalTool, externalEras, externalTransports } from '@toolplane/contracts';
import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, textOf, timestampSchema } from '../../platform/request-schemas.ts';
import { serversTag, twins } from '../server-answers.ts';
import { externalFlagsSchema, leftOutSchema } from './external-answers.ts';
import { externalTransportSchema, externalUrlSchema } from './external-config.ts';
import type { ExternalServers } from './external-servers.ts';

const loadedSchema = z
  .object({
    server: z.object({ name: z.string(), title: z.string().optional(), version: z.string() }),
    era: z.enum(externalEras),
    transport: z.enum(externalTransports),
    tools: z.array(
      z.object({
        name: z.string(),
        title: z.string().optional(),
        description: z.string().optional(),
        inputSchema: z.record(z.string(), z.unknown()),
        outputSchema: z.record(z.string(), z.unknown()).optional(),
        annotations: z.record(z.string(), z.unknown()).optional(),
        flags: externalFlagsSchema.optional(),
      }),
    ),
    promptsCount: z.int(),
    resourcesCount: z.int(),
    leftOut: z.array(leftOutSchema),
    loadedAt: timestampSchema,
    isCached: z.boolean(),
  })
  .meta({ id: 'LoadedTools' });

const loadBodySchema = z.strictObject({
  url: externalUrlSchema,
  transport: externalTransportSchema.optional(),
  headers: z
    .strictObject({ sealed: z.string().min(1).max(131_072) })
    .optional()
    .meta({
      description: 'Sealed like a secret, with the host of the URL; the value is an object of headers as JSON text',
    }),
  cacheMinutes: z.int().min(0).max(1440).default(0).meta({
    description: 'Maximum age of the answer, and the minimum time for which it is kept, for the same URL and headers',
  }),
});

const approvalSchema = z.union([
  textOf(128),
  z.strictObject({
    name: textOf(128),
    digest: textOf(128).meta({ description: 'The digest in `reviewed`; 409 if the tool has changed since' }),
  }),
]);

export function addExternalServerRoutes(
  api: Api<Principal>,
  { externalServers }: { externalServers: ExternalServers },
): void {
  for (const { base, suffix } of twins) {
    addRoute(api, {
      method: 'post',
      path: `${base}/load-tools-from-url`,
      operationId: `loadToolsFromUrl${suffix}`,
      isQuestion: true,
      tag: serversTag,
      summary: 'List the tools of any MCP server, without attaching it',
      access: 'servers:write',
      body: loadBodySchema,
      responses: { 200: { description: 'What the server declares', body: successOf(loadedSchema) } },
      async handle({ principal, body }) {
        const { url, transport = null, headers, cacheMinutes } = body;
        const request = { url, transport, sealedHeaders: headers?.sealed, cacheMinutes };
        const { declared, loadedAt, isCached } = await externalServers.loadTools(principal, request);
        const { era, serverInfo, tools, prompts, resources, resourceTemplates, leftOut } = declared;
        return succeed(200, 'Tools of the MCP server', {
          server: serverInfo,
          era,
          transport: declared.transport,
          leftOut,
          isCached,
          tools: tools.map(toTool),
          promptsCount: prompts.length,
          resourcesCount: resources.length + resourceTemplates.length,
          loadedAt: loadedAt.toISOString(),
        });
      },
    });
    addRoute(api, {
      method: 'post',
      path: `${base}/{id}/external/{name}/approve`,
      operationId: `approveExternalTools${suffix}`,
      tag: serversTag,
      summary: 'Approve tools of an external MCP server as they are now',
      description: 'Approves all tools that are new or changed since their approval, or only those that are named.',
      access: 'servers:write',
      params: z.strictObject({ id: idSchema, name: textOf(64) }),
      body: z.strictObject({ tools: z.array(approvalSchema).max(1000).optional() }),
      responses: { 200: { description: 'Approved', body: successOf(z.object({ approved: z.array(z.string()) })) } },
      async handle({ principal, params: { id, name }, body }) {
        return succeed(
          200,
          'Tools approved',
          await externalServers.approve(principal, id, name, body.tools?.map(toApproval)),
        );
      },
    });
  }
}

const toApproval = (tool: z.infer<typeof approvalSchema>) => (typeof tool === 'string' ? { name: tool } : tool);

function toTool({ name, title, description, inputSchema, outputSchema, annotations, flags }: ExternalTool) {
  return {
    name,
    inputSchema,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(outputSchema !== undefined && { outputSchema }),
    ...(annotations !== undefined && { annotations }),
    ...(flags !== undefined && { flags }),
  };
}
