import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';

const annotations = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$schema',
  '$id',
];

/** Keywords that depend on other keywords beside them. */
const dependent = [
  'additionalProperties',
  'unevaluatedProperties',
  'additionalItems',
  'unevaluatedItems',
  'prefixItems',
  'items',
  'contains',
  'minContains',
  'maxContains',
  'if',
  'then',
  'else',
  '$ref',
];

/**
 * Combines the target of a `$ref` with the keywords beside it: in one schema if that means the same, otherwise with
 * `allOf`.
 */
export function combineSchemas(referred: JsonObject, own: JsonObject): JsonObject {
  if (Object.keys(own).every((key) => annotations.includes(key) || key.startsWith('x-')))
    return { ...referred, ...own };
  const merged = merge(referred, own);
  if (merged !== undefined) return merged;
  const others = Array.isArray(own['allOf']) ? own['allOf'] : [];
  return { ...own, allOf: [referred, ...others] };
}

/** Merges properties, because those at the root are the arguments of a tool. */
function merge(left: JsonObject, right: JsonObject): JsonObject | undefined {
  if ([left, right].some((schema) => dependent.some((key) => Object.hasOwn(schema, key)))) return undefined;
  const properties = mergeProperties(left['properties'], right['properties']);
  const required = mergeRequired(left['required'], right['required']);
  const rest = Object.keys(left).filter(
    (key) => Object.hasOwn(right, key) && !['properties', 'required'].includes(key),
  );
  const agree = rest.every((key) => annotations.includes(key) || (key === 'type' && left[key] === right[key]));
  if (!agree || properties === undefined || required === undefined) return undefined;
  return { ...left, ...right, ...properties, ...required };
}

function mergeProperties(left: Json | undefined, right: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(left) || !isJsonObject(right)) return {};
  if (Object.keys(left).some((name) => Object.hasOwn(right, name))) return undefined;
  return { properties: { ...left, ...right } };
}

function mergeRequired(left: Json | undefined, right: Json | undefined): JsonObject | undefined {
  if (left === undefined || right === undefined) return {};
  return Array.isArray(left) && Array.isArray(right) ? { required: [...new Set([...left, ...right])] } : undefined;
}
