import type { LoggedCall } from '@toolplane/bus';
import type { CallerKind, CallOutcome, Json } from '@toolplane/contracts';
import { type Call, Prisma } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

/**
 * The fields of a call in answers. The table stores some of them as text; their values were checked before they were
 * stored.
 */
export type KeptCall = Omit<Call, 'kind' | 'outcome' | 'source' | 'callerKind'> &
  Pick<LoggedCall, 'kind' | 'outcome' | 'source'> & { callerKind: CallerKind };

export type CallFilter = {
  serverId?: string | undefined;
  tool?: string | undefined;
  outcome?: CallOutcome | undefined;
  code?: string | undefined;
  agentId?: string | undefined;
  keyId?: string | undefined;
  username?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  minDurationMs?: number | undefined;
  client?: string | undefined;
  /** If `value` is absent, all calls with an analytics value of this name match. */
  analytics?: { name: string; value?: string } | undefined;
};

/** The start time and the id of a call: the position at which a list continues. */
export type CallPosition = Pick<KeptCall, 'startedAt' | 'id'>;

export type ToolStatistics = {
  serverId: string;
  originId: string | null;
  tool: string;
  kind: LoggedCall['kind'];
  calls: number;
  errors: number;
  notStarted: number;
  unknown: number;
  inputRequired: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  averageQueueMs: number | null;
  averageExecutionMs: number | null;
  averageUpstreamMs: number | null;
  requestBytes: number;
  responseBytes: number;
};

/** The number of rows is small enough that no statement comes near its time limit. */
const ROWS_PER_STATEMENT = 2000;

/** For the platform. Creates the partitions of days; those that already exist stay unchanged. */
export async function prepareDays(tx: Transaction, days: readonly Date[]): Promise<void> {
  const dates = days.map((day) => day.toISOString().slice(0, 10));
  await tx.$queryRaw`SELECT 1 FROM prepare_call_days(${dates}::text[]::date[])`;
}

/** For the platform: drops the partitions of earlier days with all their rows. */
export async function dropDaysBefore(tx: Transaction, day: Date): Promise<void> {
  await tx.$queryRaw`SELECT drop_call_days(${day.toISOString().slice(0, 10)}::text::date)`;
}

/**
 * For the platform. A call that is already recorded is not added again, even if another process adds it concurrently.
 * All calls of a statement are passed as one value, which is about ten times faster than a value per column.
 */
export async function insertCalls(tx: Transaction, calls: readonly LoggedCall[]): Promise<void> {
  for (let at = 0; at < calls.length; at += ROWS_PER_STATEMENT) {
    const rows = JSON.stringify(calls.slice(at, at + ROWS_PER_STATEMENT).map(toRow));
    await tx.$executeRaw`
      INSERT INTO calls (id, started_at, workspace_id, server_id, origin_id, tool, kind, outcome, code, duration_ms,
                         source, protocol_version, caller_kind, caller_id, agent_id, username, trace_id, queue_ms,
                         execution_ms, upstream_ms, request_bytes, response_bytes, client_name, client_version, analytics)
      SELECT id, started_at, workspace_id, server_id, origin_id, tool, kind, outcome, code, duration_ms,
             source, protocol_version, caller_kind, caller_id, agent_id, username, trace_id, queue_ms,
             execution_ms, upstream_ms, request_bytes, response_bytes, client_name, client_version, analytics
      FROM json_to_recordset(${rows}::text::json)
        AS row(id text, started_at timestamptz, workspace_id text, server_id text, origin_id text, tool text, kind text,
               outcome text, code text, duration_ms int, source text, protocol_version text, caller_kind text,
               caller_id text, agent_id text, username text, trace_id text, queue_ms int, execution_ms int,
               upstream_ms int, request_bytes int, response_bytes int, client_name text, client_version text,
               analytics jsonb)
      ON CONFLICT DO NOTHING`;
  }
}

function toRow({ caller, client, ...call }: LoggedCall): Record<string, Json | undefined> {
  return {
    id: call.id,
    started_at: new Date(call.startedAt).toISOString(),
    workspace_id: call.workspaceId,
    server_id: call.serverId,
    origin_id: call.originId,
    tool: call.tool,
    kind: call.kind,
    outcome: call.outcome,
    code: call.code,
    duration_ms: call.durationMs,
    source: call.source,
    protocol_version: call.protocolVersion,
    caller_kind: caller.kind,
    caller_id: caller.id,
    agent_id: caller.agentId,
    username: caller.username,
    trace_id: call.traceId,
    queue_ms: call.queueMs,
    execution_ms: call.executionMs,
    upstream_ms: call.upstreamMs,
    request_bytes: call.requestBytes,
    response_bytes: call.responseBytes,
    client_name: client?.name,
    client_version: client?.version,
    analytics: call.analytics,
  };
}

export async function findCall(tx: Transaction, workspaceId: string, id: string): Promise<KeptCall | undefined> {
  return ((await tx.call.findFirst({ where: { workspaceId, id } })) as KeptCall | null) ?? undefined;
}

export async function listCalls(
  tx: Transaction,
  workspaceId: string,
  filter: CallFilter,
  { after, limit, order }: { after: CallPosition | undefined; limit: number; order: 'asc' | 'desc' },
): Promise<KeptCall[]> {
  const beyond = order === 'asc' ? 'gt' : 'lt';
  const bound = order === 'asc' ? 'gte' : 'lte';
  const further =
    after === undefined
      ? {}
      : {
          // The first condition is implied by the second, in a form that an index supports.
          AND: [
            { startedAt: { [bound]: after.startedAt } },
            { OR: [{ startedAt: { [beyond]: after.startedAt } }, { id: { [beyond]: after.id } }] },
          ],
        };
  const rows = await tx.call.findMany({
    where: { ...toWhere(workspaceId, filter), ...further },
    orderBy: [{ startedAt: order }, { id: order }],
    take: limit,
  });
  return rows as KeptCall[];
}

/** `tool_error` counts as an error: the tool itself reported it. Times cover calls that ran to completion. */
export function readStatistics(
  tx: Transaction,
  workspaceId: string,
  { serverId, tool, from, to }: { serverId?: string | undefined; tool?: string | undefined; from: Date; to: Date },
  limit: number,
): Promise<ToolStatistics[]> {
  const ofServer = serverId === undefined ? Prisma.empty : Prisma.sql`AND server_id = ${serverId}`;
  const ofTool = tool === undefined ? Prisma.empty : Prisma.sql`AND tool = ${tool}`;
  return tx.$queryRaw<ToolStatistics[]>`
    SELECT server_id AS "serverId", origin_id AS "originId", tool, kind,
           (count(*) FILTER (WHERE outcome <> 'input_required'))::int AS calls,
           (count(*) FILTER (WHERE code IS NOT NULL))::int AS errors,
           (count(*) FILTER (WHERE outcome = 'not_started'))::int AS "notStarted",
           (count(*) FILTER (WHERE outcome = 'unknown'))::int AS unknown,
           (count(*) FILTER (WHERE outcome = 'input_required'))::int AS "inputRequired",
           percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE outcome = 'done') AS "p50Ms",
           percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE outcome = 'done') AS "p95Ms",
           percentile_disc(0.99) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE outcome = 'done') AS "p99Ms",
           avg(queue_ms)::int AS "averageQueueMs", avg(execution_ms)::int AS "averageExecutionMs",
           avg(upstream_ms)::int AS "averageUpstreamMs", coalesce(sum(request_bytes), 0)::float8 AS "requestBytes",
           coalesce(sum(response_bytes), 0)::float8 AS "responseBytes"
    FROM calls
    WHERE workspace_id = ${workspaceId} AND started_at >= ${from} AND started_at <= ${to} ${ofServer} ${ofTool}
    GROUP BY server_id, origin_id, tool, kind
    ORDER BY calls DESC, server_id, origin_id, tool, kind
    LIMIT ${limit}`;
}

function toWhere(workspaceId: string, filter: CallFilter): Prisma.CallWhereInput {
  const { serverId, tool, outcome, code, agentId, keyId, username, from, to, minDurationMs, client, analytics } =
    filter;
  return {
    workspaceId,
    ...(serverId === undefined ? {} : { serverId }),
    ...(tool === undefined ? {} : { tool }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(code === undefined ? {} : { code }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(keyId === undefined ? {} : { callerKind: 'key', callerId: keyId }),
    ...(username === undefined ? {} : { username }),
    ...(minDurationMs === undefined ? {} : { durationMs: { gte: minDurationMs } }),
    ...(client === undefined ? {} : { clientName: client }),
    ...(analytics === undefined ? {} : hasAnalytics(analytics)),
    startedAt: { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lte: to }) },
  };
}

/** A value in a query is text: it also matches a number or boolean that is written in the same way. */
function hasAnalytics({ name, value }: NonNullable<CallFilter['analytics']>): Prisma.CallWhereInput {
  const path = [name];
  if (value === undefined) return { analytics: { path, not: Prisma.AnyNull } };
  const plain = toPlain(value);
  const asPlain = plain === undefined ? [] : [{ analytics: { path, equals: plain } }];
  return { OR: [{ analytics: { path, equals: value } }, ...asPlain] };
}

/**
 * Converts text that is written like a JSON number or boolean. `007` stays text, and so does a value with more digits
 * than a number can hold.
 */
function toPlain(value: string): number | boolean | undefined {
  if (!/^(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?)$/.test(value)) return undefined;
  const plain = JSON.parse(value) as number | boolean;
  return plain === Infinity || plain === -Infinity ? undefined : plain;
}

/** The last call of those that were examined. */
export type ErasedUntil = { id: string; startedAt: Date };

/**
 * Removes a user name from some calls of a workspace, which are kept: the `limit` calls after `after`, in the order of
 * their time. If a token made a call, its subject is removed as well. Returns undefined if there are no such calls.
 */
export async function eraseUserAfter(
  tx: Transaction,
  { workspaceId, username, after, limit }: { workspaceId: string; username: string; after: ErasedUntil; limit: number },
): Promise<ErasedUntil | undefined> {
  const [last] = await tx.$queryRaw<ErasedUntil[]>`
    WITH examined AS MATERIALIZED (
      SELECT id, started_at, username FROM calls
      WHERE workspace_id = ${workspaceId} AND (started_at, id) > (${after.startedAt}, ${after.id})
      ORDER BY started_at, id LIMIT ${limit}
    ), erased AS (
      UPDATE calls c SET username = NULL, caller_id = CASE WHEN caller_kind = 'token' THEN NULL ELSE caller_id END
      FROM examined e WHERE c.id = e.id AND c.started_at = e.started_at AND e.username = ${username})
    SELECT id, started_at AS "startedAt" FROM examined ORDER BY started_at DESC, id DESC LIMIT 1`;
  return last;
}
