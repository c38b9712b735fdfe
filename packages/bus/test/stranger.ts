import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Envelope } from '../src/calls/envelope.ts';
import { QUEUE_PREFIX, queueName } from '../src/keys.ts';
import type { TestBus } from './test-bus.ts';

export type Stranger = ReturnType<typeof openStranger>;

/** An attacker who can do in Redis what a caller can do, but has no key. */
export function openStranger(bus: TestBus) {
  const redis = new Redis(bus.redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue(queueName(bus.queue), { connection: redis, prefix: QUEUE_PREFIX });
  return {
    put: (callId: string, envelope: unknown) => queue.add('call', envelope, { jobId: callId, removeOnComplete: true }),
    /** The envelope of a call that waits or runs. */
    async capture(callId: string): Promise<Envelope> {
      return (await queue.getJob(callId))?.data;
    },
    async isGone(callId: string): Promise<boolean> {
      return (await queue.getJob(callId)) === undefined;
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      redis.disconnect();
    },
  };
}
