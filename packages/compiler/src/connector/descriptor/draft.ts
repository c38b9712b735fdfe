import { isJsonObject, type Json } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Connector } from './connector-schema.ts';

type Path = readonly (string | number)[];

/** A descriptor with its places. Where a value breaks the schema, another stands in for it. */
export class Draft {
  readonly connector: Connector;
  readonly #root: Part;
  readonly #written: Part;
  /** Pointers of what is broken and of all around it. */
  readonly #broken: ReadonlySet<string>;

  /** `written` is the document with what is broken, whose pointers are `broken`. */
  constructor(connector: Connector, root: Part, { written, broken }: { written: Part; broken: readonly string[] }) {
    this.connector = connector;
    this.#root = root;
    this.#written = written;
    this.#broken = new Set(broken.flatMap(withParents));
  }

  /** The place of a member, present or not. */
  at(...path: Path): Part {
    return placeIn(this.#root, path);
  }

  /** What the items of a list are called, as it is written. The first of these members that an item has is its name. */
  names(keys: readonly string[], ...path: Path): Set<string> {
    const { value } = placeIn(this.#written, path);
    return new Set(Array.isArray(value) ? value.flatMap((item) => nameOf(item, keys) ?? []) : []);
  }

  /** Can a name of this list not be read? Then it may be one that is not found. */
  hasUnnamed(keys: readonly string[], ...path: Path): boolean {
    if (!this.hasBroken(...path)) return false;
    const { value } = placeIn(this.#written, path);
    return !Array.isArray(value) || value.some((item) => nameOf(item, keys) === undefined);
  }

  /** Is this broken, or something in it? */
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
