import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { type JmespathRun, spend } from './run.ts';

/** Returns true for the values that JMESPath treats as false: null, false, and everything empty; 0 counts as true. */
export function isFalse(value: Json): boolean {
  if (value === null || value === false || value === '') return true;
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : hasNoMembers(value);
}

function hasNoMembers(value: JsonObject): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

export function isEqual(left: Json, right: Json, run: JmespathRun): boolean {
  spend(run, 1);
  if (left === right) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isEqual(item, right[index] as Json, run));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const keys = Object.keys(left);
  const otherCount = Object.keys(right).length;
  spend(run, keys.length + otherCount);
  if (keys.length !== otherCount) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key] as Json, right[key] as Json, run));
}
