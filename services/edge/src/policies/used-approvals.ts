import { LRUCache } from 'lru-cache';

/** By the name under which Redis remembers the use. */
export type UsedApprovals = LRUCache<string, true>;

/** More approvals of calls at one edge are hardly valid at the same time. The oldest are then known to Redis alone. */
const USED_MAX = 100_000;

export function createUsedApprovals(): UsedApprovals {
  return new LRUCache({ max: USED_MAX });
}
