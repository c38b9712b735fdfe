import type { Json, JsonObject } from '@toolplane/contracts';
import type { SchemaWriter } from './write-schema.ts';

export type ValueKind = 'scalar' | 'array' | 'object';

const DEPTH_MAX = 4;

/**
 * Returns the kinds of values that a schema allows. A schema that declares none is treated as a scalar, because most
 * are.
 */
export function kindsOf(schema: Json | undefined, schemas: SchemaWriter): ReadonlySet<ValueKind> {
  const kinds = new Set<ValueKind>();
  collect(schema, 0);
  if (kinds.size === 0) kinds.add('scalar');
  return kinds;

  function collect(member: Json | undefined, depth: number): void {
    const { type, properties, additionalProperties, patternProperties, items, anyOf, oneOf, allOf } =
      schemas.resolve(member);
    for (const name of [type ?? []].flat()) {
      if (name === 'array' || name === 'object') kinds.add(name);
      else if (name !== 'null') kinds.add('scalar');
    }
    const ofObjects = [properties, additionalProperties, patternProperties];
    if (type === undefined && ofObjects.some((each) => each !== undefined)) kinds.add('object');
    if (type === undefined && items !== undefined) kinds.add('array');
    if (depth >= DEPTH_MAX) return;
    for (const each of [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []))) {
      collect(each, depth + 1);
    }
  }
}

/** The type determines how a list is written, but many schemas have it only in `allOf` or only imply it by `items`. */
export function withListType(written: JsonObject, kinds: ReadonlySet<ValueKind>): JsonObject {
  const isList = kinds.size === 1 && kinds.has('array');
  const isTyped = written['type'] !== undefined || written['anyOf'] !== undefined;
  return isList && !isTyped ? { type: 'array', ...written } : written;
}
