/** They take some milliseconds, whether they are answered or refused. */
const REQUESTS_PER_TURN = 32;

/**
 * The requests of all workspaces begin by turns. Within one turn of the event loop a workspace begins so many; what
 * exceeds that waits for later turns, which the waiting workspaces share equally. So somebody who sends a thousand
 * requests at once does not make the others wait until all of them are answered or refused.
 */
export type FairTurns = {
  /** Undefined when the request may begin at once, as nearly all may. */
  take(workspaceId: string): Promise<void> | undefined;
};

export function createFairTurns(requestsPerTurn = REQUESTS_PER_TURN): FairTurns {
  /** In this turn. */
  const begun = new Map<string, number>();
  /** The workspace that is next comes first. */
  const waiting = new Map<string, (() => void)[]>();
  let isTurnOpen = false;

  function openTurn(): void {
    isTurnOpen = true;
    setImmediate(() => {
      begun.clear();
      isTurnOpen = waiting.size > 0;
      if (!isTurnOpen) return;
      openTurn();
      for (let left = requestsPerTurn; left > 0; left -= 1) beginNext();
    });
  }

  function beginNext(): void {
    const [next] = waiting;
    if (next === undefined) return;
    const [workspaceId, requests] = next;
    waiting.delete(workspaceId);
    const begin = requests.shift();
    if (requests.length > 0) waiting.set(workspaceId, requests);
    begun.set(workspaceId, (begun.get(workspaceId) ?? 0) + 1);
    begin?.();
  }

  return {
    take(workspaceId) {
      if (!isTurnOpen) openTurn();
      const requests = waiting.get(workspaceId);
      const count = begun.get(workspaceId) ?? 0;
      if (requests === undefined && count < requestsPerTurn) {
        begun.set(workspaceId, count + 1);
        return undefined;
      }
      return new Promise((resolve) => {
        if (requests === undefined) waiting.set(workspaceId, [resolve]);
        else requests.push(resolve);
      });
    },
  };
}
