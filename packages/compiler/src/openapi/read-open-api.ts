import { appendPointer, isJsonObject, type Json, pointerSegments } from '@toolplane/contracts';
import { indexOperations, type OperationIndex } from './index-operations.ts';
import { type OpenApiDocument, OpenApiError, type OpenApiOperation } from './model.ts';
import { OpenApiNode } from './open-api-node.ts';
import type { SourceProblem } from './parse-content.ts';
import { createOperationReader, type OperationEntry } from './read-operation.ts';

/**
 * Reads OpenAPI 3.0, 3.1 and 3.2. This is cheap for a document of any size: its operations are indexed at the first
 * lookup, and each is read on request. `location` is where the document is served; `serverUrl` replaces its servers.
 */
export function readOpenApi(
  value: Json,
  location: string,
  serverUrl?: string,
): { document: OpenApiDocument } | { problem: SourceProblem } {
  const version = isJsonObject(value) ? readVersion(value['openapi'] ?? value['swagger']) : undefined;
  if (version === undefined) return { problem: unsupported(isJsonObject(value) && Object.hasOwn(value, 'swagger')) };
  const root = new OpenApiNode(value);
  const title = root.member('info')?.text('title');
  let index: OperationIndex | undefined;
  let ids: string[] | undefined;
  let lowerIds: Map<string, string[]> | undefined;
  let pointers: string[] | undefined;
  const readOperation = createOperationReader(root, location, serverUrl);
  const operations = new Map<string, OpenApiOperation>();
  const referenced = new Map<string, Json | undefined>();
  const head = { location, version, ...(title === undefined ? {} : { title }), about: readAbout(root) };
  return {
    document: {
      ...head,
      findReferenced,
      findById,
      findByPointer,
      hasOperation,
      idsLike,
      operationIds,
      operationPointers,
      brokenPaths,
    },
  };

  /** Results are cached, because schemas repeatedly refer to the same schemas. */
  function findReferenced(reference: string): Json | undefined {
    if (!referenced.has(reference)) {
      referenced.set(reference, new OpenApiNode({ $ref: reference }, root).findTarget()?.value);
    }
    return referenced.get(reference);
  }

  function findById(id: string): OpenApiOperation | undefined {
    const [first, second] = getIndex().byId.get(id) ?? [];
    if (first !== undefined && second !== undefined) {
      const message = `The operationId "${id}" is used at ${first.pointer} and at ${second.pointer}`;
      throw new OpenApiError(message, second.pointer);
    }
    return first === undefined ? checkWhole() : read(first);
  }

  function findByPointer(pointer: string): OpenApiOperation | undefined {
    const segments = pointerSegments(pointer);
    const entry = getIndex().byPointer.get(segments.reduce(appendPointer, ''));
    if (entry !== undefined) return read(entry);
    // A path that exists but does not lead to an object is not in the index: `follow` throws the reason.
    const [parent = '', path = ''] = segments;
    if (parent === 'paths') root.member(parent)?.member(path)?.follow();
    return checkWhole();
  }

  /** If not every operation is listed, a failed lookup proves nothing. */
  function checkWhole(): undefined {
    if (getIndex().isCut) throw new OpenApiError('The document has too many operations to find this one', '/paths');
  }

  function hasOperation(id: string): boolean {
    return getIndex().byId.has(id);
  }

  function idsLike(id: string): readonly string[] {
    lowerIds ??= Map.groupBy(operationIds(), (each) => each.toLowerCase());
    return lowerIds.get(id.toLowerCase())?.filter((each) => each !== id) ?? [];
  }

  function operationIds(): string[] {
    ids ??= [...getIndex().byId.keys()];
    return ids;
  }

  function operationPointers(): string[] {
    pointers ??= [...getIndex().byPointer.keys()];
    return pointers;
  }

  function brokenPaths(): { path: string; reason: string }[] {
    return getIndex().brokenPaths.map((path) => ({ path, reason: reasonOf(path) }));
  }

  function reasonOf(path: string): string {
    try {
      root.member('paths')?.member(path)?.follow();
      return 'It is not an object';
    } catch (thrown) {
      if (thrown instanceof OpenApiError) return thrown.message;
      throw thrown;
    }
  }

  function getIndex(): OperationIndex {
    index ??= indexOperations(root);
    return index;
  }

  function read(entry: OperationEntry): OpenApiOperation {
    const known = operations.get(entry.pointer);
    if (known !== undefined) return known;
    if (!isJsonObject(entry.node.value)) throw new OpenApiError('It is not an object', entry.pointer);
    const operation = readOperation(entry);
    operations.set(entry.pointer, operation);
    return operation;
  }
}

function readAbout(root: OpenApiNode): OpenApiDocument['about'] {
  const info = root.member('info');
  const found = {
    version: info?.text('version'),
    summary: info?.text('summary'),
    description: info?.text('description'),
    contactName: info?.member('contact')?.text('name'),
    documentationUrl: root.member('externalDocs')?.text('url'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text !== undefined));
}

/** The patch number does not matter. In YAML, an unquoted version is a number. */
function readVersion(written: Json | undefined): string | undefined {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const text = written === 3 ? '3.0' : String(written);
  return /^(3\.[012])(\.|-|$)/.exec(text)?.[1];
}

function unsupported(isSwagger: boolean): SourceProblem {
  const code = 'unsupported_openapi';
  if (isSwagger) {
    const hint = 'Convert it to OpenAPI 3, for example with converter.swagger.io.';
    return { code, message: 'It is OpenAPI 2.0 (Swagger), which is not supported', hint };
  }
  const hint = 'The supported versions are OpenAPI 3.0, 3.1 and 3.2.';
  return { code, message: 'Its "openapi" is not a supported version', hint };
}
