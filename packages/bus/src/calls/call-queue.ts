import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX, queueName } from '../keys.ts';
import type { Envelope } from './envelope.ts';

/** The job's data as JSON; larger calls are refused. */
export const CALL_BYTES_MAX = 1 << 20;

const JOB_NAME = 'call';

/** The putting side of BullMQ. Nothing is retried or kept by it: the fence and the reply say what became of a call. */
export type CallQueue = {
  /** Called for each epoch, because a restarted Redis has lost the settings of the queue. */
  open(): void;
  add(callId: string, envelope: Envelope): Promise<void>;
  /** Best effort: a job that a worker has already fetched stays until that worker drops it. */
  remove(callId: string): void;
  close(): Promise<void>;
};

export function createCallQueue(redis: Redis, name: string, onError: (error: unknown) => void): CallQueue {
  let queue: Queue | undefined;

  const close = async () => {
    await queue?.close().catch(onError);
  };

  return {
    open() {
      void close();
      queue = new Queue(queueName(name), {
        connection: redis,
        prefix: QUEUE_PREFIX,
        skipWaitingForReady: true,
        skipVersionCheck: true,
        streams: { events: { maxLen: 100 } },
        defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true, stackTraceLimit: 0 },
      });
      queue.on('error', onError);
    },
    async add(callId, envelope) {
      if (queue === undefined) throw new Error('The queue was never reached');
      await queue.add(JOB_NAME, envelope, { jobId: callId });
    },
    remove(callId) {
      queue?.remove(callId).catch(onError);
    },
    close,
  };
}
