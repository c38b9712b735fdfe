import { isJsonObject, type Json, type JsonObject, pointerSegments } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { Anchors, type LocatedSchema } from './anchors.ts';
import { combineSchemas } from './combine-schemas.ts';
import { locateSchema } from './locate-schema.ts';

/**
 * The maximum number of schemas of one document, counted wherever they are inserted: a few lines of references can
 * represent millions of schemas.
 */
const SCHEMAS_MAX = 10_000;
const DEPTH_MAX = 64;

/** Keywords whose value maps names to schemas. */
const named = ['properties', 'patternProperties', 'dependentSchemas', 'dependencies'];
/** Keywords whose value is not a schema, even if it looks like one. */
const data = ['const', 'default', 'enum', 'example', 'examples'];
/** Keywords that only references need, or that have a meaning only at the root. */
const dropped = ['$ref', '$anchor', '$defs', 'definitions'];
const droppedInside = [...dropped, '$id', '$schema'];

type Place = { resource: Part; open: readonly string[]; depth: number };

/**
 * Inlines the schemas that a schema refers to, so that the result is self-contained. A recursive schema is moved to
 * `$defs`.
 */
export class SchemaReferences {
  readonly #root: Part;
  readonly #anchors: Anchors;
  readonly #broken = new Set<string>();
  readonly #reported = new Set<string>();
  readonly #definitions = new Map<string, { name: string; target: LocatedSchema }>();
  #schemaCount = 0;
  #isWhole = true;
  #canBeChecked = true;

  constructor(root: Part) {
    this.#root = root;
    this.#anchors = new Anchors(root);
  }

  /**
   * `isWhole` is false if a part of the schema could not be found or used, which is reported. The rest can still be
   * checked, unless it is too large or has problems that are reported elsewhere.
   */
  inline(schema: Part): { schema: JsonObject; isWhole: boolean; canBeChecked: boolean } {
    this.#definitions.clear();
    this.#isWhole = true;
    this.#canBeChecked = true;
    const inlined = this.#walk(schema, { resource: schema, open: [schema.pointer], depth: 0 }) as JsonObject;
    const definitions: JsonObject = {};
    // The map grows during iteration.
    for (const { name, target } of this.#definitions.values()) {
      const { part, resource } = target;
      definitions[name] = this.#walk(part, { resource, open: [part.pointer], depth: 1 });
    }
    const isRecursive = this.#definitions.size > 0;
    const whole = isRecursive ? { ...inlined, $defs: definitions } : inlined;
    return { schema: whole, isWhole: this.#isWhole, canBeChecked: this.#canBeChecked };
  }

  /**
   * Marks a schema whose problems are reported at its own location, so that they are not reported again wherever it is
   * used.
   */
  markBroken({ pointer }: Part): void {
    this.#broken.add(pointer);
  }

  #walk(part: Part, place: Place): Json {
    const { value } = part;
    if (Array.isArray(value)) return value.map((item, index) => this.#walkItem(part.item(index), item, place));
    if (!isJsonObject(value) || !this.#hasRoom(part, place)) return value;
    const skipped = place.depth === 0 ? dropped : droppedInside;
    const members = part.entries().filter(([key]) => !skipped.includes(key));
    const own = Object.fromEntries(members.map(([key, member]) => [key, this.#walkMember(key, member, place)]));
    const target = this.#find(part.member('$ref'), place);
    return target === undefined ? own : combineSchemas(this.#expand(target, place), own);
  }

  #walkItem(part: Part | undefined, item: Json, place: Place): Json {
    return part === undefined ? item : this.#walk(part, { ...place, depth: place.depth + 1 });
  }

  #walkMember(key: string, part: Part, place: Place): Json {
    if (data.includes(key) || key.startsWith('x-')) return part.value;
    const inside = { ...place, depth: place.depth + 1 };
    if (!named.includes(key) || !isJsonObject(part.value)) return this.#walk(part, inside);
    return Object.fromEntries(part.entries().map(([name, member]) => [name, this.#walk(member, inside)]));
  }

  #expand({ part, resource }: LocatedSchema, { open, depth }: Place): JsonObject {
    const { pointer } = part;
    if (this.#broken.has(pointer)) this.#leave();
    if (!open.includes(pointer)) {
      return this.#walk(part, { resource, open: [...open, pointer], depth: depth + 1 }) as JsonObject;
    }
    const known = this.#definitions.get(pointer);
    const name = known?.name ?? this.#nameOf(pointer);
    if (known === undefined) this.#definitions.set(pointer, { name, target: { part, resource } });
    return { $ref: `#/$defs/${name}` };
  }

  #nameOf(pointer: string): string {
    const name = (pointerSegments(pointer).at(-1) ?? '').replaceAll(/[^A-Za-z0-9_-]/g, '_');
    const isTaken = [...this.#definitions.values()].some((definition) => definition.name === name);
    return isTaken ? `${name}_${this.#definitions.size + 1}` : name;
  }

  #hasRoom(part: Part, { depth }: Place): boolean {
    this.#schemaCount += 1;
    if (this.#schemaCount > SCHEMAS_MAX) {
      const message = `The inputs of this document, with all schemas that they refer to, hold more than ${SCHEMAS_MAX} schemas`;
      return this.#stop('too_many', part, message);
    }
    return depth <= DEPTH_MAX || this.#stop('too_deep', part, `A schema nests at most ${DEPTH_MAX} levels`);
  }

  #leave(): void {
    this.#isWhole = false;
    this.#canBeChecked = false;
  }

  #stop(code: string, part: Part, message: string): false {
    this.#leave();
    if (!this.#reported.has(code)) part.error(code, message, 'Simplify the schemas, or split the document.');
    this.#reported.add(code);
    return false;
  }

  #find(reference: Part | undefined, { resource }: Place): LocatedSchema | undefined {
    const text = reference?.text();
    if (reference === undefined || text === undefined) return undefined;
    const found = text.startsWith('#') ? locateSchema(text, resource, this.#root, this.#anchors) : undefined;
    if (found !== undefined && isJsonObject(found.part.value)) return found;
    this.#isWhole = false;
    if (!this.#reported.has(reference.pointer)) this.#reportMissing(reference, text);
    this.#reported.add(reference.pointer);
    return undefined;
  }

  #reportMissing(reference: Part, text: string): void {
    if (!text.startsWith('#')) {
      const hint = 'Copy that schema to components.inputs and write "#/components/inputs/<name>".';
      reference.error('remote_ref', 'A $ref must stay inside the document: it begins with "#"', hint);
      return;
    }
    const inputs = this.#root.member('components')?.member('inputs')?.value;
    const hint = () =>
      `components.inputs has: ${(isJsonObject(inputs) ? Object.keys(inputs) : []).join(', ') || 'nothing'}.`;
    reference.error('unknown_ref', 'This $ref does not name a schema of this document', hint);
  }
}
