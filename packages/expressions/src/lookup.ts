import type { Json } from '@toolplane/contracts';
import type { Scope } from './scope.ts';

export type Lookup = (scope: Scope) => Json | undefined;

/** Own properties only, so `__proto__` and `constructor` name nothing; a canonical number is an index of a list. */
export function compileLookup(path: string[]): Lookup {
  const keys = path.map((key) => ({ key, index: /^(?:0|[1-9]\d{0,8})$/.test(key) ? Number(key) : -1 }));
  const find: Lookup = (scope) => {
    let value: unknown = scope;
    for (const { key, index } of keys) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value)) value = index < 0 ? undefined : value[index];
      else value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    }
    return value as Json | undefined;
  };
  // A configuration header that the caller did not send counts as an empty one.
  return path[0] === 'config' ? (scope) => find(scope) ?? '' : find;
}
