import type { Json } from '@toolplane/contracts';
import { RegexError } from '@toolplane/regex';
import { jsonpath } from 'json-p3';
import { spendUnits, UNITS_PER_MS } from '../../budget.ts';
import { createSearch, type Search } from '../create-search.ts';
import { memoizeRecent } from '../memoize-recent.ts';
import { compileLookup, compileWalk, type Dialect } from './compile-walk.ts';
import { translateIRegexp } from './i-regexp.ts';
import { countMembers, isEqual, type JsonPathRun, type Walk } from './run.ts';

type Expression = InstanceType<typeof jsonpath.expressions.FilterExpression>;
type FunctionCall = InstanceType<typeof FunctionExtension>;

type Test = (current: Json, run: JsonPathRun) => boolean;
/** Undefined represents what RFC 9535 calls Nothing. */
type Evaluate = (current: Json, run: JsonPathRun) => Json | undefined;

const {
  BooleanLiteral,
  FilterQuery,
  FunctionExtension,
  InfixExpression,
  LogicalExpression,
  NullLiteral,
  NumberLiteral,
  PrefixExpression,
  RootQuery,
  StringLiteral,
} = jsonpath.expressions;

/** Compiles a filter. The library has already checked the types of all expressions. */
export function compileTest(expression: Expression, dialect: Dialect): Test {
  if (expression instanceof LogicalExpression) return compileTest(expression.expression, dialect);
  if (expression instanceof PrefixExpression) {
    const holds = compileTest(expression.right, dialect);
    return (current, run) => !holds(current, run);
  }
  if (expression instanceof InfixExpression) return compileInfix(expression, dialect);
  if (expression instanceof FunctionExtension) return compileMatch(expression, dialect);
  const walk = compileFilterQuery(expression, dialect);
  return (current, run) => walk(current, run, () => true);
}

function compileInfix(expression: InstanceType<typeof InfixExpression>, dialect: Dialect): Test {
  const { operator } = expression;
  if (operator === '&&' || operator === '||') {
    const left = compileTest(expression.left, dialect);
    const right = compileTest(expression.right, dialect);
    return operator === '&&'
      ? (current, run) => left(current, run) && right(current, run)
      : (current, run) => left(current, run) || right(current, run);
  }
  const left = compileValue(expression.left, dialect);
  const right = compileValue(expression.right, dialect);
  const compare = comparisons[operator];
  if (compare === undefined) throw new Error(`There is no operator ${operator}`);
  return (current, run) => compare(left(current, run), right(current, run), run);
}

type Compare = (left: Json | undefined, right: Json | undefined, run: JsonPathRun) => boolean;

const comparisons: Record<string, Compare> = {
  '==': isEqual,
  '!=': (left, right, run) => !isEqual(left, right, run),
  '<': (left, right) => isLess(left, right),
  '>': (left, right) => isLess(right, left),
  '<=': (left, right, run) => isLess(left, right) || isEqual(left, right, run),
  '>=': (left, right, run) => isLess(right, left) || isEqual(left, right, run),
};

function isLess(left: Json | undefined, right: Json | undefined): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return typeof left === 'string' && typeof right === 'string' && left < right;
}

/** Returns a walk over the nodes of a query inside a filter. */
function compileFilterQuery(expression: Expression, dialect: Dialect): Walk {
  if (!(expression instanceof FilterQuery)) throw new Error('A filter has an unknown expression');
  const walk = compileWalk(expression.path, dialect);
  return expression instanceof RootQuery ? (_, run, visit) => walk(run.root, run, visit) : walk;
}

function compileValue(expression: Expression, dialect: Dialect): Evaluate {
  if (expression instanceof NullLiteral) return () => null;
  if (
    expression instanceof StringLiteral ||
    expression instanceof NumberLiteral ||
    expression instanceof BooleanLiteral
  ) {
    const { value } = expression;
    return () => value;
  }
  if (expression instanceof FunctionExtension) return compileFunction(expression, dialect);
  const find = expression instanceof FilterQuery ? compileLookup(expression.path, dialect) : undefined;
  if (find === undefined) throw new Error('A filter compares something that is not a single value');
  return expression instanceof RootQuery ? (_, run) => find(run.root) : (current) => find(current);
}

function compileFunction({ name, args }: FunctionCall, dialect: Dialect): Evaluate {
  const [argument] = args;
  if (argument === undefined) throw new Error(`The function ${name} has no argument`);
  if (name === 'length') {
    const evaluate = compileValue(argument, dialect);
    return (current, run) => lengthOf(evaluate(current, run), run);
  }
  const walk = compileFilterQuery(argument, dialect);
  return name === 'count'
    ? (current, run) => countNodes(walk, current, run)
    : (current, run) => onlyNode(walk, current, run);
}

function lengthOf(value: Json | undefined, run: JsonPathRun): number | undefined {
  if (typeof value === 'string') {
    spendUnits(run.budget, value.length);
    let count = 0;
    // The length counts characters, not UTF-16 units.
    for (const _ of value) count += 1;
    return count;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? value.length : countMembers(value, run);
}

function countNodes(walk: Walk, current: Json, run: JsonPathRun): number {
  let count = 0;
  walk(current, run, () => {
    count += 1;
    return false;
  });
  return count;
}

/** Returns the value of the node if there is exactly one. */
function onlyNode(walk: Walk, current: Json, run: JsonPathRun): Json | undefined {
  let count = 0;
  let found: Json | undefined;
  walk(current, run, (value) => {
    count += 1;
    found = value;
    return count > 1;
  });
  return count === 1 ? found : undefined;
}

function compileMatch({ name, args }: FunctionCall, dialect: Dialect): Test {
  const [textArgument, patternArgument] = args;
  if (textArgument === undefined || patternArgument === undefined) throw new Error(`${name} takes two arguments`);
  const findText = compileValue(textArgument, dialect);
  const toSearch = compilePattern(patternArgument, name === 'match', dialect);
  return (current, run) => {
    const text = findText(current, run);
    return typeof text === 'string' && toSearch(current, run)(text, run.budget);
  };
}

type ToSearch = (current: Json, run: JsonPathRun) => Search;

function compilePattern(expression: Expression, isWhole: boolean, dialect: Dialect): ToSearch {
  if (expression instanceof StringLiteral) {
    const search = toIRegexpSearch(expression.value, isWhole);
    return () => search;
  }
  const findPattern = compileValue(expression, dialect);
  const memoized = isWhole ? memoizedWhole : memoizedPart;
  return (current, run) => {
    const pattern = findPattern(current, run);
    if (typeof pattern !== 'string') return findNothing;
    const startMs = performance.now();
    const search = memoized(pattern);
    spendUnits(run.budget, (performance.now() - startMs) * UNITS_PER_MS);
    return search;
  };
}

/** Patterns that are part of the searched value. */
const memoizedWhole = memoizeRecent(100, (pattern) => toIRegexpSearch(pattern, true));
const memoizedPart = memoizeRecent(100, (pattern) => toIRegexpSearch(pattern, false));

/** A pattern that is not an I-Regexp finds nothing (RFC 9535, 2.4.6). */
function toIRegexpSearch(pattern: string, isWhole: boolean): Search {
  const translated = translateIRegexp(pattern, isWhole);
  if (translated === undefined) return findNothing;
  try {
    return createSearch(translated);
  } catch (thrown) {
    if (thrown instanceof RegexError) return findNothing;
    throw thrown;
  }
}

/** Returns true if the pattern is valid, so that it can be found in some text. */
export function isSearchable(pattern: string): boolean {
  return toIRegexpSearch(pattern, false) !== findNothing;
}

const findNothing: Search = () => false;
