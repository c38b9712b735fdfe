import { setImmediate } from 'node:timers/promises';
import type { HostedCatalogue } from '../catalogue/catalogue.ts';

const LISTED_MAX = 20;

/** Returns a message for a model that named an unknown toolkit. */
export function nearestToolkits({ toolkits }: HostedCatalogue, toolkit: string): string {
  const all = [...toolkits.keys()];
  const reported = all.slice(0, LISTED_MAX).join(', ');
  const more = all.length > LISTED_MAX ? `, and ${all.length - LISTED_MAX} more` : '';
  return `There is no toolkit ${JSON.stringify(toolkit)}; ${all.length === 0 ? 'there are none yet' : `the toolkits are: ${reported}${more}`}`;
}

/** Returns similar names for a model that named an unknown tool. */
export async function nearestTools(catalogue: HostedCatalogue, slug: string): Promise<string[]> {
  const { suggest } = await catalogue.search();
  // Yield to the event loop before each search. Other calls proceed, provided that names are looked up one after the
  // other.
  await setImmediate();
  return suggest(slug);
}
