import { toRecord } from '../protocol/json-record.ts';

/** For tasks, a person's answers and the cancellation: requests that are answered at once, and that calls wait for. */
const ANSWERED_AT_ONCE: ReadonlySet<unknown> = new Set(['tasks/update', 'tasks/cancel']);

/**
 * Whether the answer to a body can take as long as a call. Responses and notifications get no answer: they answer what
 * a call has asked, or cancel it, so they must come through while calls hold all places of their caller.
 */
export function mayWait(body: unknown): boolean {
  if (Array.isArray(body)) return body.some(mayWait);
  const { id, method } = toRecord(body);
  return id !== undefined && method !== undefined && !ANSWERED_AT_ONCE.has(method);
}
