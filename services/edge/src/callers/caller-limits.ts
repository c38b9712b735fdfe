import { AppError } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { createHoldings } from './holdings.ts';
import { holderOf, type IdentifiedPrincipal, organizationOf } from './principal.ts';

/**
 * What one key or token, one workspace and one organization may ask of this edge, whatever users they name: limits the
 * work before a call has a lease, or without one. Counted in memory, so a fleet allows as many times more as it has
 * edges.
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

export type RequestLimit = { requestsPerSecond: number; postsMax: number };

/** Keys and workspaces can be made in any number; a workspace may use this part of what its organization may. */
export const WORKSPACE_SHARE = 1 / 2;
/** A holder that was idle for this long may send as many requests at once. */
const BURST_MS = 10_000;
/** The least recently used holders are forgotten, and start again. */
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
      const taken = levels.map(({ idOf, posts }) => posts[work].take(idOf(principal)));
      return () => {
        for (const giveBack of taken) giveBack();
      };
    },
  };
}

function createCounts({ requestsPerSecond, postsMax }: RequestLimit) {
  const msPerRequest = 1000 / requestsPerSecond;
  /** `paidAt`: the time at which all requests so far would have come one by one. */
  const buckets = new LRUCache<string, { paidAt: number }>({ max: HOLDERS_MAX });
  return {
    postsMax,
    posts: { reading: createHoldings(), answering: createHoldings() },
    /** How long the next request has to wait; not positive: it may come now. */
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
