import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { defineScript, type Script } from '../redis-script.ts';

/**
 * KEYS: the list of waiting jobs, and the mark that wakes up a worker. 1: no job waits, and the next one sets the mark.
 */
const SETTLE = `
if redis.call('LLEN', KEYS[1]) > 0 then return 0 end
redis.call('DEL', KEYS[2])
return 1`;

/**
 * With each job that it gives, BullMQ marks that there may be more, and its worker looks for one twice before it waits
 * again: at once, and because of the mark. Where workers keep up with their queue there is never one. This worker asks
 * in the same packet as for the job whether others wait, and takes back the mark if not.
 *
 * Its knowledge of an empty queue may be old: it only leads to waiting, which ends at once if a job has come since.
 */
export class JobWorker extends Worker {
  readonly #holdWrites: HoldWrites;
  readonly #settle: Script;
  /** As of the last requested job, until that was reported. */
  #isEmpty = false;

  constructor(
    name: string,
    processor: Processor,
    { redis, holdWrites, ...options }: { redis: Redis; holdWrites: HoldWrites } & Omit<WorkerOptions, 'connection'>,
  ) {
    super(name, processor, { ...options, connection: redis });
    this.#holdWrites = holdWrites;
    this.#settle = defineScript(redis, 'toolplaneSettle', SETTLE);
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    if (this.#isEmpty) {
      this.#isEmpty = false;
      return this.nextJobFromJobData();
    }
    const settled = this.#settleQueue();
    const job = await super.moveToActive(token, name);
    this.#isEmpty = (await settled) && job !== undefined;
    return job;
  }

  /** Never fails: a job that was given meanwhile must not be lost. */
  #settleQueue(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#holdWrites(() => {
        const settled = this.#settle([this.toKey('wait'), this.toKey('marker')], []);
        void settled.then((answer) => resolve(answer === 1)).catch(() => resolve(false));
      });
    });
  }
}
