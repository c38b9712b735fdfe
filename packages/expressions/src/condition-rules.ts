import type { ComparisonOperator, Json } from '@toolplane/contracts';
import type { Budget } from './budget.ts';
import { compileLookup, type ScopeLookup } from './lookup.ts';
import { toExactNumber, toNumber } from './to-number.ts';
import { toText } from './to-text.ts';

/** The rules that differ between the formats in which conditions are written. */
export type ConditionRules = {
  holds(value: Json | undefined): boolean;
  compare: Record<ComparisonOperator, Compare>;
  compileLookup(path: string[]): ScopeLookup;
};

type Compare = (left: Json | undefined, right: Json | undefined, budget: Budget) => boolean;

export const flowerRules: ConditionRules = {
  holds: isTruthy,
  compare: {
    '==': isEqual,
    '!=': (left, right, budget) => !isEqual(left, right, budget),
    '<': (left, right) => toNumber(left) < toNumber(right),
    '<=': (left, right) => toNumber(left) <= toNumber(right),
    '>': (left, right) => toNumber(left) > toNumber(right),
    '>=': (left, right) => toNumber(left) >= toNumber(right),
  },
  compileLookup,
};

function isTruthy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}

/**
 * Compares values of one type directly. Compares values of different types as numbers if both are numeric, and
 * otherwise as text.
 */
function isEqual(left: Json | undefined, right: Json | undefined, budget: Budget): boolean {
  if (left === undefined || left === null || right === undefined || right === null)
    return (left ?? null) === (right ?? null);
  if (typeof left === typeof right && typeof left !== 'object') return left === right;
  const leftNumber = toExactNumber(left);
  const rightNumber = toExactNumber(right);
  if (Number.isNaN(leftNumber) || Number.isNaN(rightNumber)) return toText(left, budget) === toText(right, budget);
  return leftNumber === rightNumber;
}
