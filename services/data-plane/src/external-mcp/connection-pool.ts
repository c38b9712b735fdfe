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
/** The limit per server and set of headers; for connections that keep a stream open, per host. */
const IDLE_ALIKE_MAX = 8;

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
 * Keeps connections, and with them the sessions of legacy servers, for calls of the same workspace and headers. A
 * server is told once per session what it may ask for, so different abilities use different connections.
 */
export function createConnectionPool({ http }: { http: HttpClient }): ConnectionPool {
  /** The most recently returned connection is last. */
  let idle: { key: string; group: string; connection: ExternalConnection; timer: NodeJS.Timeout }[] = [];

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
      const known = idle.findLast((entry) => entry.key === key && !entry.connection.isBroken)?.connection;
      if (known === undefined) return { connection: await openConnection(http, target, limits), isFresh: true };
      remove(known);
      return { connection: known, isFresh: false };
    },
    open: (target, limits) => openConnection(http, target, limits),
    giveBack(target, connection) {
      if (connection.isBroken) return void connection.close();
      const { workspaceId, url, transport } = target;
      const hasStream = transport === 'sse' || target.abilities.length > 0;
      const key = keyOf(target);
      const group = hasStream ? `${workspaceId} ${new URL(url).origin}` : key;
      const timer = setTimeout(() => void drop(connection), hasStream ? IDLE_MS_MAX_STREAM : IDLE_MS_MAX).unref();
      idle.push({ key, group, connection, timer });
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
