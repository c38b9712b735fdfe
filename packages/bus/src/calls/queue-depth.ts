import type { Redis } from 'ioredis';
import { z } from 'zod';
import { QUEUE_PREFIX, queueName } from '../keys.ts';
import { callCountOf } from './job-calls.ts';

/**
 * How full a queue is, in calls: a job counts with all of its calls until the last of them has ended. The services that
 * put calls into the queue report this, so that it is known even if there is no worker.
 */
export const queueDepthSchema = z.strictObject({
  queue: z.string().max(100),
  waiting: z.int().min(0),
  active: z.int().min(0),
  /** How long the next call has waited; null if none is waiting. */
  oldestMs: z.int().min(0).nullable(),
});
export type QueueDepth = z.infer<typeof queueDepthSchema>;

/** The number of jobs whose calls are counted; each job beyond that counts as one call. */
const JOBS_READ_MAX = 1000;

export async function readQueueDepth(redis: Redis, queue: string): Promise<QueueDepth> {
  const key = (part: string) => `${QUEUE_PREFIX}:${queueName(queue)}:${part}`;
  const read = async (part: string) => {
    // Workers take jobs from the end of the list.
    const [jobs, jobIds] = await Promise.all([redis.llen(key(part)), redis.lrange(key(part), -JOBS_READ_MAX, -1)]);
    const calls = jobIds.reduce((sum, jobId) => sum + callCountOf(jobId), Math.max(jobs - jobIds.length, 0));
    return { calls, next: jobIds.at(-1) };
  };
  const [waiting, active] = await Promise.all([read('wait'), read('active')]);
  const since = waiting.next === undefined ? null : await redis.hget(key(waiting.next), 'timestamp');
  const oldestMs = since === null ? null : Math.max(Date.now() - Number(since), 0);
  return { queue, waiting: waiting.calls, active: active.calls, oldestMs };
}
