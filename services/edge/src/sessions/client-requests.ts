import { randomBytes } from 'node:crypto';
import { AppError, type Json } from '@toolplane/contracts';

/** In base64url. Nobody waits for an answer to another id. */
export const CLIENT_REQUEST_ID_LENGTH = 16;

/**
 * The questions of this edge to legacy clients that are waiting for an answer. The answer of a client may reach any
 * edge, so every edge receives every answer.
 */
export type ClientRequests = {
  /**
   * `id` is the JSON-RPC id for the request. Rejects with the reason of the signal; throws it when the signal fired
   * before, so that nothing is sent.
   */
  add(sessionId: string, signal: AbortSignal): { id: string; answer: Promise<Json> };
  /** A client's response, as it came; one that nobody waits for is dropped. */
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
      // If sending it fails nobody waits, and its end is nobody's error.
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
