import type { ComparisonOperator, Condition } from '@toolplane/contracts';

/** Returns whether a condition holds for a status, or undefined if that depends on more than the status. */
export function holdsFor(condition: Condition, status: number): boolean | undefined {
  switch (condition.kind) {
    case 'literal':
      return typeof condition.value === 'boolean' ? condition.value : undefined;
    case 'simple':
      return holdsFor(condition.of, status);
    case 'not':
      return negate(holdsFor(condition.of, status));
    case 'and':
      return all(condition.of.map((each) => holdsFor(each, status)));
    case 'or':
      return negate(all(condition.of.map((each) => negate(holdsFor(each, status)))));
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
