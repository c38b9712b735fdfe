import { assembleTrace, callOutcomeSchema, debugCallerKindSchema, errorCodeSchema } from '@toolplane/contracts';
import {
  type Api,
  addRoute,
  EventStreamBody,
  eventStreamSchema,
  succeed,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, timestampSchema } from '../../platform/request-schemas.ts';
import type { DebugSessions } from './debug-sessions.ts';
import { toSeenCalls } from './seen-calls.ts';

const seenCallSchema = z
  .object({
    call_id: z.string(),
    server_id: z.string().optional().meta({ description: 'The server to which the tool belongs' }),
    tool: z.string().optional(),
    caller: debugCallerKindSchema.optional().meta({ description: '`debugger`: you' }),
    started_at: timestampSchema,
    events: z.int(),
    outcome: callOutcomeSchema.optional().meta({ description: 'Absent: it has not ended' }),
    code: errorCodeSchema.optional(),
    duration_ms: z.number().optional(),
  })
  .meta({ id: 'SeenCall' });

/** The schema describes only the first level of nodes, because they are nested as deeply as the run. */
export const traceSchema = z
  .looseObject({
    type: z.literal('flow.run'),
    flow_id: z.string(),
    duration_ms: z.number(),
    children: z.array(z.looseObject({ type: z.enum(['flow.run', 'step.run']) })),
  })
  .meta({ id: 'CallTrace' });

const sessionParams = { id: idSchema, sessionId: idSchema };
export const tokenHeader = z.string().max(200).optional().meta({
  description:
    '`Token` and the token of the session, in addition to the API key or the cookie of the person or key that opened it',
});

/** Routes for the calls of a debug session, for the person or key that opened it and has its token. */
export function addTraceRoutes(
  api: Api<Principal>,
  { debugSessions, path, suffix, tag }: { debugSessions: DebugSessions; path: string; suffix: string; tag: string },
): void {
  const { following } = debugSessions;
  const about = { tag, access: 'debug:write', method: 'get' } as const;
  addRoute(api, {
    ...about,
    path: `${path}/{sessionId}/events`,
    operationId: `followDebugSession${suffix}`,
    summary: 'Follow a debug session live, as server-sent events',
    description:
      'Each event is JSON in the schema of debug events. The stream begins with the first existing event or, with `Last-Event-ID`, ' +
      'after that event. The last event is `end`, which says why the session ended.',
    params: z.strictObject(sessionParams),
    headers: z.object({
      authorization: tokenHeader,
      'last-event-id': z
        .string()
        .regex(/^\d{1,16}-\d{1,16}$/, 'must be an event id')
        .optional(),
    }),
    responses: { 200: { description: 'The events', body: eventStreamSchema } },
    async handle({ principal, params: { id, sessionId }, headers }) {
      const place = { server: id, sessionId, authorization: headers.authorization };
      const session = await debugSessions.admit(principal, place);
      const stream = new EventStreamBody(following.follow(session, headers['last-event-id']));
      return { status: 200 as const, body: stream };
    },
  });
  addRoute(api, {
    ...about,
    path: `${path}/{sessionId}/calls`,
    operationId: `listSeenCalls${suffix}`,
    summary: 'List the calls in a debug session, oldest first',
    description: 'Only calls that are still kept: the oldest are dropped first. A session that has ended has none.',
    params: z.strictObject(sessionParams),
    headers: z.object({ authorization: tokenHeader }),
    responses: { 200: { description: 'The calls', body: successOf(z.array(seenCallSchema)) } },
    async handle({ principal, params: { id, sessionId }, headers }) {
      const place = { server: id, sessionId, authorization: headers.authorization };
      const session = await debugSessions.admit(principal, place);
      return succeed(200, 'Calls', toSeenCalls(await following.readAll(session)));
    },
  });
  addRoute(api, {
    ...about,
    path: `${path}/{sessionId}/calls/{callId}/trace`,
    operationId: `getCallTrace${suffix}`,
    summary: 'Get the trace of a call in a debug session',
    description: 'A tree: `flow.run` contains `step.run`, which contains `action.run`.',
    params: z.strictObject({ ...sessionParams, callId: idSchema }),
    headers: z.object({ authorization: tokenHeader }),
    responses: { 200: { description: 'The trace', body: successOf(traceSchema) } },
    async handle({ principal, params: { id, sessionId, callId }, headers }) {
      const place = { server: id, sessionId, authorization: headers.authorization };
      const session = await debugSessions.admit(principal, place);
      const trace = assembleTrace(await following.readCall(session, callId), callId);
      return succeed(200, 'Trace', orNotFound(trace, 'call in this debug session'));
    },
  });
}
