import { countObjects } from '../../document/count-objects.ts';
import type { Part } from '../../document/part.ts';

/**
 * The maximum number of objects in the inputs and questions of all flows: code is generated for each, so many of them
 * cost seconds.
 */
const OBJECTS_MAX = 10_000;

/** Returns false, and reports the flow with which the limit is exceeded, if the schemas of a document are too many. */
export function fitsSchemas(flows: Part): boolean {
  let count = 0;
  const length = Array.isArray(flows.value) ? flows.value.length : 0;
  for (let index = 0; index < length; index += 1) {
    const flow = flows.item(index);
    for (const key of ['inputs', 'x-ask']) count += countObjects(flow?.member(key)?.value ?? null);
    if (count <= OBJECTS_MAX) continue;
    const message = `The inputs and questions up to this flow hold more than ${OBJECTS_MAX} objects`;
    flow?.error('too_many', message, 'Split the document into several servers.');
    return false;
  }
  return true;
}
