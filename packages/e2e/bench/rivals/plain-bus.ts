import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/*
 * The bus that most people would write: BullMQ, a copy of the reply in a key, and the reply itself over pub/sub. It has
 * no admission control, no sealing, no fence, no deadline, and no outcome when something is lost.
 */

const QUEUE = 'plain';

export async function createPlainCaller(redisUrl: string): Promise<(body: unknown) => Promise<unknown>> {
  const id = randomUUID();
  const queue = new Queue(QUEUE, {
    connection: new Redis(redisUrl),
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    streams: { events: { maxLen: 100 } },
  });
  const waiting = new Map<string, (value: unknown) => void>();
  const subscriber = new Redis(redisUrl);
  await subscriber.subscribe(`plain:reply:${id}`);
  subscriber.on('message', (_channel, message: string) => {
    const { callId, value } = JSON.parse(message);
    waiting.get(callId)?.(value);
    waiting.delete(callId);
  });
  return (body) =>
    new Promise((resolve, reject) => {
      const callId = randomUUID();
      waiting.set(callId, resolve);
      queue.add('call', { callId, replyTo: id, body }, { jobId: callId }).catch(reject);
    });
}

export async function startPlainWorker(redisUrl: string, handle: (body: unknown) => Promise<unknown>): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const worker = new Worker(
    QUEUE,
    async ({ data: { callId, replyTo, body } }) => {
      const message = JSON.stringify({ callId, value: await handle(body) });
      await redis
        .pipeline()
        .set(`plain:res:${callId}`, message, 'PX', 60_000)
        .publish(`plain:reply:${replyTo}`, message)
        .exec();
      return 0;
    },
    { connection: redis, concurrency: 50, removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } },
  );
  await worker.waitUntilReady();
}
