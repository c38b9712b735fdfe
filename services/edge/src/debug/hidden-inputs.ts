import type { Json, JsonObject } from '@toolplane/contracts';
import { isRecord } from '../mcp/json-record.ts';

const POINTERS_MAX = 100;
const DEPTH_MAX = 10;

const known = new WeakMap<JsonObject, readonly string[]>();

/** JSON Pointers of the inputs that a schema marks as passwords or as write-only. `*` stands for any member. */
export function hiddenInputsOf(schema: JsonObject): readonly string[] {
  const found = known.get(schema) ?? find(schema, '', 0).slice(0, POINTERS_MAX);
  known.set(schema, found);
  return found;
}

function find(schema: Json | undefined, pointer: string, depth: number): string[] {
  if (!isRecord(schema) || depth > DEPTH_MAX) return [];
  const { format, writeOnly, properties, items, additionalProperties, allOf, anyOf, oneOf } = schema as JsonObject;
  if (pointer !== '' && (format === 'password' || writeOnly === true)) return [pointer];
  const named = isRecord(properties) ? Object.entries(properties as JsonObject) : [];
  return [
    ...named.flatMap(([name, it]) => find(it, `${pointer}/${escapeName(name)}`, depth + 1)),
    ...[items, additionalProperties].flatMap((it) => find(it, `${pointer}/*`, depth + 1)),
    ...[allOf, anyOf, oneOf].flat().flatMap((it) => find(it, pointer, depth + 1)),
  ];
}

const escapeName = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
