import { createHash } from 'node:crypto';
import type { HttpClient } from '../egress/http-client.ts';
import { type ExternalConnection, openConnection } from './connection.ts';
import type { ExternalTarget } from './external-target.ts';

const IDLE_MS_MAX = 5 * 60_000;
/**
 * The idle time of a connection that keeps a stream open, whose slot other calls of the workspace may need: HTTP+SSE,
 * or a server that may ask questions.
 */
const IDLE_MS_MAX_STREAM = 15_000;
/** The limit of idle connections for all workspaces. */
const IDLE_MAX = 500;
/** The limit of idle connections of a workspace per host. */
const IDLE_HOST_MAX = 50;
/**
 * The limit of idle connections per server, set of headers and owner of a session; for connections that keep a stream
 * open, per host.
 */
const IDLE_ALIKE_MAX = 8;

type Idle = {
  key: string;
  /** The owner of the connection's session. Undefined if it has no session, and may serve everybody. */
  owner: string | undefined;
  workspaceId: string;
  host: string;
  /** Connections of the same group count as alike. */
  group: string;
  connection: ExternalConnection;
  timer: NodeJS.Timeout;
};

type Limits = { timeoutMs: number; signal: AbortSignal };

export type ConnectionPool = {
  /**
   * Returns a connection that serves nobody else until it is released. `isFresh` is true if the connection was opened
   * for this call.
   */
  acquire(target: ExternalTarget, limits: Limits): Promise<{ connection: ExternalConnection; isFresh: boolean }>;
  /** Opens another connection even if one is idle. */
  open(target: ExternalTarget, limits: Limits): Promise<ExternalConnection>;
  release(target: ExternalTarget, connection: ExternalConnection): void;
  /** Ends the idle sessions. */
  close(): Promise<void>;
};

/**
 * Keeps connections for calls with the same workspace and headers. A legacy server may keep the state of one caller in
 * a session (a browser, a shopping cart), so a session serves only calls of the caller for whom it was opened. A server
 * learns once per session what it may ask for, so different abilities use different connections.
 */
export function createConnectionPool({ http }: { http: HttpClient }): ConnectionPool {
  /** The most recently returned connection is last. */
  let idle: Idle[] = [];
  const ending = new Set<Promise<void>>();
  let isClosed = false;

  async function end(connection: ExternalConnection): Promise<void> {
    const ended = connection.close();
    ending.add(ended);
    await ended;
    ending.delete(ended);
  }

  function remove(connection: ExternalConnection): void {
    for (const entry of idle) if (entry.connection === connection) clearTimeout(entry.timer);
    idle = idle.filter((entry) => entry.connection !== connection);
  }

  const discard = (connection: ExternalConnection) => {
    remove(connection);
    return end(connection);
  };

  return {
    async acquire(target, limits) {
      const key = keyOf(target);
      const mayUse = ({ owner }: Idle) => owner === undefined || owner === target.sessionOwner;
      const isKnown = (it: Idle) => it.key === key && mayUse(it) && !it.connection.isBroken;
      const known = idle.findLast(isKnown)?.connection;
      if (known === undefined) return { connection: await openConnection(http, target, limits), isFresh: true };
      remove(known);
      return { connection: known, isFresh: false };
    },
    open: (target, limits) => openConnection(http, target, limits),
    release(target, connection) {
      const { workspaceId, url, transport, sessionOwner } = target;
      const isUnowned = connection.hasSession && sessionOwner === undefined;
      if (isClosed || connection.isBroken || isUnowned) return void end(connection);
      const owner = connection.hasSession ? sessionOwner : undefined;
      const hasStream = transport === 'sse' || target.abilities.length > 0;
      const key = keyOf(target);
      const host = `${workspaceId} ${new URL(url).origin}`;
      const group = hasStream ? host : `${key} ${owner}`;
      const timer = setTimeout(() => void discard(connection), hasStream ? IDLE_MS_MAX_STREAM : IDLE_MS_MAX).unref();
      const entry = { key, owner, workspaceId, host, group, connection, timer };
      idle.push(entry);
      const excess = findExcess(idle, entry);
      if (excess !== undefined) void discard(excess.connection);
    },
    async close() {
      isClosed = true;
      for (const { connection } of idle) void discard(connection);
      await Promise.all(ending);
    },
  };
}

/**
 * Returns the connection to end if there are too many, including the one that was just returned. A workspace with many
 * idle connections loses its own.
 */
function findExcess(idle: readonly Idle[], { group, host }: Idle): Idle | undefined {
  const alike = idle.filter((it) => it.group === group);
  if (alike.length > IDLE_ALIKE_MAX) return alike[0];
  const atHost = idle.filter((it) => it.host === host);
  if (atHost.length > IDLE_HOST_MAX) return atHost[0];
  if (idle.length <= IDLE_MAX) return undefined;
  const byWorkspace = Object.values(Object.groupBy(idle, ({ workspaceId }) => workspaceId));
  return byWorkspace.reduce((most, it) => ((it?.length ?? 0) > (most?.length ?? 0) ? it : most), [])?.[0];
}

/** Header values are secrets, so only their digest is kept. */
function keyOf({ workspaceId, url, transport, era, headers, abilities }: ExternalTarget): string {
  return createHash('sha256')
    .update(JSON.stringify([workspaceId, url, transport, era, headers, [...abilities].sort()]))
    .digest('hex');
}
