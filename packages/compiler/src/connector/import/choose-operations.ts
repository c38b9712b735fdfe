import { suggestName } from '../../document/suggest-name.ts';
import { type OpenApiDocument, OpenApiError, type OpenApiOperation } from '../../openapi/model.ts';
import type { ImportOptions } from './import-options.ts';

export type Skipped = { operation: string; reason: string };

export type Chosen = { operations: OpenApiOperation[]; skipped: Skipped[]; unknown: Unknown[] };

/** An operation or tag that was requested but does not exist. */
export type Unknown = { what: 'operation' | 'tag'; name: string; hint: string };

export const IS_DEPRECATED = 'It is deprecated';

/**
 * Chooses the operations that were requested and can be read. Operations that were not requested are neither imported
 * nor skipped.
 */
export function chooseOperations(document: OpenApiDocument, options: ImportOptions): Chosen {
  const { operations: wanted, tags, readOnly = false, withDeprecated = false } = options;
  const names = wanted === undefined ? undefined : new Set(wanted);
  const found = new Set<string>();
  const knownTags = new Set<string>();
  const chosen: Chosen = { operations: [], skipped: [], unknown: [] };
  for (const pointer of document.operationPointers()) {
    const operation = readOperation(pointer);
    if (operation === undefined || !isWanted(operation)) continue;
    if (operation.isDeprecated && !withDeprecated && names === undefined) {
      chosen.skipped.push({ operation: nameOf(operation), reason: IS_DEPRECATED });
    } else {
      chosen.operations.push(operation);
    }
  }
  if (names === undefined && tags === undefined) {
    for (const { path, reason } of document.brokenPaths()) chosen.skipped.push({ operation: path, reason });
  }
  const ids = document.operationIds();
  for (const name of names ?? []) {
    if (found.has(name)) continue;
    chosen.unknown.push({ what: 'operation', name, hint: suggestName(name, ids, 'Operations')() });
  }
  for (const name of new Set(tags)) {
    if (knownTags.has(name)) continue;
    chosen.unknown.push({ what: 'tag', name, hint: suggestName(name, [...knownTags], 'Tags')() });
  }
  return chosen;

  function readOperation(pointer: string): OpenApiOperation | undefined {
    try {
      return document.findByPointer(pointer);
    } catch (thrown) {
      if (!(thrown instanceof OpenApiError)) throw thrown;
      // Only the complete operation would show whether it is requested.
      const place = thrown.pointer === pointer ? '' : ` (${thrown.pointer})`;
      const operation = spokenPointer(pointer);
      if (names === undefined || names.has(operation)) {
        found.add(operation);
        chosen.skipped.push({ operation, reason: `${thrown.message}${place}` });
      }
      return undefined;
    }
  }

  function isWanted(operation: OpenApiOperation): boolean {
    const { operationId, method, tags: own } = operation;
    for (const tag of own) knownTags.add(tag);
    if (readOnly && method !== 'GET') return false;
    if (tags !== undefined && !tags.some((tag) => own.includes(tag))) return false;
    if (names === undefined) return true;
    const called = [operationId, nameOf(operation)].filter((name) => name !== undefined && names.has(name));
    for (const name of called) if (name !== undefined) found.add(name);
    return called.length > 0;
  }
}

export function nameOf({ method, path }: OpenApiOperation): string {
  return `${method} ${path}`;
}

function spokenPointer(pointer: string): string {
  const [, , path = '', ...method] = pointer.split('/').map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~'));
  return `${method.at(-1)?.toUpperCase()} ${path}`;
}
