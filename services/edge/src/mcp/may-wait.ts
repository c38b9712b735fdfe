import { toRecord } from '../protocol/json-record.ts';

/**
 * The requests with a person's answers to a task and with its cancellation: they are answered at once, and calls wait
 * for them.
 */
const ANSWERED_AT_ONCE: ReadonlySet<unknown> = new Set(['tasks/update', 'tasks/cancel']);

/**
 * Returns whether the answer to a body can take as long as a call. Responses and notifications receive no answer. They
 * answer a call's question or cancel the call, so they must be accepted while calls use all slots of their caller.
 */
export function mayWait(body: unknown): boolean {
  if (Array.isArray(body)) return body.some(mayWait);
  const { id, method } = toRecord(body);
  return id !== undefined && method !== undefined && !ANSWERED_AT_ONCE.has(method);
}
