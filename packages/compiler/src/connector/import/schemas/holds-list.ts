import type { Json } from '@toolplane/contracts';
import { kindsOf } from './kinds-of.ts';
import type { SchemaWriter } from './write-schema.ts';

const DEPTH_MAX = 8;

/**
 * Whether values of a schema can have a list in them that servers read in many ways, at any depth; what refers to
 * itself is taken to. Items that are objects are numbered, and with them all that is inside.
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
