import { AsyncLocalStorage } from 'node:async_hooks';
import type { Hold } from '@toolplane/bus';
import { inTime } from './in-time.ts';

const current = new AsyncLocalStorage<Hold>();

/** Everything that leaves for this call asks its hold first: also what caches and token endpoints are asked for it. */
export function inHold<Result>(hold: Hold, work: () => Result): Result {
  return current.run(hold, work);
}

/** Undefined for work that is of no call. */
export const currentHold = (): Hold | undefined => current.getStore();

/** Undefined, without waiting, where it is known that the call is still of this process. */
export function confirmHold(limits: { timeoutMs: number; signal: AbortSignal }): Promise<void> | undefined {
  const hold = currentHold();
  return hold === undefined || hold.isSure() ? undefined : inTime(hold.confirm(), limits);
}
