import { appendPointer, isJsonObject } from '@toolplane/contracts';
import type { Place } from './place.ts';
import type { OperationSpot } from './read-operation.ts';

/** Paths and operations together, far more than a public API has. */
const ENTRIES_MAX = 100_000;
/** In entries: a path that is a `$ref` can cost a walk over others. */
const REFERENCE_COST = 50;

/** Those that cannot be sent are listed too, so that whoever asks for one hears why. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

export type OperationIndex = {
  /** An id that is used several times has all its places. */
  byId: Map<string, OperationSpot[]>;
  byPointer: Map<string, OperationSpot>;
  /** Those that lead to no object. */
  brokenPaths: string[];
  /** There are more operations than are listed. */
  isCut: boolean;
};

/** The places of all operations, and of entries that are none. A path whose `$ref` is broken has no operations. */
export function indexOperations(root: Place): OperationIndex {
  const index: OperationIndex = { byId: new Map(), byPointer: new Map(), brokenPaths: [], isCut: false };
  let entriesLeft = ENTRIES_MAX;
  const paths = root.member('paths');
  for (const path of keysOf(paths)) {
    if (entriesLeft <= 0) break;
    addPath(path, paths?.member(path));
  }
  index.isCut = entriesLeft <= 0;
  return index;

  function addPath(path: string, item: Place | undefined): void {
    const target = item?.findTarget();
    entriesLeft -= target === item ? 1 : REFERENCE_COST;
    if (item === undefined || !isJsonObject(target?.value)) {
      // Whatever begins otherwise is an extension.
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

  function add(place: Place | undefined, where: Omit<OperationSpot, 'place'>): void {
    if (place === undefined) return;
    entriesLeft -= 1;
    const spot: OperationSpot = { ...where, place };
    index.byPointer.set(spot.pointer, spot);
    const id = place.text('operationId');
    if (id === undefined) return;
    const known = index.byId.get(id);
    if (known === undefined) index.byId.set(id, [spot]);
    else known.push(spot);
  }
}

function keysOf(place: Place | undefined): string[] {
  return isJsonObject(place?.value) ? Object.keys(place.value) : [];
}
