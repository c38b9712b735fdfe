import { AppError } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { createHoldings } from './holdings.ts';
import { holderOf, type IdentifiedPrincipal } from './principal.ts';

/**
 * What one key or token may ask of this edge, whatever users it names: bounds what is done before a call has a lease, or
 * without one. Counted in memory, so a fleet lets through as many times more as it has edges.
 */
export type CallerLimits = {
  /** Counts a request, or several that came as one. Throws `rate_limited`. */
  count(caller: IdentifiedPrincipal, requests?: number): void;
  /**
   * Takes a place for a POST; gives how to give it back. Throws `rate_limited`. What is read has places of its own: one
   * that calls wait for is known by its body alone, and bodies take memory while they come.
   */
  begin(caller: IdentifiedPrincipal, work: 'reading' | 'answering'): () => void;
};

/** Who was quiet for so long may ask for as much at once. */
const BURST_MS = 10_000;
/** The least used are forgotten, and begin anew. */
const CALLERS_MAX = 10_000;

export function limitCallers({
  requestsPerSecond,
  postsMax,
  now = () => performance.now(),
}: {
  requestsPerSecond: number;
  postsMax: number;
  now?: () => number;
}): CallerLimits {
  const msPerRequest = 1000 / requestsPerSecond;
  /** `paidAt`: when all that was asked for so far had come one by one. */
  const buckets = new LRUCache<string, { paidAt: number }>({ max: CALLERS_MAX });
  const posts = { reading: createHoldings(), answering: createHoldings() };
  return {
    count(caller, requests = 1) {
      const holder = holderOf(caller);
      const at = now();
      let bucket = buckets.get(holder);
      if (bucket === undefined) {
        bucket = { paidAt: at };
        buckets.set(holder, bucket);
      }
      const paidAt = Math.max(bucket.paidAt, at);
      const waitMs = paidAt + msPerRequest - at - BURST_MS;
      if (waitMs > 0) {
        const message = 'Too many requests with this key or token; wait';
        throw new AppError('rate_limited', message, { details: { retryAfterMs: waitMs } });
      }
      bucket.paidAt = paidAt + requests * msPerRequest;
    },
    begin(caller, work) {
      const holder = holderOf(caller);
      if (posts[work].of(holder) >= postsMax) {
        throw new AppError(
          'rate_limited',
          `At most ${postsMax} POSTs with one key or token may be in progress at once`,
        );
      }
      return posts[work].take(holder);
    },
  };
}
