import type { Link } from '@opentelemetry/api';
import { jsonObjectSchema } from '@toolplane/contracts';
import { toLinks } from '@toolplane/service-kit';
import type { Edge } from '../edge.ts';
import type { FoundBy } from './call-span.ts';

/*
 * Each round of a task is a separate call, made at whichever edge receives the request, so later rounds are separate
 * traces with a link to the first. The link is stored beside the record of the task, because edges of other releases
 * also read that record.
 */

const recordOf = (taskId: string) => `${taskId} trace`;

/** Nothing waits for this write. If it fails, later rounds have no link. */
export function storeFirstTrace(
  { store }: Pick<Edge, 'store'>,
  taskId: string,
  { traceparent }: FoundBy,
  keptMs: number,
): void {
  if (traceparent === undefined) return;
  store.createRecord('task', recordOf(taskId), { traceparent }, keptMs).catch(() => {});
}

export async function findFirstTrace({ store }: Pick<Edge, 'store'>, taskId: string): Promise<Link[]> {
  const stored = await store.getRecord('task', recordOf(taskId)).catch(() => undefined);
  const { traceparent } = jsonObjectSchema.safeParse(stored?.record).data ?? {};
  return typeof traceparent === 'string' ? toLinks({ traceparent }) : [];
}
