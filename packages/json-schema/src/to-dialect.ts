import { isJsonObject, type JsonObject } from '@toolplane/contracts';
import { mapSubschemas } from './subschemas.ts';

/**
 * Converts a schema for external readers: the result is valid in the dialect that it declares, or in 2020-12 if it
 * declares none.
 */
export function toDialect(schema: JsonObject): JsonObject {
  const { $schema: dialect, $id: id } = schema;
  if (typeof dialect === 'string' && dialect.includes('draft-07')) return schema;
  return {
    ...(dialect === undefined ? {} : { $schema: dialect }),
    ...(id === undefined ? {} : { $id: id }),
    ...toDraft2020(schema),
  };
}

/**
 * Converts a schema to 2020-12: tuples and `dependencies` of draft-07 become their successors, and identifiers are
 * removed, because nothing may refer to them.
 */
export function toDraft2020(schema: JsonObject): JsonObject {
  const { $schema: _dialect, $id: _id, ...rest } = schema;
  return convertTuple(convertDependencies(mapSubschemas(rest, toDraft2020)));
}

function convertTuple(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema['items'])) return schema;
  const { items, additionalItems, ...others } = schema;
  return {
    ...others,
    prefixItems: items,
    ...(additionalItems === undefined ? {} : { items: additionalItems }),
  };
}

/** Leaves `dependencies` unchanged beside one of its successors: a schema that mixes both dialects stays as written. */
function convertDependencies(schema: JsonObject): JsonObject {
  const { dependencies, ...others } = schema;
  const hasSuccessor = others['dependentRequired'] !== undefined || others['dependentSchemas'] !== undefined;
  if (!isJsonObject(dependencies) || hasSuccessor) return schema;
  const entries = Object.entries(dependencies);
  const required = entries.filter(([, value]) => Array.isArray(value));
  const schemas = entries.filter(([, value]) => !Array.isArray(value));
  return {
    ...others,
    ...(required.length === 0 ? {} : { dependentRequired: Object.fromEntries(required) }),
    ...(schemas.length === 0 ? {} : { dependentSchemas: Object.fromEntries(schemas) }),
  };
}
