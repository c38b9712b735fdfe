import type { Instance } from './store.ts';

/** The hosts to which its tools send credentials, sign-in included, if known before a call. */
export function listCalledHosts({ origins }: Pick<Instance, 'origins'>): string[] {
  return [...new Set(origins.map((origin) => new URL(origin).host))].toSorted();
}
