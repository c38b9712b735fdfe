import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';

const POINTERS_MAX = 100;
const DEPTH_MAX = 10;

const known = new WeakMap<JsonObject, readonly string[]>();

/** Returns JSON Pointers to the inputs that a schema marks as passwords or as write-only. `*` stands for any member. */
export function hiddenInputsOf(schema: JsonObject): readonly string[] {
  const found = known.get(schema) ?? find(schema, '', 0).slice(0, POINTERS_MAX);
  known.set(schema, found);
  return found;
}

function find(schema: Json | undefined, pointer: string, depth: number): string[] {
  if (!isJsonObject(schema) || depth > DEPTH_MAX) return [];
  const { format, writeOnly, properties, items, additionalProperties, allOf, anyOf, oneOf } = schema;
  if (pointer !== '' && (format === 'password' || writeOnly === true)) return [pointer];
  const named = isJsonObject(properties) ? Object.entries(properties) : [];
  return [
    ...named.flatMap(([name, it]) => find(it, `${pointer}/${escapeName(name)}`, depth + 1)),
    ...[items, additionalProperties].flatMap((it) => find(it, `${pointer}/*`, depth + 1)),
    ...[allOf, anyOf, oneOf].flat().flatMap((it) => find(it, pointer, depth + 1)),
  ];
}

const escapeName = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
