import { appendPointer, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';

/**
 * How a keyword applies its schemas: to the same value, to members that no other schema of these keywords receives, or
 * to members that another schema may receive as well.
 */
type Reach = 'same-value' | 'own-member' | 'shared-member' | 'definition';

const keywords: ReadonlyMap<string, Reach> = new Map<string, Reach>([
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
const named: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);

export type Subschema = { schema: JsonObject; pointer: string; reach: Reach };

/** Returns the schemas directly inside a schema, except `true` and `false`, which contain nothing to check. */
export function subschemasOf(schema: JsonObject, pointer: string): Subschema[] {
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const reach = keywords.get(keyword);
    if (reach === undefined) return [];
    const at = appendPointer(pointer, keyword);
    const candidates = Array.isArray(value) || named.has(keyword) ? membersOf(value, at) : [{ value, pointer: at }];
    return candidates.flatMap((each) =>
      isJsonObject(each.value) ? [{ schema: each.value, pointer: each.pointer, reach }] : [],
    );
  });
}

function membersOf(value: Json | undefined, pointer: string): { value: Json; pointer: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, member]) => ({ value: member, pointer: appendPointer(pointer, key) }));
}

/** Returns a copy in which `change` has replaced the schemas directly inside. */
export function mapSubschemas(schema: JsonObject, change: (inside: JsonObject) => JsonObject): JsonObject {
  const changeObject = (value: Json) => (isJsonObject(value) ? change(value) : value);
  const changeAll = (keyword: string, value: Json): Json => {
    if (!keywords.has(keyword)) return value;
    if (Array.isArray(value)) return value.map(changeObject);
    if (!named.has(keyword) || !isJsonObject(value)) return changeObject(value);
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, changeObject(inside)]));
  };
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, changeAll(keyword, value)]));
}
