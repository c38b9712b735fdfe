import type { ComparisonOperator, Condition, Json } from '@toolplane/contracts';
import { compileLookup, type Lookup } from './lookup.ts';
import type { Scope } from './scope.ts';
import { toText } from './to-text.ts';

export function compileCondition(condition: Condition): (scope: Scope) => boolean {
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
      return (scope) => !holds(scope);
    }
    case 'compare': {
      const left = compileOperand(condition.left);
      const right = compileOperand(condition.right);
      const compare = comparisons[condition.operator];
      return (scope) => compare(left(scope), right(scope));
    }
    case 'and': {
      const all = condition.of.map(compileCondition);
      return (scope) => all.every((holds) => holds(scope));
    }
    case 'or': {
      const any = condition.of.map(compileCondition);
      return (scope) => any.some((holds) => holds(scope));
    }
  }
}

/** Literals and references keep their value; everything else is true or false. */
function compileOperand(condition: Condition): Lookup {
  if (condition.kind === 'reference') return compileLookup(condition.path);
  if (condition.kind !== 'literal') return compileCondition(condition);
  const { value } = condition;
  return () => value;
}

function isTruthy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}

type Compare = (left: Json | undefined, right: Json | undefined) => boolean;

const comparisons: Record<ComparisonOperator, Compare> = {
  '==': isEqual,
  '!=': (left, right) => !isEqual(left, right),
  '<': (left, right) => toNumber(left) < toNumber(right),
  '<=': (left, right) => toNumber(left) <= toNumber(right),
  '>': (left, right) => toNumber(left) > toNumber(right),
  '>=': (left, right) => toNumber(left) >= toNumber(right),
};

/** Values of one type as they are; across types as numbers if both are numeric, else as text. */
function isEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || left === null || right === undefined || right === null)
    return (left ?? null) === (right ?? null);
  if (typeof left === typeof right && typeof left !== 'object') return left === right;
  const leftNumber = toNumber(left);
  const rightNumber = toNumber(right);
  if (Number.isNaN(leftNumber) || Number.isNaN(rightNumber)) return toText(left) === toText(right);
  return leftNumber === rightNumber;
}

/** NaN, which no order holds for, unless the value is a number or a text that reads as one. */
function toNumber(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(value)
    ? Number(value)
    : Number.NaN;
}
