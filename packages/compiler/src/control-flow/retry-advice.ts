import type { ComparisonOperator, Condition, PlanRequest } from '@toolplane/contracts';
import { isIdempotent } from '@toolplane/contracts';

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
    if (!isRefusal(status) && holds(when, status) !== false) return false;
  }
  return true;
}

/** A 408 comes also to who has sent everything. */
function isRefusal(status: number): boolean {
  return status === 503 || (status >= 400 && status < 500 && status !== 408);
}

/** Undefined where that depends on more than the status. */
function holds(condition: Condition, status: number): boolean | undefined {
  switch (condition.kind) {
    case 'literal':
      return typeof condition.value === 'boolean' ? condition.value : undefined;
    case 'simple':
      return holds(condition.of, status);
    case 'not':
      return negate(holds(condition.of, status));
    case 'and':
      return all(condition.of.map((each) => holds(each, status)));
    case 'or':
      return negate(all(condition.of.map((each) => negate(holds(each, status)))));
    case 'compare': {
      const [left, right] = [numberOf(condition.left, status), numberOf(condition.right, status)];
      return left === undefined || right === undefined ? undefined : comparisons[condition.operator](left, right);
    }
    default:
      return undefined;
  }
}

function negate(known: boolean | undefined): boolean | undefined {
  return known === undefined ? undefined : !known;
}

function all(known: (boolean | undefined)[]): boolean | undefined {
  if (known.includes(false)) return false;
  return known.includes(undefined) ? undefined : true;
}

function numberOf(operand: Condition, status: number): number | undefined {
  if (operand.kind === 'reference') return operand.path.join('.') === 'response.status' ? status : undefined;
  if (operand.kind !== 'literal' || operand.value === null || operand.value === '') return undefined;
  const value = Number(operand.value);
  return typeof operand.value === 'boolean' || Number.isNaN(value) ? undefined : value;
}

const comparisons: Record<ComparisonOperator, (left: number, right: number) => boolean> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};
