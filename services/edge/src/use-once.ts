import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Edge, UsedOnce } from './edge.ts';
import { retryInBackground } from './retry-in-background.ts';

/** The maximum number of uses held in memory. Beyond it, only Redis knows the oldest ones. */
const USED_MAX = 100_000;
/** The extra time for which a use is remembered after the used item has expired, because clocks differ. */
const SPARE_MS = 60_000;

export function createUsedOnce(): UsedOnce {
  return new LRUCache({ max: USED_MAX });
}

export type Use = {
  /** Resolves soon, even if Redis receives the release later. */
  release(): Promise<void>;
};

/**
 * Uses up something that is valid once. Returns undefined if it was used before. Redis records the use for all edges.
 * Somebody who can write to Redis can delete that record, so this edge also remembers its own uses.
 */
export async function useOnce(
  { store, usedOnce }: Pick<Edge, 'store' | 'usedOnce'>,
  name: string,
  validUntil: number,
): Promise<Use | undefined> {
  if (usedOnce.has(name)) return undefined;
  const user = randomBytes(16).toString('base64url');
  const leftMs = validUntil - Date.now() + SPARE_MS;
  usedOnce.set(name, true, { ttl: leftMs });
  const release = () => {
    usedOnce.delete(name);
    return retryInBackground(() => store.releaseOnce(name, user));
  };
  try {
    if (await store.useOnce(name, leftMs, user)) return { release };
    // Another edge has used it and may release it.
    usedOnce.delete(name);
    return undefined;
  } catch (thrown) {
    // The use may have been recorded despite the error.
    void release();
    throw thrown;
  }
}
