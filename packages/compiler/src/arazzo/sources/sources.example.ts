import type { Json, JsonObject } from '@toolplane/contracts';
import { Part } from '../../document/part.ts';
import { Problems } from '../../document/problems.ts';
import { readDocument } from '../../document/read-document.ts';
import type { ArazzoDocument } from '../model.ts';
import { readArazzo } from '../read/read-arazzo.ts';
import { type LoadedSources, loadSources } from './load-sources.ts';
import type { Reference } from './reference.ts';

/** Returns an Arazzo document with these sources, for tests. */
export function arazzo(sourceDescriptions: Json[], more: JsonObject = {}): JsonObject {
  return {
    arazzo: '1.1.0',
    info: { title: 'T', version: '1' },
    sourceDescriptions,
    workflows: [{ workflowId: 'w', steps: [{ stepId: 's', operationId: 'op' }] }],
    ...more,
  };
}

/** Returns an OpenAPI document with one GET for each id. */
export function openApi(...operationIds: string[]): JsonObject {
  const paths = operationIds.map((operationId, index): [string, Json] => [`/${index}`, { get: { operationId } }]);
  return { openapi: '3.1.0', info: { title: 'A', version: '1' }, paths: Object.fromEntries(paths) };
}

export function reference(name: string, content: Json, location = `https://example.com/${name}.json`): Reference {
  return { name, content: typeof content === 'string' ? content : JSON.stringify(content), location };
}

export type Loaded = {
  document: ArazzoDocument;
  sources: LoadedSources;
  /** Each problem as `code pointer: message`, preceded by the source if it is about one. */
  problems: string[];
  hints: (string | undefined)[];
};

export function load(definition: JsonObject, references: Reference[], unavailable = {}): Loaded {
  const text = JSON.stringify(definition);
  const { document: positioned } = readDocument(text);
  if (positioned === undefined) throw new Error('The definition cannot be read');
  const problems = new Problems(positioned.positions);
  const document = readArazzo(new Part(positioned.value, '', problems), { location: '' });
  if (document === undefined) throw new Error('The definition is no Arazzo document');
  const sources = loadSources(document, references, { definition: text, unavailable });
  const listed = problems.toList();
  const lines = listed.map(({ source, code, pointer, message }) => {
    return `${source === undefined ? '' : `${source} `}${code} ${pointer}: ${message}`;
  });
  return { document, sources, problems: lines, hints: listed.map(({ hint }) => hint) };
}
