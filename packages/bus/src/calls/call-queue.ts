import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { QUEUE_PREFIX, queueName } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import type { Envelope } from './envelope.ts';
import type { LayFences } from './fence.ts';
import { jobsOf, type QueuedCall, type SealedCall } from './job-calls.ts';

/** The maximum size of a sealed call; larger ones are refused. */
export const CALL_BYTES_MAX = 1 << 20;

/**
 * The producing side of BullMQ, which neither retries nor keeps anything: the fence and the reply say what became of a
 * call.
 */
export type CallQueue = {
  /** To be called for each epoch, because a restarted Redis has lost the settings of the queue. */
  open(): void;
  /**
   * Calls that are added in one event-loop turn share jobs. Rejects with an answer of Redis if a call was not queued,
   * and with another error if that is not known. Resolves with false if somebody gave up on the call before.
   */
  add(call: QueuedCall, envelope: Envelope): Promise<boolean>;
  /**
   * Removes a call that will not start. Best effort: a job is removed with the last of its calls, and a job that a
   * worker has fetched stays until that worker drops it.
   */
  remove(call: QueuedCall): void;
  close(): Promise<void>;
};

export function createCallQueue(
  redis: Redis,
  holdWrites: HoldWrites,
  name: string,
  layFences: LayFences,
  onError: (error: unknown) => void,
): CallQueue {
  let queue: Queue | undefined;

  const close = async () => {
    await queue?.close().catch(onError);
  };

  /** The result for each call: one job may be refused while another is not. */
  const add = createMicroBatch(holdWrites, async (all: SealedCall[]): Promise<PromiseSettledResult<boolean>[]> => {
    const current = queue;
    if (current === undefined) throw new Error('The queue was never reached');
    const calls = all.filter(({ call }) => !call.isSettled);
    for (const { call, envelope } of calls) call.epoch = envelope.epoch;
    // The fences are sent in the same packet as the jobs and before them, because no worker takes a call without its
    // fence.
    const laying = layFences(calls.map(({ call, envelope }) => ({ ...envelope, callId: call.callId })));
    const jobs = jobsOf(calls);
    for (const { jobId, calls } of jobs) {
      const job = { jobId, left: calls.length };
      for (const { call } of calls) call.job = job;
    }
    const adding = Promise.allSettled(jobs.map(({ jobId, name, data }) => current.add(name, data, { jobId })));
    const [laid] = await Promise.allSettled([laying]);
    const added = await adding;
    const results = new Map(jobs.flatMap((job, index) => job.calls.map((call) => [call, added[index]] as const)));
    const isLaid = new Map(
      calls.map((call, index) => [call, laid.status === 'fulfilled' && laid.value[index] === true]),
    );
    return all.map((call) => {
      if (laid.status === 'rejected') return laid;
      const result = results.get(call);
      return result?.status === 'rejected' ? result : { status: 'fulfilled', value: isLaid.get(call) === true };
    });
  });

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
    async add(call, envelope) {
      const added = await add({ call, envelope });
      if (added.status === 'rejected') throw added.reason;
      return added.value;
    },
    remove(call) {
      const { callId, job = { jobId: callId, left: 1 } } = call;
      // A call is counted once, however often its caller gives up on it.
      call.job = undefined;
      job.left -= 1;
      if (job.left === 0) queue?.remove(job.jobId).catch(onError);
    },
    close,
  };
}
