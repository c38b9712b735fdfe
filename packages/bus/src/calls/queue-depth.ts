import type { Redis } from 'ioredis';
import { z } from 'zod';
import { QUEUE_PREFIX, queueName } from '../keys.ts';

/** How full a queue is. Told by those who put calls into it, so that it is known also when no worker is there. */
export const queueDepthSchema = z.strictObject({
  queue: z.string().max(100),
  waiting: z.int().min(0),
  active: z.int().min(0),
  /** How long the call has waited that is next; null: none waits. */
  oldestMs: z.int().min(0).nullable(),
});
export type QueueDepth = z.infer<typeof queueDepthSchema>;

export async function readQueueDepth(redis: Redis, queue: string): Promise<QueueDepth> {
  const key = (part: string) => `${QUEUE_PREFIX}:${queueName(queue)}:${part}`;
  const [waiting, active, [oldest]] = await Promise.all([
    redis.llen(key('wait')),
    redis.llen(key('active')),
    // Taken from this end.
    redis.lrange(key('wait'), -1, -1),
  ]);
  const since = oldest === undefined ? null : await redis.hget(key(oldest), 'timestamp');
  return { queue, waiting, active, oldestMs: since === null ? null : Math.max(Date.now() - Number(since), 0) };
}
