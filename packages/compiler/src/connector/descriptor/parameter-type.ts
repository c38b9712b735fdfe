import { isJsonObject, type Json, type JsonObject, pointerSegments } from '@toolplane/contracts';
import type { Parameter, parameterTypes } from './operation-schema.ts';

type ParameterType = (typeof parameterTypes)[number];

const types: readonly string[] = ['string', 'integer', 'number', 'boolean', 'array', 'object'];

/**
 * Returns the type that determines how a value is written: `object` for every value that may be one, so that its
 * members never stand alone in a query; otherwise the first type of the schema, or undefined if it declares none.
 */
export function typeOf({ field_type: type = 'string', schema }: Parameter): ParameterType | undefined {
  if (schema === undefined) return type;
  if (canBeObject(schema, { root: schema, visits: 0 })) return 'object';
  const declared = schema['type'];
  const all = Array.isArray(declared) ? declared : [declared ?? null];
  return all.find((each): each is ParameterType => typeof each === 'string' && types.includes(each));
}

/**
 * Returns true if names of nested members are part of the name: `name[key]`, and `name[0][key]` for a list of objects
 * that has no style.
 */
export function isDeep(parameter: Parameter): boolean {
  const type = typeOf(parameter);
  if (type === 'object') return true;
  const { schema, items = schema?.['items'], style } = parameter;
  return type === 'array' && style === undefined && declaresObject(items, schema ?? {});
}

/** Items without a declaration are treated as texts, because most are. */
function declaresObject(items: Json | undefined, root: JsonObject): boolean {
  if (!isJsonObject(items) || !canBeObject(items, { root, visits: 0 })) return false;
  return ['type', 'properties', '$ref', 'anyOf', 'oneOf', 'allOf'].some((key) => items[key] !== undefined);
}

/** The maximum number of steps through a schema: references can make a small schema a long path. */
const VISITS_MAX = 1000;

/** Returns true if this cannot be determined. */
function canBeObject(schema: Json, walk: { root: JsonObject; visits: number }): boolean {
  walk.visits += 1;
  if (!isJsonObject(schema) || walk.visits > VISITS_MAX) return schema !== false;
  const can = (inside: Json) => canBeObject(inside, walk);
  const { type, enum: values, const: value, anyOf, oneOf, allOf, $ref: reference } = schema;
  if (type !== undefined && ![type].flat().includes('object')) return false;
  if (value !== undefined && !isJsonObject(value)) return false;
  if (Array.isArray(values) && !values.some(isJsonObject)) return false;
  if (Array.isArray(anyOf) && !anyOf.some(can)) return false;
  if (Array.isArray(oneOf) && !oneOf.some(can)) return false;
  if (Array.isArray(allOf) && !allOf.every(can)) return false;
  return typeof reference !== 'string' || can(findReferred(reference, walk.root));
}

/** Follows a reference inside the same schema. A schema that is not found allows anything. */
function findReferred(reference: string, root: JsonObject): Json {
  if (!/^#(?:\/|$)/.test(reference)) return true;
  return pointerSegments(reference.slice(1)).reduce<Json>((inside, segment) => {
    return isJsonObject(inside) && Object.hasOwn(inside, segment) ? (inside[segment] ?? true) : true;
  }, root);
}
