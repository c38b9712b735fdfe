import type { ComparisonOperator, Condition, Json } from '@toolplane/contracts';
import { arazzoRules } from './arazzo/comparisons.ts';
import type { Budget } from './budget.ts';
import { falseOnFailure } from './false-on-failure.ts';
import { compileLookup, type Lookup } from './lookup.ts';
import { compileQueryCriterion, compileRegexCriterion } from './queries/criteria.ts';
import type { Scope } from './scope.ts';
import { toExactNumber, toNumber } from './to-number.ts';
import { toText } from './to-text.ts';

export type EvaluateCondition = (scope: Scope, budget: Budget) => boolean;

/** The rules that differ between the formats in which conditions are written. */
export type ConditionRules = {
  holds(value: Json | undefined): boolean;
  compare: Record<ComparisonOperator, Compare>;
  compileLookup(path: string[]): Lookup;
};

export function compileCondition(condition: Condition): EvaluateCondition {
  return compileBy(flowerRules, condition);
}

function compileBy(rules: ConditionRules, condition: Condition): EvaluateCondition {
  switch (condition.kind) {
    case 'literal': {
      const holds = rules.holds(condition.value);
      return () => holds;
    }
    case 'reference': {
      const find = rules.compileLookup(condition.path);
      return (scope) => rules.holds(find(scope));
    }
    case 'not': {
      const holds = compileBy(rules, condition.of);
      return (scope, budget) => !holds(scope, budget);
    }
    case 'compare': {
      const left = compileOperand(rules, condition.left);
      const right = compileOperand(rules, condition.right);
      const compare = rules.compare[condition.operator];
      return (scope, budget) => compare(left(scope, budget), right(scope, budget), budget);
    }
    case 'and': {
      const all = condition.of.map((one) => compileBy(rules, one));
      return (scope, budget) => all.every((holds) => holds(scope, budget));
    }
    case 'or': {
      const any = condition.of.map((one) => compileBy(rules, one));
      return (scope, budget) => any.some((holds) => holds(scope, budget));
    }
    case 'simple':
      return falseOnFailure(compileBy(arazzoRules, condition.of));
    case 'regex':
      return compileRegexCriterion(condition);
    case 'query':
      return compileQueryCriterion(condition);
  }
}

/** Literals and references keep their value; any other operand is true or false. */
function compileOperand(
  rules: ConditionRules,
  condition: Condition,
): (scope: Scope, budget: Budget) => Json | undefined {
  if (condition.kind === 'reference') return rules.compileLookup(condition.path);
  if (condition.kind !== 'literal') return compileBy(rules, condition);
  const { value } = condition;
  return () => value;
}

type Compare = (left: Json | undefined, right: Json | undefined, budget: Budget) => boolean;

const flowerRules: ConditionRules = {
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
