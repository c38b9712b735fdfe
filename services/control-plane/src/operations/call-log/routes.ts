import { loggedCallSchema } from '@toolplane/bus';
import { callerKindSchema, callOutcomeSchema } from '@toolplane/contracts';
import {
  type Api,
  addRoute,
  JsonText,
  jsonLinesSchema,
  queryNumber,
  queryNumberOr,
  succeed,
  successOf,
} from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../../platform/principals/principal.ts';
import { idSchema, textOf, timeSchema, timestampSchema } from '../../platform/request-schemas.ts';
import type { CallLog, KeptCall } from './call-log.ts';

const { kind: kindSchema, source: sourceSchema } = loggedCallSchema.shape;

const callSchema = z
  .object({
    id: z.string(),
    startedAt: timestampSchema,
    durationMs: z.int().meta({ description: 'Measured at the edge, from the request to its outcome' }),
    serverId: z.string().meta({ description: 'The server at which the tool was called' }),
    originId: z
      .string()
      .optional()
      .meta({ description: 'The server to which the tool belongs, if that is another one' }),
    tool: z
      .string()
      .meta({ description: 'The name in its plan; prompts and resources have `prompt:` or `resource:` in front' }),
    kind: kindSchema,
    outcome: callOutcomeSchema.meta({
      description: '`input_required`: the call asked for input; the request with the answers is a separate call',
    }),
    code: z
      .string()
      .optional()
      .meta({ description: 'Error code, or `tool_error`: the tool itself reported a failure' }),
    source: sourceSchema.meta({ description: '`debug`: the run endpoint of a debug session' }),
    protocolVersion: z.string(),
    caller: z.object({
      kind: callerKindSchema,
      id: z.string().optional(),
      agentId: z.string().optional(),
      username: z.string().optional(),
    }),
    queueMs: z.int().optional().meta({ description: 'Part of the duration: on the way to a worker and back' }),
    executionMs: z
      .int()
      .optional()
      .meta({ description: 'Part of the duration: in a worker; absent: no worker ran it' }),
    upstreamMs: z.int().optional().meta({ description: 'Part of `executionMs`: waiting for upstreams' }),
    requestBytes: z.int().optional().meta({ description: 'Size of the call as sent to a worker, as JSON' }),
    responseBytes: z.int().optional().meta({ description: "Size of the worker's answer, as JSON" }),
    client: z
      .object({ name: z.string(), version: z.string().optional() })
      .optional()
      .meta({ description: 'The name that the client gives itself' }),
    analytics: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .optional()
      .meta({ description: 'What the document declares is to be recorded for its calls' }),
    traceId: z.string().optional(),
    traceUrl: z.string().optional().meta({ description: 'The trace in Jaeger, if the platform has a Jaeger' }),
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
        kind: kindSchema,
        calls: z.int(),
        errors: z.int().meta({ description: 'Calls with an error code: failed, not started or of unknown outcome' }),
        notStarted: z.int(),
        unknown: z.int(),
        inputRequired: z.int().meta({ description: 'Questions, which do not count as calls' }),
        p50Ms: z.int().optional().meta({ description: 'Over calls that are `done`; absent: there were none' }),
        p95Ms: z.int().optional(),
        p99Ms: z.int().optional(),
        averageQueueMs: z.int().optional().meta({ description: 'Over calls that a worker ran' }),
        averageExecutionMs: z.int().optional(),
        averageUpstreamMs: z.int().optional(),
        requestBytes: z.int().meta({ description: 'Total over all calls' }),
        responseBytes: z.int(),
      }),
    ),
  })
  .meta({ id: 'CallStatistics' });

const dateSchema = timeSchema.transform((text) => new Date(text)).optional();
const place = {
  serverId: idSchema.optional().meta({ description: 'Id or slug; for a deleted server, its id' }),
  tool: textOf(512).optional(),
};
const filter = {
  ...place,
  outcome: callOutcomeSchema.optional(),
  code: textOf(64).optional(),
  agentId: idSchema.optional(),
  keyId: idSchema.optional().meta({ description: '`id` of a caller of the kind `key`' }),
  username: textOf(512).optional(),
  from: dateSchema,
  to: dateSchema,
  minDurationMs: queryNumber({ min: 0, max: 2_147_483_647 }).optional(),
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
      cursor: cursorSchema.meta({ description: '`nextCursor` of the previous page' }),
      limit: queryNumberOr(50, { min: 1, max: 200 }),
    }),
    responses: {
      200: {
        description: 'A page of calls',
        body: z.object({
          success: z.literal(true),
          message: z.string(),
          data: z.array(callSchema),
          nextCursor: z.string().nullable().meta({ description: 'null: there are no more pages' }),
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
    description:
      'For the last 24 hours, or from `from` to `to`: at most 31 days. Covers the 1,000 tools with the most calls.',
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
    description: 'At most 5,000 calls; `x-next-cursor` is the `cursor` for the next part, and is absent at the end.',
    query: z.strictObject({ ...filter, cursor: cursorSchema }),
    responses: { 200: { description: 'One call per line', body: jsonLinesSchema } },
    async handle({ principal, query: { cursor, ...asked } }) {
      const { calls, nextCursor } = await callLog.export(principal, asked, cursor);
      const text = calls.map((call) => `${JSON.stringify(toAnswer(callLog)(call))}\n`).join('');
      const headers: Record<string, string> = nextCursor === undefined ? {} : { 'x-next-cursor': nextCursor };
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

/** Removes fields with unknown values. */
function withoutNulls<T extends object>(row: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as WithoutNulls<T>;
}
