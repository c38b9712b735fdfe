import { type Api, addRoute, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../platform/principals/principal.ts';
import { idSchema, ifMatchSchema, toVersion } from '../platform/request-schemas.ts';
import { diagnosticSchema } from './documents/document-schemas.ts';
import type { ServerLifecycle } from './lifecycle.ts';
import { serversTag, shownServerSchema, slugSchema, toServerAnswer, twins } from './server-answers.ts';

const params = z.strictObject({ id: idSchema });

const duplicateSchema = shownServerSchema
  .extend({
    secretsToSet: z
      .array(z.string())
      .meta({ description: 'Names of the secrets of the original, whose values are not copied' }),
    diagnostics: z
      .array(diagnosticSchema)
      .meta({ description: 'Advice on the tools that clients see, and on the document that runs' }),
  })
  .meta({ id: 'DuplicatedMcpServer' });

const steps = [
  { name: 'stop', summary: 'Stop an MCP server: it offers nothing until it is started' },
  { name: 'start', summary: 'Start an MCP server that was stopped' },
  { name: 'archive', summary: 'Stop an MCP server and keep it out of lists; its name stays taken' },
  { name: 'unarchive', summary: 'List an archived MCP server again; it stays stopped' },
] as const;

export function addLifecycleRoutes(
  api: Api<Principal>,
  { lifecycle, edgePublicUrl }: { lifecycle: ServerLifecycle; edgePublicUrl: string },
): void {
  const toAnswer = toServerAnswer(edgePublicUrl);
  for (const { base, suffix } of twins) {
    for (const { name, summary } of steps) {
      addRoute(api, {
        method: 'post',
        path: `${base}/{id}/${name}`,
        operationId: `${name}McpServer${suffix}`,
        tag: serversTag,
        summary,
        description: 'With `If-Match`, this answers 409 if somebody else made a change.',
        access: 'servers:write',
        params,
        headers: z.object({ 'if-match': ifMatchSchema }),
        responses: { 200: { description: 'The server', body: successOf(shownServerSchema) } },
        async handle({ principal, params: { id }, headers }) {
          const server = await lifecycle[name](principal, id, toVersion(headers['if-match']));
          return { ...succeed(200, 'MCP server', toAnswer(server)), headers: { etag: `"${server.version}"` } };
        },
      });
    }
    addRoute(api, {
      method: 'post',
      path: `${base}/{id}/duplicate`,
      operationId: `duplicateMcpServer${suffix}`,
      tag: serversTag,
      summary: 'Create an MCP server with the settings and the document of another',
      access: 'servers:write',
      params,
      body: z.strictObject({ name: slugSchema }),
      responses: { 201: { description: 'The new server', body: successOf(duplicateSchema) } },
      async handle({ principal, params: { id }, body }) {
        const { server, ...more } = await lifecycle.duplicate(principal, id, body.name);
        return succeed(201, 'MCP server created', { ...toAnswer(server), ...more });
      },
    });
  }
}
