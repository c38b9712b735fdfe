import { AppError } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { createHoldings } from './holdings.ts';
import { holderOf, type IdentifiedPrincipal } from './principal.ts';

/**
 * What one key or token may ask of this edge, whatever users it names: limits the work before a call has a lease, or
 * without one. Counted in memory, so a fleet allows as many times more as it has edges.
 */
export type CallerLimits = {
  /** Counts a request, or several that came as one. Throws `rate_limited`. */
  count(principal: IdentifiedPrincipal, requests?: number): void;
  /**
   * Takes a place for a POST; returns the function that gives it back. Throws `rate_limited`. Reading has separate
   * places: only its body shows that calls wait for a POST, and bodies take memory while they arrive.
   */
  begin(principal: IdentifiedPrincipal, work: 'reading' | 'answering'): () => void;
};

/** A principal that was idle for this long may send as many requests at once. */
const BURST_MS = 10_000;
/** The least recently used principals are forgotten, and start again. */
const PRINCIPALS_MAX = 10_000;

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
  /** `paidAt`: the time at which all requests so far would have come one by one. */
  const buckets = new LRUCache<string, { paidAt: number }>({ max: PRINCIPALS_MAX });
  const posts = { reading: createHoldings(), answering: createHoldings() };
  return {
    count(principal, requests = 1) {
      const holder = holderOf(principal);
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
    begin(principal, work) {
      const holder = holderOf(principal);
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
