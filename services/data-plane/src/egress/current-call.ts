import { AsyncLocalStorage } from 'node:async_hooks';
import type { DeliveredCall, Hold } from '@toolplane/bus';
import { inTime } from './in-time.ts';

type CurrentCall = Pick<DeliveredCall, 'organization' | 'hold'>;

const current = new AsyncLocalStorage<CurrentCall>();

/**
 * Everything that leaves for this call asks its hold first: also what caches and token endpoints are asked for it. Only
 * these two members are kept, because a connection or a timer that was made meanwhile keeps them for as long as it lives.
 */
export function inCall<Result>({ organization, hold }: CurrentCall, work: () => Result): Result {
  return current.run({ organization, hold }, work);
}

/** Undefined for work that is of no call. */
export const currentHold = (): Hold | undefined => current.getStore()?.hold;
export const currentOrganization = (): string | undefined => current.getStore()?.organization;

/** Undefined, without waiting, where it is known that the call is still of this process. */
export function confirmHold(limits: { timeoutMs: number; signal: AbortSignal }): Promise<void> | undefined {
  const hold = currentHold();
  return hold === undefined || hold.isSure() ? undefined : inTime(hold.confirm(), limits);
}
