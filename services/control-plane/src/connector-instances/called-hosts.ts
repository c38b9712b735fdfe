import type { Instance } from './store.ts';

/** What its tools send credentials to, sign-in included, as far as it is known before a call. */
export function listCalledHosts({ origins }: Pick<Instance, 'origins'>): string[] {
  return [...new Set(origins.map((origin) => new URL(origin).host))].toSorted();
}
