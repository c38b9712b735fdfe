/**
 * The requests of legacy sessions that this edge is answering, so that `notifications/cancelled` finds them. A client
 * may use an id for two requests at once; a cancellation then applies to all of them.
 */
export type RunningRequests = {
  /** Returns the function that removes the request. */
  add(sessionId: string, requestId: string | number, cancel: () => void): () => void;
  cancel(sessionId: string, requestId: string | number): void;
};

export function createRunningRequests(): RunningRequests {
  const running = new Map<string, Set<() => void>>();
  const keyOf = (sessionId: string, requestId: string | number) => `${sessionId} ${JSON.stringify(requestId)}`;

  return {
    add(sessionId, requestId, cancel) {
      const key = keyOf(sessionId, requestId);
      const cancels = running.get(key) ?? new Set();
      running.set(key, cancels.add(cancel));
      return () => {
        cancels.delete(cancel);
        if (cancels.size === 0) running.delete(key);
      };
    },
    cancel(sessionId, requestId) {
      for (const cancel of running.get(keyOf(sessionId, requestId)) ?? []) cancel();
    },
  };
}
