import type { Json } from '@toolplane/contracts';
import { type Budget, spendUnits } from '../budget.ts';
import type { ConditionRules } from '../condition-rules.ts';
import { compileLookup, type ScopeLookup } from '../lookup.ts';
import { toExactNumber, toNumber } from '../to-number.ts';
import { toText } from '../to-text.ts';

/**
 * How values compare in a simple criterion of Arazzo: texts without regard to case, numbers with texts that read as
 * numbers, an absent value like null. Values of different types are neither equal nor ordered.
 */
export const arazzoRules: ConditionRules = {
  holds: (value) => value !== undefined && value !== null && value !== false && value !== 0 && value !== '',
  compare: {
    '==': isEqual,
    '!=': (left, right, budget) => !isEqual(left, right, budget),
    '<': (left, right, budget) => order(left, right, budget) < 0,
    '<=': (left, right, budget) => order(left, right, budget) <= 0,
    '>': (left, right, budget) => order(left, right, budget) > 0,
    '>=': (left, right, budget) => order(left, right, budget) >= 0,
  },
  compileLookup: compileLengthLookup,
};

function isEqual(left: Json | undefined, right: Json | undefined, budget: Budget): boolean {
  const [one, other] = [left ?? null, right ?? null];
  if (one === null || other === null) return one === other;
  if (typeof one === 'string' && typeof other === 'string') return fold(one, budget) === fold(other, budget);
  if (typeof one === 'object' && typeof other === 'object') return toText(one, budget) === toText(other, budget);
  if (typeof one === 'number' || typeof other === 'number') return toExactNumber(one) === toExactNumber(other);
  return one === other;
}

/**
 * Returns a number below, at or above zero; NaN, for which no ordering holds, unless both values are numbers or both
 * are texts.
 */
function order(left: Json | undefined, right: Json | undefined, budget: Budget): number {
  const difference = toNumber(left) - toNumber(right);
  if (!Number.isNaN(difference)) return difference;
  if (typeof left !== 'string' || typeof right !== 'string') return Number.NaN;
  const [one, other] = [fold(left, budget), fold(right, budget)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function fold(text: string, budget: Budget): string {
  spendUnits(budget, text.length);
  return text.toLowerCase();
}

/** `length` after a list is the length of the list, unless the value has a member of that name. */
function compileLengthLookup(path: string[]): ScopeLookup {
  const find = compileLookup(path);
  if (path.at(-1) !== 'length' || path.length < 3) return find;
  const findList = compileLookup(path.slice(0, -1));
  return (scope) => {
    const value = find(scope);
    if (value !== undefined) return value;
    const list = findList(scope);
    return Array.isArray(list) ? list.length : undefined;
  };
}
