import type { LoggedCall } from '@toolplane/bus';
import { notValid } from '@toolplane/contracts';
import type { Cursors } from '../../platform/cursor.ts';
import type { Database, Tenant, Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { EARLIEST_MS } from '../../platform/request-schemas.ts';
import { getServer } from '../../servers/server-record.ts';
import {
  type CallFilter,
  dropDaysBefore,
  type ErasedUntil,
  eraseUserAfter,
  findCall,
  insertCalls,
  type KeptCall,
  listCalls,
  prepareDays,
  readStatistics,
  type ToolStatistics,
} from './store.ts';

export type { CallFilter, KeptCall, ToolStatistics } from './store.ts';

type Page = { cursor: string | undefined; limit: number };
type CallPage = { calls: KeptCall[]; nextCursor: string | undefined };
type Span = {
  serverId?: string | undefined;
  tool?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
};

export type CallLog = {
  /** Records the calls that edges have reported; a call that is already recorded is not added again. */
  takeOver(calls: readonly LoggedCall[]): Promise<void>;
  /** Returns the newest calls first. */
  list(principal: Principal, filter: CallFilter, page: Page): Promise<CallPage>;
  get(principal: Principal, id: string): Promise<KeptCall>;
  statistics(principal: Principal, span: Span): Promise<{ from: Date; to: Date; tools: ToolStatistics[] }>;
  /** Returns the oldest calls first. */
  export(principal: Principal, filter: CallFilter, cursor: string | undefined): Promise<CallPage>;
  /** The URL of the call's trace; null if it has none, or if no Jaeger is configured. */
  traceUrlOf(call: Pick<KeptCall, 'traceId'>): string | null;
  /** Creates the partitions of the coming days, and drops those beyond the retention period. */
  sweep(): Promise<void>;
};

const DAY_MS = 86_400_000;
/**
 * The maximum age in days of a reported call if the retention is unlimited. Edges keep calls for hours at most, so an
 * older call comes from a wrong clock.
 */
/** One statement examines this many calls when a user is erased. */
const ERASED_AT_ONCE_MAX = 20_000;
const LATE_DAYS_MAX = 30;
/**
 * The number of days for which partitions are created in advance, so that a control plane that was down for this long
 * still finds the partitions that it needs.
 */
const DAYS_AHEAD = 3;
const EXPORT_CALLS_MAX = 5000;
const STATISTICS_DAYS_MAX = 31;
const STATISTICS_TOOLS_MAX = 1000;

export function createCallLog(options: {
  database: Database;
  cursors: Cursors;
  /** 0 means that everything is kept. */
  retentionDays: number;
  /** Base URL of the Jaeger that has the traces. */
  jaegerUrl?: string | undefined;
  now?: () => number;
}): CallLog {
  const { database, cursors, retentionDays, jaegerUrl, now = Date.now } = options;
  /** The days whose partitions are known to exist, each identified by its first millisecond. */
  const prepared = new Set<number>();

  const dayOf = (time: number) => time - (time % DAY_MS);
  const oldestDay = () => dayOf(now()) - (retentionDays === 0 ? LATE_DAYS_MAX : retentionDays) * DAY_MS;

  async function prepare(days: readonly number[]): Promise<void> {
    const missing = days.filter((day) => !prepared.has(day));
    if (missing.length === 0) return;
    const dates = missing.map((day) => new Date(day));
    await database.asPlatform((tx) => prepareDays(tx, dates));
    for (const day of missing) prepared.add(day);
  }

  async function page(
    { workspaceId, organizationId }: Principal,
    filter: CallFilter,
    { cursor, limit, order }: Page & { order: 'asc' | 'desc' },
  ): Promise<CallPage> {
    const question = JSON.stringify(['calls', workspaceId, order, filter]);
    const position = cursor === undefined ? undefined : cursors.open(cursor, question);
    const after = position && { startedAt: new Date(position.value), id: position.id };
    const calls = await database.within({ organizationId, workspaceId }, async (tx) =>
      listCalls(tx, workspaceId, await withServerId(tx, filter), { after, limit, order }),
    );
    const last = calls.length < limit ? undefined : calls.at(-1);
    if (last === undefined) return { calls, nextCursor: undefined };
    const next = { value: last.startedAt.toISOString(), id: last.id, page: (position?.page ?? 1) + 1 };
    return { calls, nextCursor: cursors.seal(next, question) };
  }

  return {
    async takeOver(calls) {
      const [oldest, newest] = [oldestDay(), dayOf(now()) + 2 * DAY_MS];
      // Calls are always inserted in the same order, so that concurrent inserts do not deadlock.
      const kept = calls
        .filter(({ startedAt }) => startedAt >= oldest && startedAt < newest)
        .toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
      if (kept.length === 0) return;
      await prepare([...new Set(kept.map(({ startedAt }) => dayOf(startedAt)))]);
      await database.asPlatform((tx) => insertCalls(tx, kept));
    },
    list: (principal, filter, { cursor, limit }) => page(principal, filter, { cursor, limit, order: 'desc' }),
    get: async (principal, id) =>
      orNotFound(await database.within(principal, (tx) => findCall(tx, principal.workspaceId, id)), 'call'),
    async statistics(principal, { from, to = new Date(now()), ...of }) {
      const begin = from ?? new Date(Math.max(to.getTime() - DAY_MS, EARLIEST_MS));
      if (to.getTime() - begin.getTime() > STATISTICS_DAYS_MAX * DAY_MS) {
        throw notValid([{ path: 'query.from', message: `must be at most ${STATISTICS_DAYS_MAX} days before \`to\`` }]);
      }
      const tools = await database.within(principal, async (tx) => {
        const span = { ...(await withServerId(tx, of)), from: begin, to };
        return readStatistics(tx, principal.workspaceId, span, STATISTICS_TOOLS_MAX);
      });
      return { from: begin, to, tools };
    },
    export: (principal, filter, cursor) => page(principal, filter, { cursor, limit: EXPORT_CALLS_MAX, order: 'asc' }),
    traceUrlOf: ({ traceId }) => (jaegerUrl === undefined || traceId === null ? null : `${jaegerUrl}/trace/${traceId}`),
    async sweep() {
      const today = dayOf(now());
      await prepare(Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead * DAY_MS));
      if (retentionDays === 0) return;
      const oldest = oldestDay();
      await database.asPlatform((tx) => dropDaysBefore(tx, new Date(oldest)));
      for (const day of prepared) if (day < oldest) prepared.delete(day);
    },
  };
}

/**
 * Converts a slug to the id of the server. Ids contain a `_`, which slugs never do, and are used unchanged, so that
 * calls of a deleted server are still found.
 */
async function withServerId<T extends Pick<CallFilter, 'serverId'>>(tx: Transaction, filter: T): Promise<T> {
  const { serverId } = filter;
  if (serverId === undefined || serverId.includes('_')) return filter;
  return { ...filter, serverId: (await getServer(tx, serverId)).id };
}

/**
 * No index finds the calls of a user, so all calls of the workspace are examined, a limited number in each statement:
 * one statement that examines all of them could take longer than statements may.
 */
export async function eraseUserFromCalls(database: Database, tenant: Tenant, username: string): Promise<void> {
  const { workspaceId } = tenant;
  const eraseAfter = (after: ErasedUntil): Promise<ErasedUntil | undefined> =>
    database.within(tenant, (tx) => eraseUserAfter(tx, { workspaceId, username, after, limit: ERASED_AT_ONCE_MAX }));
  let last: ErasedUntil | undefined = { id: '', startedAt: new Date(0) };
  while (last !== undefined) last = await eraseAfter(last);
}
