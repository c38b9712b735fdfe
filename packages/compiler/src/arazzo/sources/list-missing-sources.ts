import { isJsonObject, type JsonObject } from '@toolplane/contracts';
import { canonicalUrl, isFetchable, isKnownUrl } from './canonical-url.ts';
import { Contents } from './contents.ts';
import { createReferenceFinder, locationOf } from './find-reference.ts';
import { type Reference, sourceLimits } from './reference.ts';

/** More than a document can have. */
const SOURCES_MAX = 200;
const ARAZZO_LENGTH_MAX = 1024 ** 2;

/**
 * Lists the sources that must be fetched before a document can be compiled. Sources name other sources, so the caller
 * repeats this until nothing is missing. Problems of a document are not reported here.
 */
export function listMissingSources(
  definition: string,
  references: readonly Reference[],
): { name: string; url: string }[] {
  const fetchable = listPlaces(definition, references).filter(
    ({ found, resolved }) => found === undefined && isFetchable(resolved),
  );
  const missing = new Map(fetchable.map(({ name, resolved }) => [resolved, { name, url: resolved }]));
  return [...missing.values()].slice(0, roomFor(references));
}

/** A source in a file beside the document that names it. */
export type MissingFile = {
  name: string;
  /** The URL as written, relative to `from`. */
  url: string;
  /** The location of the reference that contains the source; empty for the deployed document. */
  from: string;
  /** True if another document of this name is used in its place unless its own document is provided. */
  hasNamesake: boolean;
};

/**
 * Lists the sources that are named by a relative URL, for a caller that has the files. The caller repeats this with
 * these files until nothing is missing.
 */
export function listMissingFiles(definition: string, references: readonly Reference[]): MissingFile[] {
  return listPlaces(definition, references)
    .filter(({ url, resolved }) => !URL.canParse(url) && !isKnownUrl(resolved))
    .filter(({ found, url, resolved, from }) => found === undefined || (from !== '' && !isAt(found, url, resolved)))
    .map(({ name, url, from, found }) => ({ name, url, from, hasNamesake: found !== undefined }))
    .slice(0, roomFor(references));
}

function isAt({ location, name }: Reference, url: string, resolved: string): boolean {
  return location === url || canonicalUrl(location) === resolved || name === '';
}

type Place = { name: string; url: string; from: string; resolved: string; found: Reference | undefined };

/** Lists every source of the document and of all documents that it leads to. */
function listPlaces(definition: string, references: readonly Reference[]): Place[] {
  const contents = new Contents();
  const own: Reference = { name: '', content: definition, location: '' };
  const find = createReferenceFinder([own, ...references], contents);
  const reached = new Map([[own, '']]);
  const places: Place[] = [];
  // Iterating over a map includes entries that are added during iteration.
  for (const [reference, location] of reached) {
    const document = readIfArazzo(reference, contents);
    const self = document?.['$self'];
    const baseUri = typeof self === 'string' ? canonicalUrl(self, location) : location;
    for (const { name, url } of listSources(document)) {
      const resolved = canonicalUrl(url, baseUri);
      const found = find({ name, url, baseUri, isOfDeployed: reference === own });
      places.push({ name, url, from: reference.location, resolved, found });
      if (found === undefined || reached.has(found) || reached.size >= sourceLimits.documentsMax) continue;
      reached.set(found, locationOf(found, resolved));
    }
  }
  return places;
}

function roomFor(references: readonly Reference[]): number {
  return Math.max(0, sourceLimits.documentsMax - 1 - references.length);
}

/** Checks the text first, because a large OpenAPI document in YAML takes seconds to parse. */
function readIfArazzo(reference: Reference, contents: Contents): JsonObject | undefined {
  const { content: text } = reference;
  const isLikely = /^\uFEFF?\s*\{/.test(text) || /^\uFEFF?(\? *)? *["']?arazzo["']? *:?/m.test(text);
  if (!isLikely || text.length > ARAZZO_LENGTH_MAX) return undefined;
  const content = contents.parse(reference);
  if (!('value' in content) || !isJsonObject(content.value)) return undefined;
  return Object.hasOwn(content.value, 'arazzo') ? content.value : undefined;
}

function listSources(document: JsonObject | undefined): { name: string; url: string }[] {
  const sources = document?.['sourceDescriptions'];
  if (!Array.isArray(sources)) return [];
  return sources.slice(0, SOURCES_MAX).flatMap((source) => {
    // AsyncAPI sources need no document, because nothing in them can be used.
    if (!isJsonObject(source) || source['type'] === 'asyncapi') return [];
    const { name, url } = source;
    return typeof name === 'string' && typeof url === 'string' && url !== '' ? [{ name, url }] : [];
  });
}
