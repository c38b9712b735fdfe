import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { z } from 'zod';
import { connectorSchema } from './connector-schema.ts';

let made: JsonObject | undefined;

/**
 * Returns the JSON Schema 2020-12 of a descriptor as it is written, for editors. It must not be changed, because all
 * callers share it.
 */
export function connectorSchemaJson(): JsonObject {
  made ??= splitTypes(
    z.toJSONSchema(connectorSchema, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' }) as JsonObject,
  ) as JsonObject;
  return made;
}

/** Strict programs accept only one type in each `type`. */
function splitTypes(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(splitTypes);
  if (!isJsonObject(schema)) return schema;
  const { type, ...others } = schema;
  const inside = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, splitTypes(value)]));
  if (Array.isArray(type)) return { ...inside, anyOf: type.map((each) => ({ type: each })) };
  return type === undefined ? inside : { type: splitTypes(type), ...inside };
}
