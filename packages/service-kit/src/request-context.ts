import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/** The request that is being handled, for its lines in the log and for requests to other services on its behalf. */
export type RequestContext = { requestId: string; span: Span };

const contexts = new AsyncLocalStorage<RequestContext>();

/** Not used on the hot path of a tool call, which passes its span on explicitly. */
export function withinRequest<Result>(context: RequestContext, work: () => Result): Result {
  return contexts.run(context, work);
}

export function currentRequest(): RequestContext | undefined {
  return contexts.getStore();
}
