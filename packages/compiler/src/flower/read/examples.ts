import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import { extensions } from './extensions.ts';

/**
 * Inputs contain `x-examples`, for documents that are checked against the schema of Flower; in JSON Schema, they become
 * `examples`.
 */

const EXAMPLES_MAX = 20;
const KEYS = ['x-examples', 'x-mcp-header'];

const named = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'];
const listed = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const single = ['items', 'additionalProperties', 'contains', 'not', 'if', 'then', 'else'];

/** Returns the schema with the examples under the name that models know. */
export function withExamples(part: Part): JsonObject {
  return convert(part) as JsonObject;
}

function convert(part: Part): Json {
  if (!isJsonObject(part.value)) return part.value;
  part.checkExtensions(KEYS, extensions);
  const written = part.member('x-examples');
  written?.items({ max: EXAMPLES_MAX, what: 'examples' });
  if (written !== undefined && part.member('examples') !== undefined) {
    written.error('duplicate_key', '"examples" is also here', 'Keep one of them.', { at: 'key' });
  }
  const members = part.entries().flatMap(([key, member]): [string, Json][] => {
    if (key === 'x-examples') return Array.isArray(member.value) ? [['examples', member.value]] : [];
    return [[key, convertMember(key, member)]];
  });
  return Object.fromEntries(members);
}

function convertMember(key: string, part: Part): Json {
  if (named.includes(key) && isJsonObject(part.value)) {
    return Object.fromEntries(part.entries().map(([name, schema]) => [name, convert(schema)]));
  }
  if (listed.includes(key) && Array.isArray(part.value)) {
    return part.value.map((item, index) => {
      const schema = part.item(index);
      return schema === undefined ? item : convert(schema);
    });
  }
  return single.includes(key) ? convert(part) : part.value;
}

/** Lists the examples of each argument, under either name. */
export function listExamples(part: Part): { name: string; list: Part[] }[] {
  const properties = part.member('properties');
  if (properties === undefined || !isJsonObject(properties.value)) return [];
  return properties.entries().map(([name, schema]) => {
    const examples = schema.member('examples');
    if (Array.isArray(examples?.value)) examples.items({ max: EXAMPLES_MAX, what: 'examples', canBeEmpty: true });
    return { name, list: [...firstItems(schema.member('x-examples')), ...firstItems(examples)] };
  });
}

function firstItems(part: Part | undefined): Part[] {
  if (!Array.isArray(part?.value)) return [];
  return part.value.slice(0, EXAMPLES_MAX).flatMap((_, index) => part.item(index) ?? []);
}
