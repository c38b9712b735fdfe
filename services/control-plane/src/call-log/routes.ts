import { type Api, addRoute, JsonText, jsonLinesSchema, succeed, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { idSchema, textOf, timeSchema, timestampSchema } from '../request-schemas.ts';
import type { CallLog, KeptCall } from './call-log.ts';

const outcomes = ['done', 'not_started', 'unknown', 'input_required'] as const;

const callSchema = z
  .object({
    id: z.string(),
    startedAt: timestampSchema,
    durationMs: z.int().meta({ description: 'At the edge, from the request to its outcome' }),
    serverId: z.string().meta({ description: 'Where it was called' }),
    originId: z.string().optional().meta({ description: 'The server that the tool is of, where that is another' }),
    tool: z.string().meta({ description: 'As its plan names it; of others than tools with `prompt:` or `resource:`' }),
    kind: z.string().meta({ description: '`tool`, `prompt`, `resource` or `completion`' }),
    outcome: z.string().meta({ description: '`input_required`: it asked; with the answers it is a call of its own' }),
    code: z
      .string()
      .optional()
      .meta({ description: 'Error code, or `tool_error`: the tool itself says that it failed' }),
    source: z.string().meta({ description: '`direct`, `execute_tools`, `task` or `debug`' }),
    protocolVersion: z.string(),
    caller: z.object({
      kind: z.string().meta({ description: '`key`, `token` or `anonymous`' }),
      id: z.string().optional(),
      agentId: z.string().optional(),
      username: z.string().optional(),
    }),
    queueMs: z.int().optional().meta({ description: 'Of its time: on the way to a worker and back' }),
    executionMs: z.int().optional().meta({ description: 'Of its time: in a worker; absent: none ran it' }),
    upstreamMs: z.int().optional().meta({ description: 'Of that: waiting for upstreams' }),
    requestBytes: z.int().optional().meta({ description: 'Of the call as it was sent to a worker, as JSON' }),
    responseBytes: z.int().optional().meta({ description: 'Of what the worker answered, as JSON' }),
    client: z
      .object({ name: z.string(), version: z.string().optional() })
      .optional()
      .meta({ description: 'As the client names itself' }),
    analytics: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .optional()
      .meta({ description: 'What the document declares to be kept of its calls' }),
    traceId: z.string().optional(),
    traceUrl: z.string().optional().meta({ description: 'The trace in Jaeger, where the platform has one' }),
  })
  .meta({ id: 'Call' });

const statisticsSchema = z
  .object({
    from: timestampSchema,
    to: timestampSchema,
    tools: z.array(
      z.object({
        serverId: z.string(),
        originId: z.string().optional(),
        tool: z.string(),
        kind: z.string(),
        calls: z.int(),
        errors: z.int().meta({ description: 'With a code: failed, not started, of unknown outcome' }),
        notStarted: z.int(),
        unknown: z.int(),
        inputRequired: z.int().meta({ description: 'Questions; they are none of the calls' }),
        p50Ms: z.int().optional().meta({ description: 'Of calls that are `done`; absent: there was none' }),
        p95Ms: z.int().optional(),
        p99Ms: z.int().optional(),
        averageQueueMs: z.int().optional().meta({ description: 'Of calls that a worker ran' }),
        averageExecutionMs: z.int().optional(),
        averageUpstreamMs: z.int().optional(),
        requestBytes: z.int().meta({ description: 'Of all calls together' }),
        responseBytes: z.int(),
      }),
    ),
  })
  .meta({ id: 'CallStatistics' });

const dateSchema = timeSchema.transform((text) => new Date(text)).optional();
const place = {
  server: idSchema.optional().meta({ description: 'Id or slug; of a deleted server its id' }),
  tool: textOf(512).optional(),
};
const filter = {
  ...place,
  outcome: z.enum(outcomes).optional(),
  code: textOf(64).optional(),
  agent: idSchema.optional(),
  key: idSchema.optional(),
  user: textOf(512).optional(),
  from: dateSchema,
  to: dateSchema,
  minDurationMs: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  client: textOf(64).optional().meta({ description: 'Name of a client' }),
  analytics: textOf(512)
    .transform((text) => {
      const at = text.indexOf('=');
      return at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
    })
    .optional()
    .meta({ description: 'A name, or `name=value`' }),
};
const cursorSchema = z.string().max(1000).optional();

const path = '/api/v1/calls';
const about = { tag: 'Call log', access: 'servers:read', method: 'get' } as const;

export function addCallLogRoutes(api: Api<Principal>, { callLog }: { callLog: CallLog }): void {
  addRoute(api, {
    ...about,
    path,
    operationId: 'listCalls',
    summary: 'List calls that have ended, newest first',
    query: z.strictObject({
      ...filter,
      cursor: cursorSchema.meta({ description: '`nextCursor` of the last page' }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    responses: {
      200: {
        description: 'A page of calls',
        body: z.object({
          success: z.literal(true),
          message: z.string(),
          data: z.array(callSchema),
          nextCursor: z.string().nullable().meta({ description: 'null: there is no further page' }),
        }),
      },
    },
    async handle({ principal, query: { cursor, limit, ...asked } }) {
      const { calls, nextCursor = null } = await callLog.list(principal, asked, { cursor, limit });
      const body = { success: true as const, message: 'Calls', data: calls.map(toAnswer(callLog)), nextCursor };
      return { status: 200 as const, body };
    },
  });
  addRoute(api, {
    ...about,
    path: `${path}/statistics`,
    operationId: 'getCallStatistics',
    summary: 'Count calls by server and tool',
    description: 'Of the last 24 hours, or from `from` to `to`: at most 31 days. The 1,000 tools with the most calls.',
    query: z.strictObject({ ...place, from: dateSchema, to: dateSchema }),
    responses: { 200: { description: 'Per tool', body: successOf(statisticsSchema) } },
    async handle({ principal, query }) {
      const { from, to, tools } = await callLog.statistics(principal, query);
      const shown = { from: from.toISOString(), to: to.toISOString(), tools: tools.map(withoutNulls) };
      return succeed(200, 'Statistics of calls', shown);
    },
  });
  addRoute(api, {
    ...about,
    path: `${path}/export`,
    operationId: 'exportCalls',
    summary: 'Export calls as JSON Lines, oldest first',
    description: 'At most 5,000 calls; `x-next` is the `cursor` of the next part, and is absent at the end.',
    query: z.strictObject({ ...filter, cursor: cursorSchema }),
    responses: { 200: { description: 'One call a line', body: jsonLinesSchema } },
    async handle({ principal, query: { cursor, ...asked } }) {
      const { calls, nextCursor } = await callLog.export(principal, asked, cursor);
      const text = calls.map((call) => `${JSON.stringify(toAnswer(callLog)(call))}\n`).join('');
      const headers: Record<string, string> = nextCursor === undefined ? {} : { 'x-next': nextCursor };
      return { status: 200 as const, body: new JsonText(text, 'application/x-ndjson'), headers };
    },
  });
  addRoute(api, {
    ...about,
    path: `${path}/{id}`,
    operationId: 'getCall',
    summary: 'Get a call that has ended',
    params: z.strictObject({ id: idSchema }),
    responses: { 200: { description: 'The call', body: successOf(callSchema) } },
    async handle({ principal, params }) {
      return succeed(200, 'Call', toAnswer(callLog)(await callLog.get(principal, params.id)));
    },
  });
}

type CallAnswer = z.input<typeof callSchema>;

const toAnswer =
  (callLog: CallLog) =>
  (call: KeptCall): CallAnswer => {
    const { id, startedAt, durationMs, serverId, originId, tool, kind, outcome, code, source } = call;
    const { protocolVersion, callerKind, callerId, agentId, username, traceId } = call;
    const { queueMs, executionMs, upstreamMs, requestBytes, responseBytes } = call;
    const { clientName, clientVersion, analytics } = call;
    return {
      id,
      startedAt: startedAt.toISOString(),
      durationMs,
      serverId,
      ...withoutNulls({ originId }),
      tool,
      kind,
      outcome,
      ...withoutNulls({ code }),
      source,
      protocolVersion,
      caller: { kind: callerKind, ...withoutNulls({ id: callerId, agentId, username }) },
      ...withoutNulls({ queueMs, executionMs, upstreamMs, requestBytes, responseBytes }),
      ...(clientName === null ? {} : { client: { name: clientName, ...withoutNulls({ version: clientVersion }) } }),
      ...(analytics === null ? {} : { analytics: analytics as NonNullable<CallAnswer['analytics']> }),
      ...withoutNulls({ traceId, traceUrl: callLog.traceUrlOf(call) }),
    };
  };

type WithoutNulls<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as null extends T[K] ? K : never]?: NonNullable<T[K]>;
};

/** What is not known is not there. */
function withoutNulls<T extends object>(row: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as WithoutNulls<T>;
}
