import { isIdempotent, type PlanRequest, type ToolAnnotations } from '@toolplane/contracts';

/** What can be said of a tool by what it sends. */
export type Sends = Pick<PlanRequest, 'method' | 'isIdempotent'>;

/**
 * Everything may be sent twice without harm. A key does not make it so: it is of one call, and whoever repeats the call
 * has another.
 */
export function isRepeatable(requests: readonly Sends[]): boolean {
  return requests.every(isIdempotent);
}

export function isReadOnly(requests: readonly Sends[]): boolean {
  return requests.every(({ method }) => method === 'GET' || method === 'HEAD');
}

/** Hints about what the requests promise; a document knows better and can override each. */
export function toAnnotations(requests: readonly Sends[]): ToolAnnotations {
  return {
    readOnlyHint: isReadOnly(requests),
    destructiveHint: requests.some(({ method }) => method === 'DELETE'),
    idempotentHint: isRepeatable(requests),
    openWorldHint: true,
  };
}
