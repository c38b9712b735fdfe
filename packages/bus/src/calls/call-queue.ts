import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { QUEUE_PREFIX, queueName } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { type SentEnvelope, shareJobs, toJobData } from './call-job.ts';

/** The job's data as JSON; larger calls are refused. */
export const CALL_BYTES_MAX = 1 << 20;

const JOB_NAME = 'call';

/** The putting side of BullMQ. Nothing is retried or kept by it: the fence and the reply say what became of a call. */
export type CallQueue = {
  /** Called for each epoch, because a restarted Redis has lost the settings of the queue. */
  open(): void;
  /** Rejects with what Redis said. */
  add(call: SentEnvelope): Promise<void>;
  /** Best effort: a call that shares its job, or that a worker has already fetched, stays until that worker drops it. */
  remove(callId: string): void;
  close(): Promise<void>;
};

export function createCallQueue(
  redis: Redis,
  holdWrites: HoldWrites,
  { name, underWay, onError }: { name: string; underWay(): number; onError(error: unknown): void },
): CallQueue {
  let queue: Queue | undefined;

  async function addJob(calls: readonly SentEnvelope[]): Promise<void> {
    if (queue === undefined) throw new Error('The queue was never reached');
    const [first] = calls;
    // The id of a call would let it take the others along when it is removed.
    const jobId = first !== undefined && calls.length === 1 ? first.callId : randomUUID();
    await queue.add(JOB_NAME, toJobData(calls), { jobId });
  }

  /** Each call hears of its own job alone: one that was refused says nothing of the others. */
  const addTogether = createMicroBatch(holdWrites, async (calls: SentEnvelope[]) => {
    const jobs = shareJobs(calls, underWay());
    const added = await Promise.allSettled(jobs.map(addJob));
    return jobs.flatMap((job, index) => job.map(() => added[index] as PromiseSettledResult<void>));
  });

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
    async add(call) {
      const added = await addTogether(call);
      if (added.status === 'rejected') throw added.reason;
    },
    remove(callId) {
      queue?.remove(callId).catch(onError);
    },
    close,
  };
}
