import { AsyncLocalStorage } from 'node:async_hooks';
import type { DeliveredCall, Hold } from '@toolplane/bus';
import { inTime } from './in-time.ts';

type CurrentCall = Pick<DeliveredCall, 'organization' | 'hold'>;

const current = new AsyncLocalStorage<CurrentCall>();

/**
 * Every request that is sent for this call checks the hold of the call first, including the requests of caches and
 * those to token endpoints. Only these two members are kept, because a connection or a timer that is created during the
 * call retains them for as long as it exists.
 */
export function inCall<Result>({ organization, hold }: CurrentCall, work: () => Result): Result {
  return current.run({ organization, hold }, work);
}

/** Undefined for work that belongs to no call. */
export const currentHold = (): Hold | undefined => current.getStore()?.hold;
export const currentOrganization = (): string | undefined => current.getStore()?.organization;

/** Returns undefined, without waiting, if the call is known to still belong to this process. */
export function confirmHold(limits: { timeoutMs: number; signal: AbortSignal }): Promise<void> | undefined {
  const hold = currentHold();
  return hold === undefined || hold.isStillOwner() ? undefined : inTime(hold.confirm(), limits);
}
