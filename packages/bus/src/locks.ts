import { hash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { keys } from './keys.ts';
import { orUnavailable } from './queue-unavailable.ts';
import { connectFailingFast, firstAttempt } from './redis-connection.ts';
import { defineScript } from './redis-script.ts';

const POLL_MS_FIRST = 10;
const POLL_MS_MAX = 200;

/** KEYS: lock. ARGV: owner. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** For what one of all workers may do at a time. */
export type Locks = {
  /**
   * Undefined when others held it for all of `waitMs`. It is lost after `holdMs`, so that nobody waits for a worker
   * that died: what is done under it must take less, or be harmless when done twice.
   */
  acquire(name: string, times: { holdMs: number; waitMs: number }): Promise<Lock | undefined>;
  close(): Promise<void>;
};

/** Disposing gives it back. */
export type Lock = AsyncDisposable;

/** Resolves when Redis answered or failed for the first time. What Redis does not answer is `queue_unavailable`. */
export async function createLocks({
  redisUrl,
  pool,
}: {
  redisUrl: string;
  /** Of the data planes that keep each other out. */
  pool?: string | undefined;
}): Promise<Locks> {
  const redis = connectFailingFast(redisUrl, 'locks');
  const release = defineScript(redis, 'toolplaneReleaseLock', RELEASE);
  await firstAttempt(redis, new Promise((resolve) => redis.once('ready', resolve)));
  return {
    async acquire(name, { holdMs, waitMs }) {
      const key = keys.lock(hash('sha256', name, 'base64url'), pool);
      const owner = randomUUID();
      const giveUpAt = performance.now() + waitMs;
      for (let pollMs = POLL_MS_FIRST; ; pollMs = Math.min(2 * pollMs, POLL_MS_MAX)) {
        if ((await orUnavailable(redis.set(key, owner, 'PX', holdMs, 'NX'))) === 'OK') break;
        const leftMs = giveUpAt - performance.now();
        if (leftMs <= 0) return undefined;
        await delay(Math.min(pollMs, leftMs));
      }
      return {
        async [Symbol.asyncDispose]() {
          // One that cannot be given back expires.
          await release([key], [owner]).catch(() => undefined);
        },
      };
    },
    async close() {
      redis.disconnect();
    },
  };
}
