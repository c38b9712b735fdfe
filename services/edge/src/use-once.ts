import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Edge } from './edge.ts';
import { trySoon } from './try-soon.ts';

/** Approvals and request states that this edge has used, by the names under which Redis remembers them. */
export type UsedOnce = LRUCache<string, true>;

/** Beyond that, the oldest uses are known to Redis alone. */
const USED_MAX = 100_000;
/** A use is remembered longer than what was used is valid, because clocks differ. */
const SPARE_MS = 60_000;

export function createUsedOnce(): UsedOnce {
  return new LRUCache({ max: USED_MAX });
}

export type Use = {
  /** Resolves soon, even if Redis learns of it later. */
  giveBack(): Promise<void>;
};

/**
 * Uses up what is valid once. Undefined when it was used before. Redis remembers it for all edges. Somebody who writes
 * to Redis can make it forget, so this edge also remembers what it used itself.
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
  const giveBack = () => {
    usedOnce.delete(name);
    return trySoon(() => store.releaseOnce(name, user));
  };
  try {
    if (await store.useOnce(name, leftMs, user)) return { giveBack };
    // Another edge has used it, and may give it back.
    usedOnce.delete(name);
    return undefined;
  } catch (thrown) {
    // It may have been recorded nevertheless.
    void giveBack();
    throw thrown;
  }
}
