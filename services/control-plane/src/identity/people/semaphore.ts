import { AppError } from '@toolplane/contracts';

/** Runs work when a slot is free. Rejects with `rate_limited` at once if too many requests already wait. */
export type RunInSlot = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Limits work that uses a processor and memory for a while: concurrent requests wait for each other, instead of slowing
 * down everything else.
 */
export function createSemaphore({ atOnceMax, waitingMax }: { atOnceMax: number; waitingMax: number }): RunInSlot {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (underWay < atOnceMax) underWay += 1;
    else if (waiting.length < waitingMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw new AppError('rate_limited', 'Too many people are signing in at the moment; try again');
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
