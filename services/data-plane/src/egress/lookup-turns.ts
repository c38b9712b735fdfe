import { createBulkhead } from './bulkhead.ts';
import type { Resolve } from './guarded-lookup.ts';

const LOOKUPS_AT_ONCE = 8;
/** As long as a connection may take to be established. */
const WAIT_MS_MAX = 5000;

/**
 * Looks up only a limited number of names for one organization at once, and the others in the order of their arrival. The
 * system's resolver has a few threads for the whole process and cannot be told to stop: names whose servers never
 * answer would keep all of them busy, long after the requests have given up, and no other organization's names would be
 * resolved.
 */
export function createLookupTurns(resolve: Resolve): (owner: string, hostname: string) => ReturnType<Resolve> {
  const turns = createBulkhead({ atOnce: LOOKUPS_AT_ONCE, waitingMax: Number.POSITIVE_INFINITY });
  const { signal } = new AbortController();
  return async (owner, hostname) => {
    await turns.enter(owner, { timeoutMs: WAIT_MS_MAX, signal });
    try {
      return await resolve(hostname);
    } finally {
      turns.leave(owner);
    }
  };
}
