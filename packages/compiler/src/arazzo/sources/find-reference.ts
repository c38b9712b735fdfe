import { canonicalUrl, isFetchable, isKnownUrl } from './canonical-url.ts';
import type { Contents } from './contents.ts';
import type { Reference } from './reference.ts';

/** The name and URL of a source description, and the base URI of its document. */
export type SourcePlace = { name: string; url: string; baseUri: string; isOfDeployed: boolean };

/**
 * Finds the document of a source description: by name, then by its location, then by the `$self` in it. A name counts
 * for the deployed document: two documents may each have a source of the same name and mean different ones. For other
 * documents, the name counts only if the URL cannot be fetched.
 */
export function createReferenceFinder(
  references: readonly Reference[],
  contents: Contents,
): (place: SourcePlace) => Reference | undefined {
  const byName = Map.groupBy(references, ({ name }) => name);
  const byLocation = indexBy(references, ({ location }) => canonicalUrl(location));
  const byWritten = indexBy(references, ({ location }) => location);
  let bySelf: Map<string | undefined, Reference> | undefined;
  return ({ name, url, baseUri, isOfDeployed }) => {
    const resolved = canonicalUrl(url, baseUri);
    const named = name === '' ? [] : (byName.get(name) ?? []);
    const best = named.find(({ location }) => canonicalUrl(location) === resolved) ?? named[0];
    if (isOfDeployed && best !== undefined) return best;
    const located = byLocation.get(resolved) ?? byWritten.get(url);
    if (located !== undefined) return located;
    bySelf ??= indexBy(references, (reference) => contents.selfOf(reference));
    return bySelf.get(resolved) ?? (isFetchable(resolved) ? undefined : best);
  };
}

/** If several references have the same key, the first one counts. */
function indexBy<Key>(references: readonly Reference[], keyOf: (reference: Reference) => Key): Map<Key, Reference> {
  return new Map(references.toReversed().map((reference) => [keyOf(reference), reference]));
}

/** Relative URLs in a document start from the URL by which it is known, not from the file that was provided for it. */
export function locationOf({ location }: Reference, resolvedUrl: string): string {
  return isKnownUrl(resolvedUrl) ? resolvedUrl : location;
}
