import type { Condition, PlanRequest } from '@toolplane/contracts';
import { isIdempotent } from '@toolplane/contracts';
import { holdsFor } from './holds-for.ts';

export const RETRY_HINT =
  'Give the step a key that its API knows (x-idempotency-key: { header: Idempotency-Key }), declare that sending it twice has the effect of sending it once ' +
  '(x-idempotent: true), or retry only after a status which means that nothing was done, such as 429 and 503.';

/** Sent again after an answer that does not say that nothing was done, it may have something done twice. */
export function canBeDoneTwice(request: Pick<PlanRequest, 'method' | 'isIdempotent' | 'idempotencyKey'>): boolean {
  return !isIdempotent(request) && request.idempotencyKey === undefined;
}

/** A condition that no answer meets but one that refuses what it was asked for. */
export function isOnlyAfterRefusal(when: Condition | undefined): boolean {
  if (when === undefined) return false;
  for (let status = 100; status < 600; status += 1) {
    if (!isRefusal(status) && holdsFor(when, status) !== false) return false;
  }
  return true;
}

/** A 408 comes also to who has sent everything. */
function isRefusal(status: number): boolean {
  return status === 503 || (status >= 400 && status < 500 && status !== 408);
}
