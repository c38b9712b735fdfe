import { AppError } from '@toolplane/contracts';

/** They take some milliseconds, whether they are answered or refused. */
const REQUESTS_PER_TURN = 32;
/** Of a workspace. A connection can carry any number of requests before the first is answered. */
const WAITING_MAX = 2000;

/**
 * The requests of all workspaces begin by turns. Within one turn of the event loop a workspace begins so many; what
 * exceeds that waits for later turns, which the waiting workspaces share equally. So somebody who sends a thousand
 * requests at once does not make the others wait until all of them are answered or refused.
 */
export type FairTurns = {
  /** Undefined when the request may begin at once, as nearly all may. Throws `rate_limited` when too many wait. */
  take(workspaceId: string): Promise<void> | undefined;
};

export function createFairTurns(requestsPerTurn = REQUESTS_PER_TURN, waitingMax = WAITING_MAX): FairTurns {
  /** In this turn. */
  const begun = new Map<string, number>();
  let allBegun = 0;
  let isEnding = false;
  /** The workspace that is next comes first. */
  const waiting = new Map<string, (() => void)[]>();

  function note(workspaceId: string): void {
    begun.set(workspaceId, (begun.get(workspaceId) ?? 0) + 1);
    allBegun += 1;
    // Ending a turn costs something, and a few requests hold nobody up, whichever turns they came in.
    if (allBegun >= requestsPerTurn / 2) endTurnSoon();
  }

  function endTurnSoon(): void {
    if (isEnding) return;
    isEnding = true;
    setImmediate(endTurn);
  }

  function endTurn(): void {
    isEnding = false;
    begun.clear();
    allBegun = 0;
    if (waiting.size > 0) endTurnSoon();
    for (let left = requestsPerTurn; left > 0; left -= 1) beginNext();
  }

  function beginNext(): void {
    const [next] = waiting;
    if (next === undefined) return;
    const [workspaceId, requests] = next;
    waiting.delete(workspaceId);
    const begin = requests.shift();
    if (requests.length > 0) waiting.set(workspaceId, requests);
    note(workspaceId);
    begin?.();
  }

  return {
    take(workspaceId) {
      const requests = waiting.get(workspaceId);
      if (requests === undefined && (begun.get(workspaceId) ?? 0) < requestsPerTurn) {
        note(workspaceId);
        return undefined;
      }
      if (requests !== undefined && requests.length >= waitingMax) {
        const message = 'Too many requests of this workspace at once; wait';
        throw new AppError('rate_limited', message, { details: { retryAfterMs: 1000 } });
      }
      return new Promise((resolve) => {
        if (requests === undefined) waiting.set(workspaceId, [resolve]);
        else requests.push(resolve);
      });
    },
  };
}
