import type { Lock, Locks } from '@toolplane/bus';

/** Locks for data planes that are all in this process, where a test has no Redis. Each request waits for its turn. */
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
