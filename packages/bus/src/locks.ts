import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type BusConnection, firstAttempt } from './bus-connection.ts';
import { hashOfId, type InPool, keys } from './keys.ts';
import { orUnavailable } from './queue-unavailable.ts';
import { defineScript } from './redis-script.ts';

const POLL_MS_FIRST = 10;
const POLL_MS_MAX = 200;

/** KEYS: key. ARGV: owner. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** Deletes a key if its value is this owner. */
export function defineRelease(redis: Redis): (key: string, owner: string) => Promise<unknown> {
  const release = defineScript(redis, 'toolplaneRelease', RELEASE);
  return (key, owner) => release([key], [owner]);
}

/** Locks for work that only one worker may do at a time. */
export type Locks = {
  /**
   * Resolves with undefined if others held the lock for all of `waitMs`. The lock expires after `holdMs`, so that
   * nobody waits for a worker that died: work under the lock must take less time, or be harmless if done twice.
   */
  acquire(name: string, times: { holdMs: number; waitMs: number }): Promise<Lock | undefined>;
};

/** Disposing it releases the lock. */
export type Lock = AsyncDisposable;

/**
 * Resolves when Redis answered or failed for the first time. If Redis does not answer, locking rejects with
 * `queue_unavailable`.
 */
export async function createLocks({ bus, pool }: { bus: BusConnection } & InPool): Promise<Locks> {
  const redis = bus.commands;
  const release = defineRelease(redis);
  await firstAttempt(redis);
  return {
    async acquire(name, { holdMs, waitMs }) {
      const key = keys.lock(hashOfId(name), pool);
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
          // A lock that cannot be released expires.
          await release(key, owner).catch(() => undefined);
        },
      };
    },
  };
}
