import { LRUCache } from 'lru-cache';

/** The keys are the names under which Redis remembers the uses. */
export type UsedApprovals = LRUCache<string, true>;

/** More approvals of calls at one edge are hardly valid at the same time. The oldest are then known to Redis alone. */
const USED_MAX = 100_000;

export function createUsedApprovals(): UsedApprovals {
  return new LRUCache({ max: USED_MAX });
}
