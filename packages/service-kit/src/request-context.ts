import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/** The request that is being answered: for its lines in the log, and for what is asked of other services on its way. */
export type RequestContext = { requestId: string; span: Span };

const contexts = new AsyncLocalStorage<RequestContext>();

/** Not on the hot path of a tool call, which hands its span on by itself. */
export function withinRequest<Result>(context: RequestContext, work: () => Result): Result {
  return contexts.run(context, work);
}

export function currentRequest(): RequestContext | undefined {
  return contexts.getStore();
}
