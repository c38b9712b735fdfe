import type { Lock, Locks } from '@toolplane/bus';

/**
 * Locks for data planes that are all in this process, for tests without Redis. Requests for a lock are served in order.
 */
export function createProcessLocks(): Pick<Locks, 'acquire'> {
  const last = new Map<string, Promise<void>>();
  return {
    async acquire(name): Promise<Lock> {
      const before = last.get(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      last.set(name, promise);
      await before;
      return { [Symbol.asyncDispose]: async () => resolve() };
    },
  };
}
