import { toRecord } from './json-record.ts';

/** Of tasks, what a person answers and the end of one: requests that are answered at once, and that calls wait for. */
const ANSWERED_AT_ONCE: ReadonlySet<unknown> = new Set(['tasks/update', 'tasks/cancel']);

/**
 * Can the answer to a body take as long as a call? Responses and notifications get none: they answer what a call has
 * asked, or cancel it, so they must come through while calls hold all that their caller may have under way.
 */
export function mayWait(body: unknown): boolean {
  if (Array.isArray(body)) return body.some(mayWait);
  const { id, method } = toRecord(body);
  return id !== undefined && method !== undefined && !ANSWERED_AT_ONCE.has(method);
}
