import { isJsonObject, type Json } from '@toolplane/contracts';
import type { Budget } from '../budget.ts';
import { toText } from '../to-text.ts';
import { type JmespathRun, spend, tooMuchWork } from './run.ts';
import { isEqual } from './values.ts';

/** The functions of expressions. Each accepts any argument: one of the wrong type returns null. */
export type ValueFunction = {
  argumentsMin: number;
  argumentsMax: number;
  call: (given: Json[], run: JmespathRun) => Json;
};

/** Functions that create texts, so their result is not a part of a response. */
export const textFunctions: ReadonlySet<string> = new Set(['join', 'reverse', 'to_string']);

export type Keyed = { item: Json; key: Json };
export type ByFunction = (keyed: Keyed[], run: JmespathRun) => Json;

export const valueFunctions: ReadonlyMap<string, ValueFunction> = new Map([
  ['abs', ofNumber(Math.abs)],
  ['ceil', ofNumber(Math.ceil)],
  ['floor', ofNumber(Math.floor)],
  ['avg', ofNumbers((numbers) => (numbers.length === 0 ? null : sum(numbers) / numbers.length))],
  ['sum', ofNumbers(sum)],
  ['max', ofComparable((items) => items.reduce((best, item) => (compare(item, best) > 0 ? item : best)))],
  ['min', ofComparable((items) => items.reduce((best, item) => (compare(item, best) < 0 ? item : best)))],
  ['sort', { argumentsMin: 1, argumentsMax: 1, call: ([list], run) => sort(list, run) }],
  ['length', ofOne(length)],
  ['keys', ofOne((value) => (isJsonObject(value) ? Object.keys(value) : null))],
  ['values', ofOne((value) => (isJsonObject(value) ? Object.values(value) : null))],
  ['reverse', ofOne(reverse)],
  ['flatten', ofOne((value) => (Array.isArray(value) ? value.flat() : null))],
  ['to_array', ofOne((value) => (Array.isArray(value) ? value : [value]))],
  ['to_string', { argumentsMin: 1, argumentsMax: 1, call: ([value], run) => toJsonText(value, run) }],
  ['to_number', ofOne(toNumber)],
  ['type', ofOne(typeName)],
  ['contains', ofTwo(contains)],
  ['starts_with', ofTexts((text, start) => text.startsWith(start))],
  ['ends_with', ofTexts((text, end) => text.endsWith(end))],
  ['join', ofTwo(join)],
  [
    'not_null',
    { argumentsMin: 1, argumentsMax: Infinity, call: (given) => given.find((value) => value !== null) ?? null },
  ],
]);

export const byFunctions: ReadonlyMap<string, ByFunction> = new Map<string, ByFunction>([
  ['sort_by', sortBy],
  ['max_by', (keyed) => bestBy(keyed, 1)],
  ['min_by', (keyed) => bestBy(keyed, -1)],
]);

function ofOne(call: (value: Json) => Json): ValueFunction {
  return {
    argumentsMin: 1,
    argumentsMax: 1,
    call: ([value = null], run) => {
      spend(run, sizeOf(value));
      return call(value);
    },
  };
}

function ofTwo(call: (first: Json, second: Json, run: JmespathRun) => Json): ValueFunction {
  return {
    argumentsMin: 2,
    argumentsMax: 2,
    call: ([first = null, second = null], run) => {
      spend(run, sizeOf(first) + sizeOf(second));
      return call(first, second, run);
    },
  };
}

function ofTexts(call: (first: string, second: string) => Json): ValueFunction {
  return ofTwo((first, second) =>
    typeof first === 'string' && typeof second === 'string' ? call(first, second) : null,
  );
}

/** Characters cost less than nodes. */
const CHARACTERS_PER_STEP = 16;

function sizeOf(value: Json): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / CHARACTERS_PER_STEP);
  if (Array.isArray(value)) return 1 + value.length;
  return isJsonObject(value) ? 1 + Object.keys(value).length : 1;
}

function ofNumber(call: (value: number) => number): ValueFunction {
  return ofOne((value) => (typeof value === 'number' ? call(value) : null));
}

function ofNumbers(call: (numbers: number[]) => Json): ValueFunction {
  return ofOne((value) => (isNumberList(value) ? call(value) : null));
}

function ofComparable(call: (items: (number | string)[]) => Json): ValueFunction {
  return ofOne((value) => (isComparableList(value) && value.length > 0 ? call(value) : null));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function compare(left: number | string, right: number | string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isNumberList(value: Json): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function isTextList(value: Json): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Accepts only numbers or only texts: an order across both would be arbitrary. */
function isComparableList(value: Json): value is number[] | string[] {
  return isNumberList(value) || isTextList(value);
}

function sort(list: Json = null, run: JmespathRun): Json {
  if (!isComparableList(list)) return null;
  spend(run, list.length * SORT_COST);
  return (list as (number | string)[]).toSorted(compare);
}

/** The comparisons per element for the longest list that the limit allows. */
const SORT_COST = 16;

function sortBy(keyed: Keyed[], run: JmespathRun): Json {
  if (!isComparableList(keyed.map(({ key }) => key))) return null;
  spend(run, keyed.length * SORT_COST);
  const sorted = keyed.toSorted((a, b) => compare(a.key as number | string, b.key as number | string));
  return sorted.map(({ item }) => item);
}

function bestBy(keyed: Keyed[], sign: 1 | -1): Json {
  const [first] = keyed;
  if (first === undefined || !isComparableList(keyed.map(({ key }) => key))) return null;
  const isBetter = (a: Keyed, b: Keyed) => compare(a.key as number | string, b.key as number | string) * sign > 0;
  return keyed.reduce((best, candidate) => (isBetter(candidate, best) ? candidate : best), first).item;
}

function length(value: Json): Json {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : null;
}

function reverse(value: Json): Json {
  if (typeof value === 'string') return [...value].reverse().join('');
  return Array.isArray(value) ? value.toReversed() : null;
}

/** The glue is repeated, so the result can be far larger than both arguments. */
function join(glue: Json, list: Json, run: JmespathRun): Json {
  if (typeof glue !== 'string' || !isTextList(list)) return null;
  const length = list.reduce((sum, item) => sum + glue.length + item.length, 0);
  spend(run, Math.floor(length / CHARACTERS_PER_STEP));
  return list.join(glue);
}

function toJsonText(value: Json = null, run: JmespathRun): Json {
  const budget: Budget = { unitsLeft: run.stepsLeft * CHARACTERS_PER_STEP, createError: tooMuchWork };
  const text = value === null ? 'null' : toText(value, budget);
  spend(run, sizeOf(text));
  return text;
}

function toNumber(value: Json): Json {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function contains(subject: Json, wanted: Json, run: JmespathRun): Json {
  if (typeof subject === 'string') return typeof wanted === 'string' && subject.includes(wanted);
  return Array.isArray(subject) ? subject.some((item) => isEqual(item, wanted, run)) : null;
}
