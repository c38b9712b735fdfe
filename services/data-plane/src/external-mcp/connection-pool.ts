import { createHash } from 'node:crypto';
import type { HttpClient } from '../egress/http-client.ts';
import { type ExternalConnection, openConnection } from './connection.ts';
import type { ExternalTarget } from './external-target.ts';

const IDLE_MS_MAX = 5 * 60_000;
/** One that keeps a stream open, which others of its workspace may be waiting for: of HTTP+SSE, or whose server may ask. */
const IDLE_MS_MAX_STREAM = 15_000;
const IDLE_MAX = 500;
/** Of one server and one set of headers; of those that keep a stream open, of one host. */
const IDLE_ALIKE_MAX = 8;

type Limits = { timeoutMs: number; signal: AbortSignal };

export type ConnectionPool = {
  /** Gives a connection that serves nobody else until it is given back. `isFresh`: opened for this call. */
  take(target: ExternalTarget, limits: Limits): Promise<{ connection: ExternalConnection; isFresh: boolean }>;
  /** Opens another one, whatever is idle. */
  open(target: ExternalTarget, limits: Limits): Promise<ExternalConnection>;
  giveBack(target: ExternalTarget, connection: ExternalConnection): void;
  /** Ends the sessions that are idle. */
  close(): Promise<void>;
};

/**
 * Keeps connections, and with them the sessions of legacy servers, for the calls of the same workspace and headers. Servers
 * are told once for a session what they may ask for, so those of other abilities are others.
 */
export function createConnectionPool({ http }: { http: HttpClient }): ConnectionPool {
  /** The one that was given back last stands last. */
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
