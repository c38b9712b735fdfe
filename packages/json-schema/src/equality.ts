import type { Json } from '@toolplane/contracts';
import type { WorkBudget } from './work.ts';

/** The cost of writing the key of a value, in addition to its characters and the values in it. */
const UNITS = 100;

/**
 * Returns the same key for equal values and different keys for different values: 1 equals 1.0, and the order of
 * properties does not matter. No key looks like a number, because the position of numbers in a set is predictable, and
 * an attacker could make many of them collide.
 */
function toKey(value: Json, work?: WorkBudget): string {
  if (typeof value === 'string') {
    work?.spend(UNITS + value.length);
    return `${value.length}"${value}`;
  }
  work?.spend(UNITS);
  if (typeof value !== 'object' || value === null) return `=${value}`;
  if (Array.isArray(value)) return `[${value.map((item) => toKey(item, work)).join()}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => toKey(name, work) + toKey(value[name] as Json, work)).join()}}`;
}

/** Tests for membership as quickly with many allowed values as with few. */
export function toMembership(allowed: readonly Json[], work: WorkBudget): (value: Json) => boolean {
  const keys = new Set(allowed.map((value) => toKey(value)));
  const hasStructures = allowed.some(isStructure);
  const lengthMax = allowed.reduce<number>((max, value) => Math.max(max, lengthOf(value)), 0);
  return (value) => {
    const isTooLong = isStructure(value) ? !hasStructures : lengthOf(value) > lengthMax;
    return !isTooLong && keys.has(toKey(value, work));
  };
}

/** Takes time linear in the size of the list. */
export function hasDistinctItems(items: readonly Json[], work: WorkBudget): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const key = toKey(item, work);
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

export function isStructure(value: Json): boolean {
  return typeof value === 'object' && value !== null;
}

const lengthOf = (value: Json) => (typeof value === 'string' ? value.length : 0);
