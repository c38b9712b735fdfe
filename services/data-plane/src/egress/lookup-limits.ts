import { createSemaphore } from '@toolplane/service-kit';
import type { Resolve } from './guarded-lookup.ts';
import { tooLate } from './in-time.ts';

const LOOKUPS_AT_ONCE = 8;
/** The time limit for establishing a connection. */
const WAIT_MS_MAX = 5000;

/**
 * Resolves only a limited number of names for one organization at once, and the others in the order of their arrival.
 * The system's resolver has a few threads for the whole process and cannot be stopped: names whose servers never
 * respond would keep all threads busy, long after the requests have given up, and no names of other organizations would
 * be resolved.
 */
export function createLookupLimits(resolve: Resolve): (owner: string, hostname: string) => ReturnType<Resolve> {
  const lookups = createSemaphore({ slotsPerKeyMax: LOOKUPS_AT_ONCE, toError: tooLate });
  return (owner, hostname) => lookups.run(() => resolve(hostname), { key: owner, timeoutMs: WAIT_MS_MAX });
}
