import type { Json, JsonObject } from '@toolplane/contracts';
import { type OpenApiDocument, OpenApiError, type OpenApiOperation } from './model.ts';
import { readOpenApi } from './read-open-api.ts';

/** Reads a document for tests, served at `https://example.com/specs/api.json`. */
export function read(value: Json): OpenApiDocument {
  const result = readOpenApi(value, 'https://example.com/specs/api.json');
  if ('problem' in result) throw new Error(result.problem.message);
  return result.document;
}

export function api(paths: Json, more: JsonObject = {}): OpenApiDocument {
  return read({ openapi: '3.1.0', info: { title: 'API', version: '1' }, paths, ...more });
}

/**
 * Returns the GET operation of the only path, `/a/{id}`. `ofPath` contains members of the path; the remaining ones are
 * members of the document.
 */
export function get(
  operation: JsonObject,
  { ofPath = {}, ...more }: { ofPath?: JsonObject } & JsonObject = {},
): OpenApiOperation {
  const found = api({ '/a/{id}': { ...ofPath, get: { operationId: 'op', ...operation } } }, more).findById('op');
  if (found === undefined) throw new Error('not found');
  return found;
}

/** Returns the reason why something cannot be used, and its location. */
export function refusal(ask: () => unknown): string {
  try {
    ask();
  } catch (thrown) {
    if (thrown instanceof OpenApiError) return `${thrown.message} at ${thrown.pointer}`;
    throw thrown;
  }
  return 'none';
}
