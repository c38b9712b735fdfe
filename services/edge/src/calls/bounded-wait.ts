import { AppError } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import type { McpRequest } from './mcp-request.ts';

/** The timeout of one round of questions: a person may have to look something up. */
export const ASK_MS_MAX = 600_000;

/** An edge's wait for a client or another call. It must be disposed, because the signals that end it live longer. */
export type BoundedWait = Disposable & {
  /** Fires when the wait ends; its reason says why. */
  readonly signal: AbortSignal;
  end(reason: AppError): void;
};

/** Starts a wait that ends at the latest when the client cancels or this edge stops. */
export function startBoundedWait(
  { stopping }: Pick<Edge, 'stopping'>,
  { signal: cancelled }: Pick<McpRequest, 'signal'>,
): BoundedWait {
  const ending = new AbortController();
  const onCancel = () => ending.abort(cancelled.reason);
  const onStop = () => ending.abort(new AppError('shutting_down', 'The service is shutting down'));
  const stopListening = () => {
    cancelled.removeEventListener('abort', onCancel);
    stopping.removeEventListener('abort', onStop);
  };
  cancelled.addEventListener('abort', onCancel);
  stopping.addEventListener('abort', onStop);
  ending.signal.addEventListener('abort', stopListening);
  if (cancelled.aborted) onCancel();
  else if (stopping.aborted) onStop();
  return {
    signal: ending.signal,
    end: (reason) => ending.abort(reason),
    [Symbol.dispose]: () => ending.abort(),
  };
}
