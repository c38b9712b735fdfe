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
import { idSchema } from '../../platform/request-schemas.ts';
import { twins } from '../../servers/server-answers.ts';
import { openedSessionSchema, openRequestSchema, sessionSchema, toSessionAnswer } from './answers.ts';
import type { DebugSessions } from './debug-sessions.ts';
import { addTraceRoutes } from './trace-routes.ts';

const tag = 'Debug sessions';
const serverParams = z.strictObject({ id: idSchema });
const params = z.strictObject({ id: idSchema, sessionId: idSchema });

export function addDebugSessionRoutes(
  api: Api<Principal>,
  { debugSessions, edgePublicUrl }: { debugSessions: DebugSessions; edgePublicUrl: string },
): void {
  for (const { base, suffix } of twins) {
    const path = `${base}/{id}/debug-sessions`;
    addRoute(api, {
      method: 'post',
      path,
      operationId: `openDebugSession${suffix}`,
      tag,
      summary: 'Open a debug session, in which you see for a while what the tools of an MCP server do when they run',
      description:
        'A server has one session at a time: 409 says who has it. Nobody else sees what you see, and all of it is deleted when the session ends.',
      access: 'debug:write',
      params: serverParams,
      body: openRequestSchema,
      responses: { 201: { description: 'The session, with its token', body: successOf(openedSessionSchema) } },
      async handle({ principal, params: { id }, body: { minutes, environment = null } }) {
        const { session, token } = await debugSessions.open(principal, id, { minutes, environment });
        const run_url = `${edgePublicUrl}/mcp/${session.serverId}/debug/{tool}`;
        return succeed(201, 'Debug session opened', { ...toSessionAnswer(session), token, run_url });
      },
    });
    addRoute(api, {
      method: 'get',
      path,
      operationId: `listDebugSessions${suffix}`,
      tag,
      summary: 'List who debugged an MCP server, and when',
      access: 'servers:read',
      params: serverParams,
      query: z.strictObject(pageQuery),
      responses: { 200: { description: 'A page of debug sessions, newest first', body: listOf(sessionSchema) } },
      async handle({ principal, params: { id }, query }) {
        const found = await debugSessions.list(principal, id, query);
        return succeedWithPage('Debug sessions', query, { ...found, items: found.items.map(toSessionAnswer) });
      },
    });
    addRoute(api, {
      method: 'get',
      path: `${path}/{sessionId}`,
      operationId: `getDebugSession${suffix}`,
      tag,
      summary: 'Get a debug session',
      access: 'servers:read',
      params,
      responses: { 200: { description: 'The session', body: successOf(sessionSchema) } },
      async handle({ principal, params: { id, sessionId } }) {
        return succeed(200, 'Debug session', toSessionAnswer(await debugSessions.get(principal, id, sessionId)));
      },
    });
    addRoute(api, {
      method: 'delete',
      path: `${path}/{sessionId}`,
      operationId: `endDebugSession${suffix}`,
      tag,
      summary: 'End a debug session',
      description: "Ending another person's session also requires `members:write`. All recorded data is deleted.",
      access: 'debug:write',
      params,
      responses: { 200: { description: 'The ended session', body: successOf(sessionSchema) } },
      async handle({ principal, params: { id, sessionId } }) {
        return succeed(200, 'Debug session ended', toSessionAnswer(await debugSessions.end(principal, id, sessionId)));
      },
    });
    addTraceRoutes(api, { debugSessions, path, suffix, tag });
  }
}
