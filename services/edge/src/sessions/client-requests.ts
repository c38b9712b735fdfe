import { randomBytes } from 'node:crypto';
import { AppError, type Json } from '@toolplane/contracts';

/** The length of an id in base64url. A response with an id of another length belongs to no request. */
export const CLIENT_REQUEST_ID_LENGTH = 16;

/**
 * The requests of this edge to legacy clients that wait for a response. A client's response may reach any edge, so
 * every edge receives every response.
 */
export type ClientRequests = {
  /**
   * Registers a request; `id` is its JSON-RPC id. `answer` rejects with the reason of the signal. Throws that reason if
   * the signal has fired before, so that nothing is sent.
   */
  add(sessionId: string, signal: AbortSignal): { id: string; answer: Promise<Json> };
  /** Handles a client's response as it was received. A response that nobody waits for is dropped. */
  settle(sessionId: string, message: Json): void;
};

export function createClientRequests(): ClientRequests {
  const waiting = new Map<string, { resolve(answer: Json): void; reject(error: AppError): void }>();

  return {
    add(sessionId, signal) {
      signal.throwIfAborted();
      const id = randomBytes(12).toString('base64url');
      const key = `${sessionId} ${id}`;
      const { promise, resolve, reject } = Promise.withResolvers<Json>();
      waiting.set(key, { resolve, reject });
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const answer = promise.finally(() => {
        waiting.delete(key);
        signal.removeEventListener('abort', onAbort);
      });
      // If sending the request fails, nobody waits for the answer, so its rejection must not be reported as unhandled.
      answer.catch(() => {});
      return { id, answer };
    },
    settle(sessionId, message) {
      const { id, result } = message as { id?: unknown; result?: Json };
      const request = typeof id === 'string' ? waiting.get(`${sessionId} ${id}`) : undefined;
      if (result !== undefined) request?.resolve(result);
      else request?.reject(new AppError('input_declined', 'The client refused the request for input'));
    },
  };
}
