import { isJsonObject, type Json } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Connector } from './connector-schema.ts';

type Path = readonly (string | number)[];

/** A descriptor with its locations. A value that breaks the schema is replaced by a valid one. */
export class DescriptorDraft {
  readonly connector: Connector;
  readonly #root: Part;
  readonly #written: Part;
  /** Pointers of everything that is broken, and of everything around it. */
  readonly #broken: ReadonlySet<string>;

  /** `written` is the document with its broken values, and `broken` contains their pointers. */
  constructor(connector: Connector, root: Part, { written, broken }: { written: Part; broken: readonly string[] }) {
    this.connector = connector;
    this.#root = root;
    this.#written = written;
    this.#broken = new Set(broken.flatMap(withParents));
  }

  /** Returns the location of a member, whether it is present or not. */
  at(...path: Path): Part {
    return placeIn(this.#root, path);
  }

  /**
   * Returns the names of the items of a list, as written. The first of the members `keys` that an item has is its name.
   */
  names(keys: readonly string[], ...path: Path): Set<string> {
    const { value } = placeIn(this.#written, path);
    return new Set(Array.isArray(value) ? value.flatMap((item) => nameOf(item, keys) ?? []) : []);
  }

  /** Returns true if a name of this list cannot be read. A name that is not found may then be that one. */
  hasUnnamed(keys: readonly string[], ...path: Path): boolean {
    if (!this.hasBroken(...path)) return false;
    const { value } = placeIn(this.#written, path);
    return !Array.isArray(value) || value.some((item) => nameOf(item, keys) === undefined);
  }

  /** Returns true if this value or something in it is broken. */
  hasBroken(...path: Path): boolean {
    return this.#broken.size > 0 && this.#broken.has(placeIn(this.#written, path).pointer);
  }
}

function placeIn(root: Part, path: Path): Part {
  return path.reduce<Part>((part, segment) => part.place(segment), root);
}

function withParents(pointer: string): string[] {
  const segments = pointer.split('/');
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

function nameOf(item: Json, keys: readonly string[]): string | undefined {
  if (!isJsonObject(item)) return undefined;
  const key = keys.find((each) => Object.hasOwn(item, each)) ?? '';
  const name = item[key];
  return typeof name === 'string' && name !== '' ? name : undefined;
}
