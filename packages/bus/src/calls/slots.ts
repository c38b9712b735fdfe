import { CALLS_PER_JOB_MAX } from './job-calls.ts';

/** How long a worker that has room again may go without looking for jobs. */
const ROOM_MS_MAX = 20;

/**
 * How many calls run at once. BullMQ counts jobs, of which each may bring several calls, and may fetch as many as it is
 * allowed before the first is here: so with each call it learns how many more full jobs there is room for.
 * What a job brings beyond that waits here, and for no other worker; that happens where there are so few places that
 * room for a full job would leave many of them empty.
 */
export type Slots = {
  /** How many jobs there may be now, those that there are included. */
  jobsAllowed(): number;
  /** A job with so many calls was fetched. Returns a function that ends it. */
  takeJob(calls: number): () => void;
  /** Resolves when one more call of a job may run. Returns a function that ends it, to be called once. */
  takeCall(): Promise<() => void>;
};

/**
 * `allowJobs` hears of `jobsAllowed` when it may have changed, `lookForJobs` when there is room and BullMQ does not
 * know.
 */
export function createSlots(
  max: number,
  { allowJobs, lookForJobs }: { allowJobs(jobs: number): void; lookForJobs(): void },
): Slots {
  const roomMin = Math.min(CALLS_PER_JOB_MAX, Math.ceil(max / 4));
  let jobs = 0;
  /** Of these jobs, those that wait here included. */
  let calls = 0;
  let running = 0;
  const waiting: (() => void)[] = [];
  let wasFull = false;
  let look: NodeJS.Timeout | undefined;

  const isFull = () => max - calls < roomMin;

  function jobsAllowed(): number {
    const more = isFull() ? 0 : Math.max(Math.floor((max - calls) / CALLS_PER_JOB_MAX), 1);
    return Math.max(jobs + more, 1);
  }

  function allow(): void {
    allowJobs(jobsAllowed());
    wasFull ||= isFull();
  }

  function endJob(): void {
    jobs -= 1;
    allow();
    // BullMQ looks by itself now. It must not be notified while it has no job at all, when it may be about to stop.
    clearTimeout(look);
    look = undefined;
  }

  function endCall(): void {
    calls -= 1;
    allow();
    const next = waiting.shift();
    // Whose place it is from now on.
    if (next === undefined) running -= 1;
    else next();
    if (!wasFull || isFull()) return;
    wasFull = false;
    look ??= setTimeout(() => {
      look = undefined;
      lookForJobs();
    }, ROOM_MS_MAX);
  }

  return {
    jobsAllowed,
    takeJob(count) {
      jobs += 1;
      calls += count;
      allow();
      return endJob;
    },
    async takeCall() {
      if (running < max) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return endCall;
    },
  };
}
