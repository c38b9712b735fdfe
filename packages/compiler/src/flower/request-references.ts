import type { FoundReference } from '@toolplane/expressions';
import type { Step } from './model.ts';

/** Returns every reference in what a step sends. */
export function requestReferences({ request }: Step): FoundReference[] {
  const { url, headers, query, body } = request;
  const expressions = [...headers, ...query, ...(body === undefined ? [] : [body])];
  return [...url.references, ...expressions.flatMap(({ references }) => references)];
}
