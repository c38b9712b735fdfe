import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { defineScript, type Script } from '../redis-script.ts';
import { callCountOf } from './job-calls.ts';
import type { QueueSearch } from './slots.ts';

/**
 * KEYS: the list of waiting jobs, and the mark that wakes up a worker. Returns 1 if no job waits: then the mark was
 * removed, and the next job sets it again.
 */
const SETTLE = `
if redis.call('LLEN', KEYS[1]) > 0 then return 0 end
redis.call('DEL', KEYS[2])
return 1`;

/**
 * Among some jobs of the queue, finds the first one of the organization with the lowest load. Returns how many jobs
 * these are, how many of them were examined, the job and its organization. Jobs of the previous release have another
 * name, and keep their positions.
 *
 * KEYS: the list of waiting jobs, whose head is at the end
 * ARGV: prefix of the keys of jobs, how many to skip at the head, how many to examine, then organizations and the load
 * of each
 */
const FIND = `
local loads = {}
for i = 4, #ARGV, 2 do loads[ARGV[i]] = tonumber(ARGV[i + 1]) end
local offset = tonumber(ARGV[2])
local ids = redis.call('LRANGE', KEYS[1], -offset - tonumber(ARGV[3]), -offset - 1)
local best, least, owner, examined = nil, nil, nil, 0
for i = #ids, 1, -1 do
  local name = redis.call('HGET', ARGV[1] .. ids[i], 'name')
  examined = examined + 1
  if name and name ~= 'call' and (not least or (loads[name] or 0) < least) then
    best, least, owner = i, loads[name] or 0, name
    if least == 0 then break end
  end
end
if not best then return { #ids, examined } end
return { #ids, examined, ids[best], owner }`;

/**
 * Moves a job to the head of the queue. KEYS: the list of waiting jobs. ARGV: the job. Returns 0 if it is no longer
 * there.
 */
const MOVE_TO_HEAD = `
if redis.call('LREM', KEYS[1], -1, ARGV[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[1])
return 1`;

/** Part of the token of every job that was taken outside the loop of BullMQ. */
const BESIDE = ':beside:';

export const isBeside = ({ token }: { token?: string | undefined }) => token?.includes(BESIDE) === true;

/** How many jobs one search examines at most. With the default limits, there are never more. */
const LOOKED_AT_MAX = 1000;

/**
 * With each job that it returns, BullMQ marks that there may be more, and its worker looks for one twice before it
 * waits again: at once, and because of the mark. If workers keep up with their queue, there never is one. This worker
 * asks, in the same packet as for the job, whether others wait, and removes the mark if not.
 *
 * What it knows of an empty queue may be outdated: that only makes it wait, and the wait ends at once if a job has
 * arrived since.
 *
 * Only this file relies on how the Worker of BullMQ works inside; `bullmq-contract.int.test.ts` says on what.
 */
export class JobWorker extends Worker {
  readonly #holdWrites: HoldWrites;
  readonly #settle: Script;
  readonly #find: Script;
  readonly #moveToHead: Script;
  readonly #beside = new Set<Promise<unknown>>();
  #takenBeside = 0;
  /** The offset of the next search: each one continues where the last one ended, until the end of the queue. */
  #searched = 0;
  /** Whether the queue was empty when the last job was requested, until that was reported. */
  #isEmpty = false;

  constructor(
    name: string,
    processor: Processor,
    { redis, holdWrites, ...options }: { redis: Redis; holdWrites: HoldWrites } & Omit<WorkerOptions, 'connection'>,
  ) {
    super(name, processor, { ...options, connection: redis });
    this.#holdWrites = holdWrites;
    this.#settle = defineScript(redis, 'toolplaneSettle', SETTLE);
    this.#find = defineScript(redis, 'toolplaneFind', FIND);
    this.#moveToHead = defineScript(redis, 'toolplaneMoveToHead', MOVE_TO_HEAD);
  }

  /** Takes jobs out of their order while they may be taken. Resolves with the number of examined jobs. */
  async takeFairly({ loads, mayTake }: QueueSearch): Promise<number> {
    const args = [this.toKey(''), this.#searched, LOOKED_AT_MAX, ...Array.from(loads).flat()];
    for (let all = 0; ; ) {
      const found = (await this.#find([this.toKey('wait')], args)) as [number, number, string?, string?];
      const [there, examined, jobId, organization] = found;
      all += examined;
      const isWanted = jobId !== undefined && organization !== undefined && mayTake(organization, callCountOf(jobId));
      if (isWanted && !this.closing && !this.paused && (await this.#takeOutOfOrder(jobId))) continue;
      this.#searched = there < LOOKED_AT_MAX ? 0 : this.#searched + LOOKED_AT_MAX;
      return all;
    }
  }

  async #takeOutOfOrder(jobId: string): Promise<boolean> {
    const isMoved = await this.#moveToHead([this.toKey('wait')], [jobId]);
    // Another worker may have been faster and have taken the job.
    return isMoved === 1 && this.#takeBeside();
  }

  /** Takes a job outside the loop of BullMQ, which takes as many as it is allowed and does not count this one. */
  async #takeBeside(): Promise<boolean> {
    const token = `${this.id}${BESIDE}${this.#takenBeside++}`;
    const fetching = super.moveToActive(token);
    // A worker that is closed meanwhile waits for this job, too.
    const done = fetching.then(
      (job) => job && this.processJob(job, token, () => false).catch((error) => this.emit('error', error)),
      // The error is passed to the search.
      () => {},
    );
    this.#beside.add(done);
    void done.finally(() => this.#beside.delete(done));
    return (await fetching) !== undefined;
  }

  /** Takes no more jobs, and resolves when those outside the loop have ended. */
  async endBeside(): Promise<void> {
    await this.pause(true);
    await Promise.all(this.#beside);
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

  /** Never rejects: a job that was fetched meanwhile must not be lost. */
  #settleQueue(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#holdWrites(() => {
        const settled = this.#settle([this.toKey('wait'), this.toKey('marker')], []);
        void settled.then((answer) => resolve(answer === 1)).catch(() => resolve(false));
      });
    });
  }
}
