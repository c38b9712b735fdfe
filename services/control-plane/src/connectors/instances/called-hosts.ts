import type { Instance } from './store.ts';

/**
 * The hosts to which the tools of an instance send credentials, including sign-in, as far as they are known before a
 * call.
 */
export function listCalledHosts({ origins }: Pick<Instance, 'origins'>): string[] {
  return [...new Set(origins.map((origin) => new URL(origin).host))].toSorted();
}
