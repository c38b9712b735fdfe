import { AppError } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { createHoldings } from './holdings.ts';
import { holderOf, type IdentifiedPrincipal, organizationOf } from './principal.ts';

/**
 * The requests and POSTs that one key or token, one workspace and one organization may send to this edge, whatever
 * users they name. This limits the work before a call has a lease, or without one. Counted in memory, so a fleet allows
 * the limit once per edge.
 */
export type CallerLimits = {
  /** Counts a request, or several that arrived as one. Throws `rate_limited`. */
  count(principal: IdentifiedPrincipal, requests?: number): void;
  /**
   * Takes a slot for a POST; returns the function that releases it. Throws `rate_limited`. Reading has separate slots:
   * only the body shows whether the POST waits for calls, and bodies use memory while they arrive.
   */
  begin(principal: IdentifiedPrincipal, work: 'reading' | 'answering'): () => void;
};

export type RequestLimit = { requestsPerSecond: number; postsMax: number };

/**
 * The share of its organization's limit that a workspace may use, because keys and workspaces can be created in any
 * number.
 */
export const WORKSPACE_SHARE = 1 / 2;
/** A holder that was idle for this long may send the requests of that time at once. */
const BURST_MS = 10_000;
/** The maximum number of remembered holders. The least recently used one is forgotten, and its count starts again. */
const HOLDERS_MAX = 10_000;

export function limitCallers({
  perCaller,
  perOrganization,
  now = () => performance.now(),
}: {
  perCaller: RequestLimit;
  perOrganization: RequestLimit;
  now?: () => number;
}): CallerLimits {
  const perWorkspace = {
    requestsPerSecond: perOrganization.requestsPerSecond * WORKSPACE_SHARE,
    postsMax: Math.ceil(perOrganization.postsMax * WORKSPACE_SHARE),
  };
  const levels = [
    { whose: 'with one key or token', idOf: holderOf, ...createCounts(perCaller) },
    {
      whose: 'in one workspace',
      idOf: ({ workspaceId }: IdentifiedPrincipal) => workspaceId,
      ...createCounts(perWorkspace),
    },
    { whose: 'in one organization', idOf: organizationOf, ...createCounts(perOrganization) },
  ];
  return {
    count(principal, requests = 1) {
      const at = now();
      for (const { whose, idOf, waitMs } of levels) {
        const retryAfterMs = waitMs(idOf(principal), at);
        if (retryAfterMs <= 0) continue;
        throw new AppError('rate_limited', `Too many requests ${whose}; wait`, { details: { retryAfterMs } });
      }
      for (const { idOf, count } of levels) count(idOf(principal), at, requests);
    },
    begin(principal, work) {
      for (const { whose, idOf, posts, postsMax } of levels) {
        if (posts[work].of(idOf(principal)) < postsMax) continue;
        throw new AppError('rate_limited', `At most ${postsMax} POSTs ${whose} may be in progress at once`);
      }
      const acquired = levels.map(({ idOf, posts }) => posts[work].acquire(idOf(principal)));
      return () => {
        for (const release of acquired) release();
      };
    },
  };
}

function createCounts({ requestsPerSecond, postsMax }: RequestLimit) {
  const msPerRequest = 1000 / requestsPerSecond;
  /** `paidAt` is the time at which all requests so far would have arrived if they had come one by one. */
  const buckets = new LRUCache<string, { paidAt: number }>({ max: HOLDERS_MAX });
  return {
    postsMax,
    posts: { reading: createHoldings(), answering: createHoldings() },
    /** Returns how long the next request has to wait, in milliseconds. Zero or less means that it may start now. */
    waitMs(holder: string, at: number): number {
      return Math.max(buckets.get(holder)?.paidAt ?? at, at) + msPerRequest - at - BURST_MS;
    },
    count(holder: string, at: number, requests: number): void {
      const bucket = buckets.get(holder);
      if (bucket === undefined) buckets.set(holder, { paidAt: at + requests * msPerRequest });
      else bucket.paidAt = Math.max(bucket.paidAt, at) + requests * msPerRequest;
    },
  };
}
