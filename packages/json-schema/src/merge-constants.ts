import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { isStructure } from './equality.ts';
import { mapSubschemas, subschemasOf } from './subschemas.ts';

/**
 * Converts a choice of constants, which may have titles, to an `enum`: this is as fast with many constants, and one
 * sentence can then list the allowed values. If a `$ref` may point into a choice, the schema stays unchanged.
 */
export function mergeConstants(schema: JsonObject): JsonObject {
  return hasDeepReference(schema) ? schema : merge(schema);
}

function merge(schema: JsonObject): JsonObject {
  const merged = mapSubschemas(schema, merge);
  const { anyOf, oneOf, ...others } = merged;
  const choice = anyOf ?? oneOf;
  if (!Array.isArray(choice) || (anyOf !== undefined && oneOf !== undefined)) return merged;
  const constants = choice.flatMap(constantOf);
  const areAll = constants.length === choice.length && !Object.hasOwn(others, 'enum');
  const areDistinct = oneOf === undefined || new Set(constants).size === constants.length;
  return areAll && areDistinct ? { ...others, enum: constants } : merged;
}

const annotations = new Set(['title', 'description', '$comment', 'examples', 'default', 'deprecated']);

/**
 * Returns the only value that a schema accepts. The result is empty if several values are possible or the value is not
 * a scalar.
 */
function constantOf(schema: Json): Json[] {
  if (!isJsonObject(schema)) return [];
  const { const: constant, type, ...others } = schema;
  if (Object.keys(others).some((keyword) => !annotations.has(keyword) && !keyword.startsWith('x-'))) return [];
  if (constant === undefined) return type === 'null' ? [null] : [];
  return isStructure(constant) || (type !== undefined && type !== typeof constant) ? [] : [constant];
}

/** Returns true if a `$ref` points to anything but the whole schema, an anchor or a definition. */
function hasDeepReference(schema: JsonObject): boolean {
  const { $ref } = schema;
  const isDeep = typeof $ref === 'string' && !/^#(?:[^/]*|\/(?:\$defs|definitions)\/[^/]*)$/.test($ref);
  return isDeep || subschemasOf(schema, '').some((inside) => hasDeepReference(inside.schema));
}
