import type { Redis } from 'ioredis';
import { keys, QUEUE_PREFIX, queueName } from '../keys.ts';

/** How full a queue is. */
export type QueueState = {
  waiting: number;
  active: number;
  /** How long the oldest job that waits has waited; 0 when none waits. */
  oldestMs: number;
  /** Calls of all callers that have a lease; those of a caller that died are in it for a while. */
  leases: number;
};

/** What is asked again within this time is answered by what is known. */
const KNOWN_MS = 1000;

/** Undefined while Redis does not say. Only with the rights of a caller of the queue. */
export function createQueueState(redis: Redis, queue: string): () => Promise<QueueState | undefined> {
  const keyOf = (name: string) => `${QUEUE_PREFIX}:${queueName(queue)}:${name}`;
  let known: Promise<QueueState | undefined> | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;

  async function read(): Promise<QueueState | undefined> {
    try {
      const [waiting, active, leases, [oldest]] = await Promise.all([
        redis.llen(keyOf('wait')),
        redis.llen(keyOf('active')),
        redis.zcard(keys.totalLeases(queue)),
        redis.lrange(keyOf('wait'), -1, -1),
      ]);
      const queuedAt = oldest === undefined ? undefined : Number(await redis.hget(keyOf(oldest), 'timestamp'));
      return { waiting, active, leases, oldestMs: queuedAt ? Math.max(0, Date.now() - queuedAt) : 0 };
    } catch {
      return undefined;
    }
  }

  return () => {
    const now = performance.now();
    if (known === undefined || now - knownAt >= KNOWN_MS) {
      known = read();
      knownAt = now;
    }
    return known;
  };
}
