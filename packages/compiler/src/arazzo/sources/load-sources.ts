import { isJsonObject, type Json } from '@toolplane/contracts';
import { Part } from '../../document/part.ts';
import type { OpenApiDocument } from '../../openapi/model.ts';
import type { SourceProblem } from '../../openapi/parse-content.ts';
import { readOpenApi } from '../../openapi/read-open-api.ts';
import type { ArazzoDocument, SourceDescription } from '../model.ts';
import { readArazzo } from '../read/read-arazzo.ts';
import { canonicalUrl, isFetchable } from './canonical-url.ts';
import { Contents, hashOf } from './contents.ts';
import { createReferenceFinder, locationOf } from './find-reference.ts';
import { type Reference, sourceLimits } from './reference.ts';

/** The loaded sources by the name of their source description. */
export type LoadedSources = ReadonlyMap<string, LoadedSource>;

/** `hash` is the SHA-256 of the content. */
export type LoadedSource =
  | { kind: 'openapi'; api: OpenApiDocument; hash: string }
  /** Documents may name each other in circles: `sources` can lead back to the document that contains it. */
  | { kind: 'arazzo'; document: ArazzoDocument; sources: LoadedSources; hash: string }
  /** Such a source is refused when a step uses it. */
  | { kind: 'asyncapi' };

type LoadedArazzo = Extract<LoadedSource, { kind: 'arazzo' }>;

/**
 * Loads the documents that an Arazzo document names, and those that they name. A document that cannot be used is
 * reported where it is named, or in the document itself, and omitted. `definition` is the text of the deployed
 * document; `unavailable` contains the reasons why documents are missing, by URL.
 */
export function loadSources(
  deployed: ArazzoDocument,
  references: readonly Reference[],
  { definition, unavailable = {} }: { definition: string; unavailable?: Readonly<Record<string, string>> },
): LoadedSources {
  const contents = new Contents();
  const own: Reference = { name: '', content: definition, location: deployed.baseUri };
  const find = createReferenceFinder([own, ...references], contents);
  /** An entry without a value is a reference that cannot be used, which is reported where it was found first. */
  const reached = new Map<Reference, LoadedSource | undefined>();
  return loadAll(own, deployed, '').sources;

  /** `path` names the document in problems; it is empty for the deployed document. */
  function loadAll(reference: Reference, document: ArazzoDocument, path: string): LoadedArazzo {
    const sources = new Map<string, LoadedSource>();
    const loaded = { kind: 'arazzo' as const, document, sources, hash: hashOf(reference) };
    // This comes before its sources are loaded, because one of them may lead back here.
    reached.set(reference, loaded);
    for (const description of document.sources) {
      const source = load(description, document, path);
      if (source !== undefined) sources.set(description.name, source);
    }
    return loaded;
  }

  function load(description: SourceDescription, document: ArazzoDocument, path: string): LoadedSource | undefined {
    const { name, url, type } = description;
    // The reader of the description has already reported what is missing.
    if (name === '' || url === '') return undefined;
    const isOfDeployed = document === deployed;
    const reference = find({ name, url, baseUri: document.baseUri, isOfDeployed });
    // An AsyncAPI source needs no document, because nothing in it can be used.
    if (reference === undefined && type === 'asyncapi') return { kind: type };
    if (reference === undefined) {
      return reportMissing(description, { url: canonicalUrl(url, document.baseUri), isOfDeployed }, unavailable);
    }
    if (!reached.has(reference)) {
      if (reached.size >= sourceLimits.documentsMax) return reportTooMany(description);
      reached.set(reference, undefined);
      const source = loadContent(reference, description, path);
      reached.set(reference, source);
    }
    const source = reached.get(reference);
    if (source === undefined || type === undefined || source.kind === type) return source;
    const message = `Source "${name}" is declared as ${type}, but its document is ${source.kind}`;
    return report(description, 'wrong_source_type', message, `Write type: ${source.kind}.`);
  }

  function loadContent(reference: Reference, description: SourceDescription, path: string): LoadedSource | undefined {
    const content = contents.parse(reference);
    if ('problem' in content) return reportUnusable(description, content.problem);
    const kind = kindOf(content.value);
    if (kind === 'arazzo') return loadArazzo(reference, description, path);
    if (kind === 'asyncapi') return { kind };
    if (kind === undefined) {
      const message = `The document of source "${description.name}" is neither OpenAPI nor Arazzo`;
      return report(description, 'unknown_source_kind', message, 'Its root needs "openapi" or "arazzo".');
    }
    const read = readOpenApi(content.value, locationOf(reference, description.resolvedUrl));
    if ('problem' in read) return reportUnusable(description, read.problem);
    return { kind, api: read.document, hash: hashOf(reference) };
  }

  function loadArazzo(reference: Reference, description: SourceDescription, path: string): LoadedSource | undefined {
    const read = contents.readPositioned(reference);
    if ('problem' in read) return reportUnusable(description, read.problem);
    const { document: positioned, diagnostics } = read;
    if (positioned === undefined) return diagnostics[0] && reportUnusable(description, diagnostics[0]);
    const inside = path === '' ? description.name : `${path}.${description.name}`;
    const problems = description.part.problems.ofSource(inside, positioned.positions, diagnostics);
    const options = { name: description.name, location: locationOf(reference, description.resolvedUrl) };
    const document = readArazzo(new Part(positioned.value, '', problems), options);
    return document && loadAll(reference, document, inside);
  }
}

/** Determines the kind by content: a name or a suffix proves nothing. */
function kindOf(value: Json): LoadedSource['kind'] | undefined {
  if (!isJsonObject(value)) return undefined;
  if (Object.hasOwn(value, 'arazzo')) return 'arazzo';
  if (Object.hasOwn(value, 'asyncapi')) return 'asyncapi';
  return Object.hasOwn(value, 'openapi') || Object.hasOwn(value, 'swagger') ? 'openapi' : undefined;
}

function reportMissing(
  description: SourceDescription,
  { url, isOfDeployed }: { url: string; isOfDeployed: boolean },
  unavailable: Readonly<Record<string, string>>,
): undefined {
  const { name } = description;
  // For a source of a source, the name does not count if it has a URL that can be fetched.
  const by =
    isOfDeployed || !isFetchable(url) ? `as the reference "${name}"` : `as a reference with the location ${url}`;
  const give = `Give the document with the deployment, ${by}.`;
  if (Object.hasOwn(unavailable, url)) {
    const message = `The document of source "${name}" could not be fetched from ${url}: ${unavailable[url]}`;
    return report(description, 'source_unavailable', message, `Check the URL. ${give}`);
  }
  const hint = isFetchable(url) ? give : `Only https URLs are fetched. ${give}`;
  return report(description, 'source_missing', `There is no document for source "${name}"`, hint);
}

function reportTooMany(description: SourceDescription): undefined {
  const message = `The sources refer to more than ${sourceLimits.documentsMax - 1} documents`;
  return report(description, 'too_many_sources', message, 'Split the workflows into several servers.');
}

function reportUnusable(description: SourceDescription, problem: SourceProblem): undefined {
  const message = `Source "${description.name}" cannot be used: ${problem.message}`;
  return report(description, problem.code, message, problem.hint);
}

function report({ part }: SourceDescription, code: string, message: string, hint: string): undefined {
  (part.member('url') ?? part).error(code, message, hint);
}
