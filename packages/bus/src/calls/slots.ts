import { CALLS_PER_JOB_MAX } from './job-calls.ts';
import { createShares, type Share } from './share.ts';

/** How long a worker that has room again may wait before it looks for jobs. */
const ROOM_MS_MAX = 20;
/** How often a worker without room checks whether calls of an organization wait that has less than its share here. */
const SEARCH_MS = 5;
/** Added to that interval for each examined job, so that a long queue costs Redis no more than a short one. */
const SEARCH_MS_PER_JOB = 0.05;

/**
 * Limits how many calls run at the same time. BullMQ counts jobs, each of which may contain several calls, and may
 * fetch as many as it is allowed before the first one arrives: so with each call, it is told how many more full jobs
 * there is room for. Calls of a job beyond that wait here, and no other worker can run them. That happens if there are
 * so few slots that keeping room for a full job would leave many of them empty.
 *
 * In addition to these slots, half as many are kept for organizations that have less than their share of them. A queue
 * returns its jobs in the order in which they arrived, so a worker without room searches it for jobs of such
 * organizations.
 */
export type Slots = {
  /** How many jobs BullMQ may have now, including those that it has. */
  jobsAllowed(): number;
  /**
   * Records that a job with this many calls was fetched, by BullMQ or by a search. Returns a function that ends the
   * job.
   */
  takeJob(calls: number, by?: 'bullmq' | 'search'): () => void;
  /** Resolves when one more call of a job may run, with a function that ends the call and must be called once. */
  takeCall(share: Share): Promise<() => void>;
  /** Stops searching the queue. */
  close(): void;
};

export type QueueSearch = {
  /** For each organization, the number of calls that run here, divided by its weight; 0 for missing organizations. */
  loads: ReadonlyMap<string, number>;
  /** Whether a job of this organization with this many calls could run now. */
  mayTake(organization: string, calls: number): boolean;
};

/**
 * `allowJobs` is called with `jobsAllowed` when it may have changed, and `pollJobs` when there is room that BullMQ
 * does not know of. `search` takes jobs from the queue while it finds some that may be taken, and resolves with the
 * number of jobs that it examined.
 */
export function createSlots(
  max: number,
  {
    allowJobs,
    pollJobs,
    search,
  }: { allowJobs(jobs: number): void; pollJobs(): void; search(wanted: QueueSearch): Promise<number> },
): Slots {
  const roomMin = Math.min(CALLS_PER_JOB_MAX, Math.ceil(max / 4));
  const shares = createShares(max);
  /**
   * The jobs that BullMQ fetched. It does not count other jobs, and would fetch one more for each that is counted here.
   */
  let jobs = 0;
  /** The number of calls of all jobs, including those that wait here. */
  let calls = 0;
  /** The waiting calls of each organization, in the order of their arrival. */
  const waiting = new Map<string, { share: Share; starts: (() => void)[] }>();
  let wasFull = false;
  let look: NodeJS.Timeout | undefined;
  let nextSearch: NodeJS.Timeout | undefined;
  let isClosed = false;

  const isFull = () => max - calls < roomMin;

  function jobsAllowed(): number {
    const more = isFull() ? 0 : Math.max(Math.floor((max - calls) / CALLS_PER_JOB_MAX), 1);
    return Math.max(jobs + more, 1);
  }

  function allow(): void {
    allowJobs(jobsAllowed());
    if (!isFull()) return;
    wasFull = true;
    searchSoon(SEARCH_MS);
  }

  function searchSoon(ms: number): void {
    if (!isClosed) nextSearch ??= setTimeout(() => void searchQueue(), ms);
  }

  async function searchQueue(): Promise<void> {
    const examined = isFull() ? await search({ loads: shares.loads(), mayTake }) : 0;
    nextSearch = undefined;
    if (isFull()) searchSoon(SEARCH_MS + examined * SEARCH_MS_PER_JOB);
  }

  /** The first job of an organization is taken if there is room for its first call. */
  function mayTake(organization: string, count: number): boolean {
    return !waiting.has(organization) && shares.mayTake(organization, shares.has(organization) ? count : 1);
  }

  function endJob(): void {
    jobs -= 1;
    allow();
    // BullMQ looks for jobs on its own now.
    clearTimeout(look);
    look = undefined;
  }

  function start(share: Share): () => void {
    const leave = shares.take(share);
    return () => {
      leave();
      endCall();
    };
  }

  function endCall(): void {
    calls -= 1;
    allow();
    startWaiting();
    if (!wasFull || isFull()) return;
    wasFull = false;
    look ??= setTimeout(() => {
      look = undefined;
      // BullMQ looks for jobs on its own while it has none at all, and must not be notified then: it may be about to
      // stop.
      if (jobs > 0) pollJobs();
    }, ROOM_MS_MAX);
  }

  /** The organization with the fewest calls for its weight comes first. */
  function startWaiting(): void {
    while (waiting.size > 0) {
      const loads = shares.loads();
      const [next] = [...waiting.values()]
        .filter(({ share }) => shares.mayTake(share.organization, 1))
        .sort((one, other) => (loads.get(one.share.organization) ?? 0) - (loads.get(other.share.organization) ?? 0));
      const begin = next?.starts.shift();
      if (next === undefined || begin === undefined) return;
      if (next.starts.length === 0) waiting.delete(next.share.organization);
      begin();
    }
  }

  return {
    jobsAllowed,
    takeJob(count, by = 'bullmq') {
      if (by === 'bullmq') jobs += 1;
      calls += count;
      allow();
      return by === 'bullmq' ? endJob : () => {};
    },
    takeCall(share) {
      const others = waiting.get(share.organization);
      if (others === undefined && shares.mayTake(share.organization, 1)) return Promise.resolve(start(share));
      return new Promise((resolve) => {
        const begin = () => resolve(start(share));
        if (others === undefined) waiting.set(share.organization, { share, starts: [begin] });
        else others.starts.push(begin);
      });
    },
    close() {
      isClosed = true;
      clearTimeout(nextSearch);
    },
  };
}
