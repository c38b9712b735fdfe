import { appendPointer, isJsonObject } from '@toolplane/contracts';
import type { OpenApiNode } from './open-api-node.ts';
import type { OperationEntry } from './read-operation.ts';

/** Counts paths and operations together; far more than a public API has. */
const ENTRIES_MAX = 100_000;
/** The cost in entries: a path that is a `$ref` may require a walk over others. */
const REFERENCE_COST = 50;

/** Methods that cannot be sent are listed too, so that using one is reported with the reason. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

export type OperationIndex = {
  /** An id that is used several times has all its locations. */
  byId: Map<string, OperationEntry[]>;
  byPointer: Map<string, OperationEntry>;
  /** Paths that do not lead to an object. */
  brokenPaths: string[];
  /** True if the document has more operations than are listed. */
  isCut: boolean;
};

/**
 * Lists the locations of all operations, including entries that are not operations. A path whose `$ref` is broken has
 * no operations.
 */
export function indexOperations(root: OpenApiNode): OperationIndex {
  const index: OperationIndex = { byId: new Map(), byPointer: new Map(), brokenPaths: [], isCut: false };
  let entriesLeft = ENTRIES_MAX;
  const paths = root.member('paths');
  for (const path of keysOf(paths)) {
    if (entriesLeft <= 0) break;
    addPath(path, paths?.member(path));
  }
  index.isCut = entriesLeft <= 0;
  return index;

  function addPath(path: string, item: OpenApiNode | undefined): void {
    const target = item?.findTarget();
    entriesLeft -= target === item ? 1 : REFERENCE_COST;
    if (item === undefined || !isJsonObject(target?.value)) {
      // A key that begins differently is an extension.
      if (path.startsWith('/')) index.brokenPaths.push(path);
      return;
    }
    const ofPath = (key: string) => item.member(key) ?? (target === item ? undefined : target.member(key));
    const pointer = appendPointer('/paths', path);
    for (const method of METHODS) add(ofPath(method), { pointer: `${pointer}/${method}`, path, method, ofPath });
    const others = ofPath('additionalOperations');
    for (const method of keysOf(others)) {
      if (entriesLeft <= 0) return;
      const at = appendPointer(`${pointer}/additionalOperations`, method);
      add(others?.member(method), { pointer: at, path, method, ofPath });
    }
  }

  function add(node: OpenApiNode | undefined, where: Omit<OperationEntry, 'node'>): void {
    if (node === undefined) return;
    entriesLeft -= 1;
    const entry: OperationEntry = { ...where, node };
    index.byPointer.set(entry.pointer, entry);
    const id = node.text('operationId');
    if (id === undefined) return;
    const known = index.byId.get(id);
    if (known === undefined) index.byId.set(id, [entry]);
    else known.push(entry);
  }
}

function keysOf(node: OpenApiNode | undefined): string[] {
  return isJsonObject(node?.value) ? Object.keys(node.value) : [];
}
