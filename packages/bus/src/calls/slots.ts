import { CALLS_PER_JOB_MAX } from './job-calls.ts';
import { createShares, type Share } from './share.ts';

/** How long a worker that has room again may go without looking for jobs. */
const ROOM_MS_MAX = 20;
/** How often a worker without room looks whether an organization waits that has less than its share here. */
const SEARCH_MS = 5;
/** Added to that for each job that was looked at, so that a long queue costs Redis no more than a short one. */
const SEARCH_MS_PER_JOB = 0.05;

/**
 * How many calls run at once. BullMQ counts jobs, of which each may bring several calls, and may fetch as many as it is
 * allowed before the first is here: so with each call it learns how many more full jobs there is room for.
 * What a job brings beyond that waits here, and for no other worker; that happens where there are so few places that
 * room for a full job would leave many of them empty.
 *
 * On top of these places, half as many are kept for organizations that have less than their share of them. A queue gives
 * its jobs in the order in which they came, so a worker without room searches it for theirs.
 */
export type Slots = {
  /** How many jobs BullMQ may have now, those that it has included. */
  jobsAllowed(): number;
  /** A job with so many calls was fetched, by BullMQ or by a search. Returns a function that ends it. */
  takeJob(calls: number, by?: 'bullmq' | 'search'): () => void;
  /** Resolves when one more call of a job may run. Returns a function that ends it, to be called once. */
  takeCall(share: Share): Promise<() => void>;
  /** Searches the queue no more. */
  close(): void;
};

export type QueueSearch = {
  /** How many calls of an organization run here, for its weight; 0 for others. */
  loads: ReadonlyMap<string, number>;
  /** Whether a job of an organization with so many calls could run now. */
  mayTake(organization: string, calls: number): boolean;
};

/**
 * `allowJobs` hears of `jobsAllowed` when it may have changed, `lookForJobs` when there is room and BullMQ does not
 * know. `search` takes jobs from the queue as long as it finds some that may be taken, and gives how many it has looked
 * at.
 */
export function createSlots(
  max: number,
  {
    allowJobs,
    lookForJobs,
    search,
  }: { allowJobs(jobs: number): void; lookForJobs(): void; search(wanted: QueueSearch): Promise<number> },
): Slots {
  const roomMin = Math.min(CALLS_PER_JOB_MAX, Math.ceil(max / 4));
  const shares = createShares(max);
  /** BullMQ fetched these. It does not count others, and would fetch one more for each that it is told of. */
  let jobs = 0;
  /** The calls of all jobs, including those that wait here, are counted. */
  let calls = 0;
  /** Each organization has its calls here, in the order of their arrival. */
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

  /** The first job of an organization is taken for its first call. */
  function mayTake(organization: string, count: number): boolean {
    return !waiting.has(organization) && shares.mayTake(organization, shares.has(organization) ? count : 1);
  }

  function endJob(): void {
    jobs -= 1;
    allow();
    // BullMQ looks by itself now.
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
      // BullMQ looks by itself while it has no job at all, and must not be notified then: it may be about to stop.
      if (jobs > 0) lookForJobs();
    }, ROOM_MS_MAX);
  }

  /** Whoever has the least for its weight comes first. */
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
