import type { Json, JsonObject } from '@toolplane/contracts';
import { type Budget, spendUnits } from '../../budget.ts';

const { isArray } = Array;
const { hasOwn } = Object;

/** The state of one evaluation. */
export type JsonPathRun = { root: Json; budget: Budget };

/** Receives a node and its location; returning true ends the walk. The root has the key 0. */
export type VisitNode = (value: Json, holder: Json[] | JsonObject | undefined, key: string | number) => boolean;

/** Passes nodes to the visitor, in order, until the visitor returns true. Returns true if it did. */
export type Walk = (value: Json, run: JsonPathRun, visit: VisitNode) => boolean;

/** The cost of reading one member: about 40 ns. */
const MEMBER_UNITS = 8;
/** Above this number of members, an object is a hash table whose keys must be listed first. */
const TABLE_SIZE = 1000;
const TABLE_MEMBER_UNITS = 60;

export const walkMembers: Walk = (value, run, visit) => {
  if (typeof value !== 'object' || value === null) return false;
  if (isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      spendUnits(run.budget, MEMBER_UNITS);
      if (visit(value[index] as Json, value, index)) return true;
    }
    return false;
  }
  let count = 0;
  for (const key in value) {
    count += 1;
    spendUnits(run.budget, count > TABLE_SIZE ? TABLE_MEMBER_UNITS : MEMBER_UNITS);
    if (visit(value[key] as Json, value, key)) return true;
  }
  return false;
};

/** Compares like `==` in a filter. Nothing, which is undefined here, equals Nothing. */
export function isEqual(left: Json | undefined, right: Json | undefined, run: JsonPathRun): boolean {
  spendUnits(run.budget, MEMBER_UNITS);
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (isArray(left) || isArray(right)) {
    if (!isArray(left) || !isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isEqual(item, right[index], run));
  }
  const hasOther = walkMembers(left, run, (value, _, key) => !hasOwn(right, key) || !isEqual(value, right[key], run));
  return !hasOther && countMembers(left, run) === countMembers(right, run);
}

export function countMembers(value: JsonObject, run: JsonPathRun): number {
  let count = 0;
  walkMembers(value, run, () => {
    count += 1;
    return false;
  });
  return count;
}
