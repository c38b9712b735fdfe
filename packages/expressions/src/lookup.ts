import type { Json } from '@toolplane/contracts';
import { namesCookies } from './reference.ts';
import type { Scope } from './scope.ts';

export type ScopeLookup = (scope: Scope) => Json | undefined;

/**
 * Finds only own properties, so `__proto__` and `constructor` name nothing. A canonical number is an index of a list.
 * Non-enumerable properties are found only by the path of cookies.
 */
export function compileLookup(path: string[]): ScopeLookup {
  const keys = path.map((key) => ({ key, index: /^(?:0|[1-9]\d{0,8})$/.test(key) ? Number(key) : -1 }));
  const isThere = namesCookies(path) ? Object.hasOwn : isEnumerable;
  const find: ScopeLookup = (scope) => {
    let value: unknown = scope;
    for (const { key, index } of keys) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value)) value = index < 0 ? undefined : value[index];
      else value = isThere(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    }
    return value as Json | undefined;
  };
  // A configuration header that the caller did not send counts as an empty one.
  return path[0] === 'config' ? (scope) => find(scope) ?? '' : find;
}

/** Returns true only if `key` is an own property and enumerable. */
export function isEnumerable(value: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, key);
}
