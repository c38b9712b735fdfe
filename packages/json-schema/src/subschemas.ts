import { appendPointer, type Json, type JsonObject } from '@toolplane/contracts';

/**
 * How a keyword applies its schemas: to the same value, to members that no other schema of these keywords gets, or to
 * members that another may get as well.
 */
type Reach = 'same-value' | 'own-member' | 'shared-member' | 'definition';

const keywords = new Map<string, Reach>([
  ['allOf', 'same-value'],
  ['anyOf', 'same-value'],
  ['oneOf', 'same-value'],
  ['not', 'same-value'],
  ['if', 'same-value'],
  ['then', 'same-value'],
  ['else', 'same-value'],
  ['dependentSchemas', 'same-value'],
  ['dependencies', 'same-value'],
  ['properties', 'own-member'],
  ['additionalProperties', 'own-member'],
  ['prefixItems', 'own-member'],
  ['items', 'own-member'],
  ['additionalItems', 'own-member'],
  ['patternProperties', 'shared-member'],
  ['propertyNames', 'shared-member'],
  ['contains', 'shared-member'],
  ['unevaluatedItems', 'shared-member'],
  ['unevaluatedProperties', 'shared-member'],
  ['$defs', 'definition'],
  ['definitions', 'definition'],
]);

/** Keywords whose value maps names to schemas. */
const named = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies', '$defs', 'definitions']);

export type Subschema = { schema: JsonObject; pointer: string; reach: Reach };

/** The schemas directly inside a schema; `true` and `false` hold nothing worth a visit. */
export function subschemasOf(schema: JsonObject, pointer: string): Subschema[] {
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const reach = keywords.get(keyword);
    if (reach === undefined) return [];
    const at = appendPointer(pointer, keyword);
    const candidates = Array.isArray(value) || named.has(keyword) ? membersOf(value, at) : [{ value, pointer: at }];
    return candidates.flatMap((each) =>
      isObject(each.value) ? [{ schema: each.value, pointer: each.pointer, reach }] : [],
    );
  });
}

function membersOf(value: Json | undefined, pointer: string): { value: Json; pointer: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, member]) => ({ value: member, pointer: appendPointer(pointer, key) }));
}

/**
 * The same schema in 2020-12: draft-07 tuples become `prefixItems`, and identifiers go, because nothing may refer to
 * them.
 */
export function toDraft2020(schema: JsonObject): JsonObject {
  const { $schema: _dialect, $id: _id, ...rest } = schema;
  const converted = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, convert(key, value)]));
  if (!Array.isArray(converted['items'])) return converted;
  const { items, additionalItems, ...others } = converted;
  return {
    ...others,
    prefixItems: items as Json,
    ...(additionalItems === undefined ? {} : { items: additionalItems }),
  };
}

function convert(keyword: string, value: Json): Json {
  if (!keywords.has(keyword)) return value;
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? toDraft2020(item) : item));
  if (!isObject(value)) return value;
  if (!named.has(keyword)) return toDraft2020(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isObject(item) ? toDraft2020(item) : item]),
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
