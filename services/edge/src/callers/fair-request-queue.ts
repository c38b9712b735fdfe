import { AppError } from '@toolplane/contracts';
import type { IdentifiedPrincipal } from './principal.ts';

/** The number of requests per batch. They take some milliseconds, whether they are answered or refused. */
const REQUESTS_PER_BATCH = 32;
/**
 * The maximum number of waiting requests of an organization. A connection can carry any number of requests before the
 * first one is answered.
 */
const WAITING_MAX = 2000;
type Sender = Pick<IdentifiedPrincipal, 'organizationId' | 'workspaceId'>;

/**
 * A fair queue for the requests of all organizations. Requests begin in batches, between which the event loop does other
 * work. An organization may begin a limited number in each batch. Further ones wait for later batches, which the waiting
 * organizations share equally, as do the workspaces of each organization. So a caller that sends a thousand requests at once, through any number of
 * workspaces, does not make the others wait until all of them are answered or refused.
 */
export type FairRequestQueue = {
  /** Returns undefined if the request may begin at once, as nearly all may. Throws `rate_limited` if too many wait. */
  enter(sender: Sender): Promise<void> | undefined;
};

export function createFairRequestQueue(
  requestsPerBatch = REQUESTS_PER_BATCH,
  waitingMax = WAITING_MAX,
): FairRequestQueue {
  /** The number of requests that each organization has begun in this batch. */
  const begun = new Map<string, number>();
  let allBegun = 0;
  let isEnding = false;
  /** The waiting requests. The organization that begins next is first, and in it the workspace that begins next. */
  const waiting = new Map<string, { count: number; byWorkspace: Map<string, (() => void)[]> }>();

  function countBegun(organizationId: string): void {
    begun.set(organizationId, (begun.get(organizationId) ?? 0) + 1);
    allBegun += 1;
    // Ending a batch has a cost, and a few requests delay nobody, whichever event-loop turns they arrived in.
    if (allBegun >= requestsPerBatch / 2) endBatchSoon();
  }

  function endBatchSoon(): void {
    if (isEnding) return;
    isEnding = true;
    setImmediate(endBatch);
  }

  function endBatch(): void {
    isEnding = false;
    begun.clear();
    allBegun = 0;
    if (waiting.size > 0) endBatchSoon();
    for (let left = requestsPerBatch; left > 0; left -= 1) beginNext();
  }

  function beginNext(): void {
    const [organizationId, requests] = removeFirst(waiting) ?? [];
    if (organizationId === undefined || requests === undefined) return;
    const [workspaceId, ofWorkspace] = removeFirst(requests.byWorkspace) ?? [];
    const begin = ofWorkspace?.shift();
    if (workspaceId !== undefined && ofWorkspace?.length) requests.byWorkspace.set(workspaceId, ofWorkspace);
    requests.count -= 1;
    if (requests.count > 0) waiting.set(organizationId, requests);
    countBegun(organizationId);
    begin?.();
  }

  return {
    enter({ workspaceId, organizationId = workspaceId }) {
      const others = waiting.get(organizationId);
      if (others === undefined && (begun.get(organizationId) ?? 0) < requestsPerBatch) {
        countBegun(organizationId);
        return undefined;
      }
      const requests = others ?? { count: 0, byWorkspace: new Map<string, (() => void)[]>() };
      if (requests.count >= waitingMax) {
        const message = 'Too many requests of this organization at once; wait';
        throw new AppError('rate_limited', message, { details: { retryAfterMs: 1000 } });
      }
      waiting.set(organizationId, requests);
      requests.count += 1;
      return new Promise((resolve) => {
        const ofWorkspace = requests.byWorkspace.get(workspaceId);
        if (ofWorkspace === undefined) requests.byWorkspace.set(workspaceId, [resolve]);
        else ofWorkspace.push(resolve);
      });
    },
  };
}

/** Removes the first entry. An owner with more work is added again behind all others. */
function removeFirst<Value>(entries: Map<string, Value>): [string, Value] | undefined {
  const [first] = entries;
  if (first !== undefined) entries.delete(first[0]);
  return first;
}
