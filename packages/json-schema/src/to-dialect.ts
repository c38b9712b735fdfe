import { isJsonObject, type JsonObject } from '@toolplane/contracts';
import { mapSubschemas } from './subschemas.ts';

/** For others to read: valid in the dialect that it says, which is 2020-12 where it says none. */
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
 * The same schema in 2020-12: the tuples and `dependencies` of draft-07 become what they are there, and identifiers go,
 * because nothing may refer to them.
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

/** Beside one of their successors they stay: a schema of both dialects is left as it was written. */
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
