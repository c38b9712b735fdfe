import type { Json } from '@toolplane/contracts';
import { kindsOf } from './kinds-of.ts';
import type { SchemaWriter } from './write-schema.ts';

const DEPTH_MAX = 8;

/**
 * Returns true if values of a schema can contain, at any depth, a list that servers read in many ways. A schema that
 * refers to itself counts as one. A list of objects does not count: its items are numbered, with everything inside
 * them.
 */
export function holdsList(schema: Json | undefined, schemas: SchemaWriter, depth = 0): boolean {
  if (depth > DEPTH_MAX) return true;
  const { type, items, properties, patternProperties, additionalProperties, anyOf, oneOf, allOf } =
    schemas.resolve(schema);
  if (items !== undefined || [type ?? null].flat().includes('array')) {
    const kinds = kindsOf(items, schemas);
    return kinds.size > 1 || !kinds.has('object');
  }
  const members = [properties, patternProperties, anyOf, oneOf, allOf].flatMap((inner) =>
    Object.values((inner ?? {}) as object),
  );
  return [...members, additionalProperties].some((each: Json | undefined) => {
    return typeof each === 'object' && holdsList(each, schemas, depth + 1);
  });
}
