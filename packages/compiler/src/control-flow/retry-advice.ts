import type { Condition, PlanRequest } from '@toolplane/contracts';
import { isIdempotent } from '@toolplane/contracts';
import { holdsFor } from './holds-for.ts';

export const RETRY_HINT =
  'Give the step a key that its API knows (x-idempotency-key: { header: Idempotency-Key }), declare that sending it twice has the effect of sending it once ' +
  '(x-idempotent: true), or retry only after a status which means that nothing was done, such as 429 and 503.';

/**
 * Returns true if sending the request again may do something twice, unless the response shows that nothing was done.
 */
export function canBeDoneTwice(request: Pick<PlanRequest, 'method' | 'isIdempotent' | 'idempotencyKey'>): boolean {
  return !isIdempotent(request) && request.idempotencyKey === undefined;
}

/** Returns true if the condition holds only for responses that refuse the request. */
export function isOnlyAfterRefusal(when: Condition | undefined): boolean {
  if (when === undefined) return false;
  for (let status = 100; status < 600; status += 1) {
    if (!isRefusal(status) && holdsFor(when, status) !== false) return false;
  }
  return true;
}

/** A 408 may also be sent to a client that has sent the complete request. */
function isRefusal(status: number): boolean {
  return status === 503 || (status >= 400 && status < 500 && status !== 408);
}
