import type { Json, JsonObject } from '@toolplane/contracts';
import { type JSONPathQuery, jsonpath, TokenKind } from 'json-p3';
import { spendUnits } from '../../budget.ts';
import { compileTest } from './compile-filter.ts';
import { type Walk, walkMembers } from './run.ts';

const { isArray } = Array;
const { hasOwn } = Object;

type Segment = JSONPathQuery['segments'][number];
type Selector = Segment['selectors'][number];

const { FilterSelector, IndexSelector, NameSelector, SliceSelector } = jsonpath.selectors;

/** Extensions to RFC 9535 that documents rely on. */
export type Dialect = {
  /** True if `.length` of a list or a text is its length. */
  readsLength: boolean;
};

/** Compiles each selector to one function, which immediately passes its nodes to the rest of the query. */
export function compileWalk({ segments }: JSONPathQuery, dialect: Dialect): Walk {
  const [first, ...rest] = segments.map((segment) => compileSegment(segment, dialect));
  if (first === undefined) return (value, _, visit) => visit(value, undefined, 0);
  return rest.reduce(chain, first);
}

function chain(first: Walk, second: Walk): Walk {
  return (value, run, visit) => first(value, run, (child) => second(child, run, visit));
}

function compileSegment(segment: Segment, dialect: Dialect): Walk {
  const walks = segment.selectors.map((selector) => compileSelector(selector, dialect));
  const [only = walkMembers] = walks;
  const select: Walk = walks.length === 1 ? only : (value, run, visit) => walks.some((walk) => walk(value, run, visit));
  return isDescendant(segment) ? descend(select) : select;
}

function isDescendant(segment: Segment): boolean {
  return segment.token.kind === TokenKind.DDOT;
}

function descend(select: Walk): Walk {
  const walk: Walk = (value, run, visit) => {
    if (typeof value !== 'object' || value === null) return false;
    return select(value, run, visit) || walkMembers(value, run, (member) => walk(member, run, visit));
  };
  return walk;
}

function compileSelector(selector: Selector, dialect: Dialect): Walk {
  if (selector instanceof FilterSelector) {
    const holds = compileTest(selector.expression, dialect);
    return (value, run, visit) =>
      walkMembers(value, run, (member, holder, key) => holds(member, run) && visit(member, holder, key));
  }
  if (selector instanceof SliceSelector) return compileSlice(selector);
  const findKey = compileKey(selector, dialect);
  if (findKey === undefined) return walkMembers;
  return (value, run, visit) => {
    spendUnits(run.budget, 1);
    const key = findKey(value);
    return key !== undefined && visit(memberOf(value, key), value as JsonObject, key);
  };
}

type FindKey = (value: Json) => string | number | undefined;

/** For a selector of at most one member, returns a function that finds the key if the value has it. */
function compileKey(selector: Selector, { readsLength }: Dialect): FindKey | undefined {
  if (selector instanceof NameSelector) {
    const { name } = selector;
    const isLength = readsLength && name === 'length';
    return (value) => {
      if (isArray(value) || typeof value === 'string') return isLength ? name : undefined;
      return typeof value === 'object' && value !== null && hasOwn(value, name) ? name : undefined;
    };
  }
  if (selector instanceof IndexSelector) {
    const { index } = selector;
    return (value) => {
      if (!isArray(value)) return undefined;
      const counted = index < 0 ? value.length + index : index;
      return counted >= 0 && counted < value.length ? counted : undefined;
    };
  }
  return undefined;
}

function memberOf(value: Json, key: string | number): Json {
  return (value as JsonObject)[key] as Json;
}

function compileSlice({ start, stop, step = 1 }: InstanceType<typeof SliceSelector>): Walk {
  return (value, run, visit) => {
    if (!isArray(value) || step === 0) return false;
    const { length } = value;
    const first = toBound(start ?? (step > 0 ? 0 : length - 1), length, step);
    const end = stop === undefined ? (step > 0 ? length : -1) : toBound(stop, length, step);
    for (let index = first; step > 0 ? index < end : index > end; index += step) {
      spendUnits(run.budget, 1);
      if (visit(value[index] as Json, value, index)) return true;
    }
    return false;
  };
}

/** Counts a negative position from the end, and clamps the result to the list. */
function toBound(position: number, length: number, step: number): number {
  const counted = position < 0 ? length + position : position;
  return step > 0 ? Math.min(Math.max(counted, 0), length) : Math.min(Math.max(counted, -1), length - 1);
}

/** Finds the value for a query of names and indexes without a walk. Returns undefined for any other query. */
export function compileLookup(
  { segments }: JSONPathQuery,
  dialect: Dialect,
): ((value: Json) => Json | undefined) | undefined {
  const keys: FindKey[] = [];
  for (const segment of segments) {
    const [selector, ...others] = segment.selectors;
    const findKey = selector === undefined ? undefined : compileKey(selector, dialect);
    if (findKey === undefined || others.length > 0 || isDescendant(segment)) return undefined;
    keys.push(findKey);
  }
  return (value) => {
    let found = value;
    for (const findKey of keys) {
      const key = findKey(found);
      if (key === undefined) return undefined;
      found = memberOf(found, key);
    }
    return found;
  };
}
