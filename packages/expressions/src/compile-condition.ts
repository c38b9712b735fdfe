import type { ComparisonOperator, Condition, Json } from '@toolplane/contracts';
import type { Budget } from './budget.ts';
import { compileLookup } from './lookup.ts';
import type { Scope } from './scope.ts';
import { toText } from './to-text.ts';

export type EvaluateCondition = (scope: Scope, budget: Budget) => boolean;

export function compileCondition(condition: Condition): EvaluateCondition {
  switch (condition.kind) {
    case 'literal': {
      const holds = isTruthy(condition.value);
      return () => holds;
    }
    case 'reference': {
      const find = compileLookup(condition.path);
      return (scope) => isTruthy(find(scope));
    }
    case 'not': {
      const holds = compileCondition(condition.of);
      return (scope, budget) => !holds(scope, budget);
    }
    case 'compare': {
      const left = compileOperand(condition.left);
      const right = compileOperand(condition.right);
      const compare = comparisons[condition.operator];
      return (scope, budget) => compare(left(scope, budget), right(scope, budget), budget);
    }
    case 'and': {
      const all = condition.of.map(compileCondition);
      return (scope, budget) => all.every((holds) => holds(scope, budget));
    }
    case 'or': {
      const any = condition.of.map(compileCondition);
      return (scope, budget) => any.some((holds) => holds(scope, budget));
    }
  }
}

/** Literals and references keep their value; everything else is true or false. */
function compileOperand(condition: Condition): (scope: Scope, budget: Budget) => Json | undefined {
  if (condition.kind === 'reference') return compileLookup(condition.path);
  if (condition.kind !== 'literal') return compileCondition(condition);
  const { value } = condition;
  return () => value;
}

function isTruthy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}

type Compare = (left: Json | undefined, right: Json | undefined, budget: Budget) => boolean;

const comparisons: Record<ComparisonOperator, Compare> = {
  '==': isEqual,
  '!=': (left, right, budget) => !isEqual(left, right, budget),
  '<': (left, right) => toNumber(left) < toNumber(right),
  '<=': (left, right) => toNumber(left) <= toNumber(right),
  '>': (left, right) => toNumber(left) > toNumber(right),
  '>=': (left, right) => toNumber(left) >= toNumber(right),
};

/** Values of one type as they are; across types as numbers if both are numeric, else as text. */
function isEqual(left: Json | undefined, right: Json | undefined, budget: Budget): boolean {
  if (left === undefined || left === null || right === undefined || right === null)
    return (left ?? null) === (right ?? null);
  if (typeof left === typeof right && typeof left !== 'object') return left === right;
  const leftNumber = toNumber(left);
  const rightNumber = toNumber(right);
  if (Number.isNaN(leftNumber) || Number.isNaN(rightNumber)) return toText(left, budget) === toText(right, budget);
  return leftNumber === rightNumber;
}

/** NaN, which no order holds for, unless the value is a number or a text that reads as one. */
function toNumber(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(value)
    ? Number(value)
    : Number.NaN;
}
