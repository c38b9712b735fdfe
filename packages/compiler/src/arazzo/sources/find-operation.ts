import { httpMethods } from '@toolplane/contracts';
import type { Hint } from '../../document/problems.ts';
import { suggestName } from '../../document/suggest-name.ts';
import { type OpenApiDocument, OpenApiError, type OpenApiOperation } from '../../openapi/model.ts';
import type { SourceProblem } from '../../openapi/parse-content.ts';
import { parseOperationPath } from '../../openapi/parse-operation-path.ts';
import type { ArazzoDocument, SourceDescription, Step } from '../model.ts';
import type { LoadedSource, LoadedSources } from './load-sources.ts';

export type FoundOperation = {
  source: SourceDescription;
  api: OpenApiDocument;
  operation: OpenApiOperation;
  /** What is wrong with the way in which the step names the operation, although the meaning is clear. */
  leniency?: string;
};

type Problem = Omit<SourceProblem, 'hint'> & { hint: Hint };
type Found = FoundOperation | { problem: Problem };

/** The maximum number of operation ids of each source among which suggestions are searched. */
const NAMES_MAX = 200;
const PREFIX = '$sourceDescriptions.';

/**
 * Finds the operation that a step names. Returns undefined if its source could not be loaded, which is already
 * reported.
 */
export function findOperation(
  target: Step['target'],
  document: ArazzoDocument,
  sources: LoadedSources,
): Found | undefined {
  const { kind, text } = target;
  if (kind === 'operationPath') return findByPath(text, document, sources);
  if (kind === 'channelPath') return { problem: unsupportedAsyncApi('A channel') };
  return text.startsWith(PREFIX) ? findQualified(text, document, sources) : findBare(text, document, sources);
}

/** The id is everything after the name of the source, whatever characters it contains. */
function findQualified(text: string, document: ArazzoDocument, sources: LoadedSources): Found | undefined {
  const [name = ''] = text.slice(PREFIX.length).split('.', 1);
  const source = document.sources.find((each) => each.name === name);
  if (source === undefined) return { problem: unknownSource(name, document) };
  return findInSource(source, sources, (api) => byId(text.slice(PREFIX.length + name.length + 1), source, api));
}

function findBare(id: string, document: ArazzoDocument, sources: LoadedSources): Found | undefined {
  const apis = document.sources.flatMap((source) => {
    const loaded = sources.get(source.name);
    return loaded?.kind === 'openapi' ? [{ source, api: loaded.api }] : [];
  });
  const holders = apis.filter(({ api }) => api.hasOperation(id)).map(({ source }) => source);
  const [holder, ...others] = holders;
  if (holder !== undefined && others.length === 0) return findInSource(holder, sources, (api) => byId(id, holder, api));
  if (holder !== undefined) {
    const names = holders.map(({ name }) => name).join(', ');
    const message = `Operation "${id}" is in several sources: ${names}`;
    const hint = `Name the source: ${PREFIX}${holder.name}.${id}`;
    return { problem: { code: 'ambiguous_operation', message, hint } };
  }
  if (document.sources.some(({ name }) => !sources.has(name))) return undefined;
  const hasEvents = [...sources.values()].some(({ kind }) => kind === 'asyncapi');
  if (hasEvents) return { problem: unsupportedAsyncApi(`"${id}"`) };
  const ids = apis.flatMap(({ api }) => api.operationIds().slice(0, NAMES_MAX));
  const message = `No OpenAPI source has an operation "${id}"`;
  return { problem: { code: 'unknown_operation', message, hint: suggestName(id, ids, 'Operations') } };
}

function findByPath(text: string, document: ArazzoDocument, sources: LoadedSources): Found | undefined {
  const path = parseOperationPath(text);
  if (path === undefined) {
    const message = 'This is not the path of an operation';
    const hint = 'Write {$sourceDescriptions.<name>.url}#/paths/~1pets~1{id}/get.';
    return { problem: { code: 'invalid_operation_path', message, hint } };
  }
  const source = document.sources.find(({ name, url, resolvedUrl }) => [name, url, resolvedUrl].includes(path.source));
  if (source === undefined) return { problem: unknownSource(path.source, document) };
  const leniency = `The form in Arazzo is {${PREFIX}${source.name}.url}#${path.pointer}`;
  return findInSource(source, sources, (api) => {
    const found = byPointer(path.pointer, source, api);
    return 'problem' in found || !path.isLenient ? found : { leniency, ...found };
  });
}

/** Accepts an id that differs only in case if it is unambiguous: an official example is written this way. */
function byId(id: string, source: SourceDescription, api: OpenApiDocument): Found {
  const operation = api.findById(id);
  if (operation !== undefined) return { source, api, operation };
  const [similar = '', ...others] = api.idsLike(id);
  const meant = others.length === 0 ? api.findById(similar) : undefined;
  if (meant !== undefined) return { source, api, operation: meant, leniency: `Its id is spelled "${similar}"` };
  const message = `Source "${source.name}" has no operation "${id}"`;
  return { problem: { code: 'unknown_operation', message, hint: suggestName(id, api.operationIds(), 'Operations') } };
}

/** Accepts a path without a method if it has only one method: the official examples are written this way. */
function byPointer(pointer: string, source: SourceDescription, api: OpenApiDocument): Found {
  const operation = api.findByPointer(pointer);
  if (operation !== undefined) return { source, api, operation };
  const [only, ...others] = httpMethods.flatMap((method) => {
    return api.findByPointer(`${pointer}/${method.toLowerCase()}`) ?? [];
  });
  if (only !== undefined && others.length === 0) {
    return { source, api, operation: only, leniency: `The method is missing: ${only.pointer}` };
  }
  const message = `Source "${source.name}" has no operation at ${pointer}`;
  const hint = suggestName(pointer, api.operationPointers(), 'Operations');
  return { problem: { code: 'unknown_operation', message, hint } };
}

function findInSource(
  source: SourceDescription,
  sources: LoadedSources,
  find: (api: OpenApiDocument) => Found,
): Found | undefined {
  const loaded = sources.get(source.name);
  if (loaded === undefined) return undefined;
  if (loaded.kind !== 'openapi') return { problem: wrongKind(source, loaded) };
  try {
    return find(loaded.api);
  } catch (thrown) {
    if (!(thrown instanceof OpenApiError)) throw thrown;
    const message = `The operation cannot be used: ${thrown.message}`;
    const hint = `Correct the document of source "${source.name}" at ${thrown.pointer || 'its root'}.`;
    return { problem: { code: 'unusable_operation', message, hint } };
  }
}

function wrongKind({ name }: SourceDescription, { kind }: LoadedSource): Problem {
  if (kind === 'asyncapi') return unsupportedAsyncApi(`Source "${name}"`);
  const message = `Source "${name}" is an Arazzo document, which has workflows but no operations`;
  return { code: 'wrong_source_type', message, hint: 'Name the workflow with workflowId.' };
}

function unsupportedAsyncApi(what: string): Problem {
  const message = `${what} belongs to AsyncAPI, which is not supported`;
  return { code: 'unsupported_asyncapi', message, hint: 'Use operations of OpenAPI sources only.' };
}

function unknownSource(name: string, document: ArazzoDocument): Problem {
  const names = document.sources.map((source) => source.name);
  const message = `There is no source description "${name}"`;
  return { code: 'unknown_source', message, hint: suggestName(name, names, 'Source descriptions') };
}
