import type { Json, JsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';

/** `x-examples` in the inputs, for documents that are checked against the schema of Flower; `examples` in JSON Schema. */

const EXAMPLES_MAX = 50;
const named = ['properties', '$defs', 'definitions'];

/** The schema with the examples under the name that models know. */
export function withExamples(part: Part): JsonObject {
  return convert(part) as JsonObject;
}

function convert(part: Part): Json {
  if (!isObject(part.value)) return part.value;
  const written = part.member('x-examples');
  written?.items({ max: EXAMPLES_MAX, what: 'examples' });
  if (written !== undefined && part.member('examples') !== undefined) {
    written.error('duplicate_key', '"examples" stands here too', 'Keep one of them.', { at: 'key' });
  }
  const members = part.entries().flatMap(([key, member]): [string, Json][] => {
    if (key === 'x-examples') return Array.isArray(member.value) ? [['examples', member.value]] : [];
    if (key === 'items') return [[key, convert(member)]];
    return [[key, named.includes(key) && isObject(member.value) ? convertEach(member) : member.value]];
  });
  return Object.fromEntries(members);
}

function convertEach(part: Part): Json {
  return Object.fromEntries(part.entries().map(([name, schema]) => [name, convert(schema)]));
}

/** Each example of an argument, under either name. */
export function listExamples(part: Part): { name: string; example: Part }[] {
  const properties = part.member('properties');
  if (properties === undefined || !isObject(properties.value)) return [];
  return properties.entries().flatMap(([name, schema]) => {
    const lists = [schema.member('examples'), schema.member('x-examples')];
    return lists
      .flatMap((list) => (Array.isArray(list?.value) ? list.items({ max: EXAMPLES_MAX, what: 'examples' }) : []))
      .map((example) => ({ name, example }));
  });
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
