import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@toolplane/contracts';

/** Runs work of one tenant when a slot is free. Rejects with `tenant_busy` if none is free in time. */
export type RunInSlot = <Result>(tenant: string, work: () => Promise<Result>) => Promise<Result>;

/** Limits concurrent work per tenant, so that no tenant can use up the resources of others with slow requests. */
export function createTenantSemaphore({ atOnceMax, waitMsMax }: { atOnceMax: number; waitMsMax: number }): RunInSlot {
  const underWay = new Map<string, Set<Promise<unknown>>>();
  const othersOf = (tenant: string) => underWay.get(tenant) ?? new Set();

  async function waitForSlot(tenant: string): Promise<void> {
    const isGiven = new AbortController();
    const { signal } = isGiven;
    const tooLate = delay(waitMsMax, 'too late' as const, { signal }).catch(() => undefined);
    while (othersOf(tenant).size >= atOnceMax) {
      if ((await Promise.race([tooLate, ...othersOf(tenant)])) === 'too late') {
        throw new AppError('tenant_busy', `The workspace already has ${atOnceMax} requests of this kind in progress`);
      }
    }
    isGiven.abort();
  }

  return async (tenant, work) => {
    // Another request may take the slot between its release and the end of the wait.
    while (othersOf(tenant).size >= atOnceMax) await waitForSlot(tenant);
    const others = othersOf(tenant);
    underWay.set(tenant, others);
    const result = work();
    // Waiting requests only need to know that this one ended.
    const end = result.then(
      () => undefined,
      () => undefined,
    );
    others.add(end);
    try {
      return await result;
    } finally {
      others.delete(end);
      if (others.size === 0) underWay.delete(tenant);
    }
  };
}
