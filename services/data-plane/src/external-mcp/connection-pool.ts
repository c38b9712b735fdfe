import { createHash } from 'node:crypto';
import type { HttpClient } from '../egress/http-client.ts';
import { type ExternalConnection, openConnection } from './connection.ts';
import type { ExternalTarget } from './external-target.ts';

const IDLE_MS_MAX = 5 * 60_000;
/**
 * A connection that keeps a stream open, for which others of its workspace may be waiting: HTTP+SSE, or a server that
 * may ask.
 */
const IDLE_MS_MAX_STREAM = 15_000;
const IDLE_MAX = 500;
/** The limit per server and set of headers, and with sessions per owner; for those that keep a stream open, per host. */
const IDLE_ALIKE_MAX = 8;

type Idle = {
  key: string;
  /** Of its session. Undefined: it has none, and serves everybody. */
  owner: string | undefined;
  group: string;
  connection: ExternalConnection;
  timer: NodeJS.Timeout;
};

type Limits = { timeoutMs: number; signal: AbortSignal };

export type ConnectionPool = {
  /** Returns a connection that serves nobody else until it is given back. `isFresh`: opened for this call. */
  take(target: ExternalTarget, limits: Limits): Promise<{ connection: ExternalConnection; isFresh: boolean }>;
  /** Opens another connection even if one is idle. */
  open(target: ExternalTarget, limits: Limits): Promise<ExternalConnection>;
  giveBack(target: ExternalTarget, connection: ExternalConnection): void;
  /** Ends the idle sessions. */
  close(): Promise<void>;
};

/**
 * Keeps connections for calls of the same workspace and headers. A legacy server may keep in a session what one caller
 * did (a browser, a shopping cart), so a session serves only calls of the caller for whom it was opened. A server is told
 * once per session what it may ask for, so different abilities use different connections.
 */
export function createConnectionPool({ http }: { http: HttpClient }): ConnectionPool {
  /** The most recently returned connection is last. */
  let idle: Idle[] = [];

  function remove(connection: ExternalConnection): void {
    for (const entry of idle) if (entry.connection === connection) clearTimeout(entry.timer);
    idle = idle.filter((entry) => entry.connection !== connection);
  }

  const drop = (connection: ExternalConnection) => {
    remove(connection);
    return connection.close();
  };

  return {
    async take(target, limits) {
      const key = keyOf(target);
      const mayUse = ({ owner }: Idle) => owner === undefined || owner === target.sessionOwner;
      const isKnown = (it: Idle) => it.key === key && mayUse(it) && !it.connection.isBroken;
      const known = idle.findLast(isKnown)?.connection;
      if (known === undefined) return { connection: await openConnection(http, target, limits), isFresh: true };
      remove(known);
      return { connection: known, isFresh: false };
    },
    open: (target, limits) => openConnection(http, target, limits),
    giveBack(target, connection) {
      const { workspaceId, url, transport, sessionOwner } = target;
      const isNobodys = connection.hasSession && sessionOwner === undefined;
      if (connection.isBroken || isNobodys) return void connection.close();
      const owner = connection.hasSession ? sessionOwner : undefined;
      const hasStream = transport === 'sse' || target.abilities.length > 0;
      const key = keyOf(target);
      const group = hasStream ? `${workspaceId} ${new URL(url).origin}` : `${key} ${owner}`;
      const timer = setTimeout(() => void drop(connection), hasStream ? IDLE_MS_MAX_STREAM : IDLE_MS_MAX).unref();
      idle.push({ key, owner, group, connection, timer });
      const alike = idle.filter((entry) => entry.group === group);
      const [oldest] = alike.length > IDLE_ALIKE_MAX ? alike : idle.length > IDLE_MAX ? idle : [];
      if (oldest !== undefined) void drop(oldest.connection);
    },
    async close() {
      await Promise.all(idle.map(({ connection }) => drop(connection)));
    },
  };
}

/** Header values are secrets, so only their digest is kept. */
function keyOf({ workspaceId, url, transport, era, headers, abilities }: ExternalTarget): string {
  return createHash('sha256')
    .update(JSON.stringify([workspaceId, url, transport, era, headers, [...abilities].sort()]))
    .digest('hex');
}
