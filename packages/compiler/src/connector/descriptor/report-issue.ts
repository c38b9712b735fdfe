import { isJsonObject, type JsonObject } from '@toolplane/contracts';
import type { z } from 'zod';
import type { Part } from '../../document/part.ts';
import { findSchema } from './find-schema.ts';

type Issue = z.core.$ZodIssue;

/** Reports what the schema requires at a location, in the words of the other formats. */
export function reportIssue(issue: Issue, root: Part): void {
  const place = findPlace(issue.path, root);
  if ('missing' in place) {
    place.parent.required(place.missing);
    return;
  }
  const { part, schema } = place;
  switch (issue.code) {
    case 'invalid_type':
    case 'custom':
      reportType(issue, part, schema);
      break;
    case 'too_small':
    case 'too_big':
      reportSize(part, schema);
      break;
    case 'invalid_value':
      part.choice(wordsOf(schema));
      break;
    case 'invalid_union':
      if (issue.discriminator === undefined) part.error('wrong_type', issue.message, 'Correct the value.');
      else part.choice('options' in issue ? (issue.options ?? []).map(String) : []);
      break;
    case 'unrecognized_keys':
      part.allowKeys(Object.keys(isJsonObject(schema['properties']) ? schema['properties'] : {}));
      break;
    case 'invalid_key':
      part.error('invalid_name', issue.issues[0]?.message ?? issue.message, 'Choose another name.', { at: 'key' });
      break;
    default:
      part.error('invalid_format', issue.message, 'Correct the text.');
  }
}

function reportType(issue: Issue, part: Part, schema: JsonObject): void {
  switch (schema['type']) {
    case 'string':
      if (typeof part.value === 'number') reportNumber(part);
      else if (part.text() !== undefined) part.error('invalid_name', issue.message, 'Choose another name.');
      break;
    case 'boolean':
      part.boolean();
      break;
    case 'object':
      part.object();
      break;
    case 'array':
      part.items({ max: Number.POSITIVE_INFINITY, what: 'entries', canBeEmpty: true });
      break;
    default:
      reportNoNumber(part, schema);
  }
}

function reportNoNumber(part: Part, schema: JsonObject): void {
  if ('minimum' in schema || 'maximum' in schema) {
    part.number(rangeOf(schema));
  } else if (typeof part.value === 'number') {
    part.error('out_of_range', 'This number is too large', 'Write a smaller number.');
  } else {
    part.error('wrong_type', 'This must be a number', 'Write a number here.');
  }
}

/** Usually a version or an id that YAML reads as a number. */
function reportNumber(part: Part): void {
  part.error('wrong_type', 'This must be text, not a number', 'Put it in quotes.');
}

function reportSize(part: Part, schema: JsonObject): void {
  const { minLength = 0, maxLength, minItems = 0, maxItems } = schema;
  const { value } = part;
  if (typeof value === 'string') {
    const range = minLength === 0 ? `at most ${maxLength}` : `${minLength} to ${maxLength}`;
    const message = `This has ${value.length} character${value.length === 1 ? '' : 's'}; allowed: ${range}`;
    part.error('invalid_length', message, value.length < Number(minLength) ? 'Write more.' : 'Shorten it.');
  } else if (Array.isArray(value)) {
    part.items({ max: Number(maxItems ?? Number.POSITIVE_INFINITY), what: 'entries', canBeEmpty: minItems === 0 });
  } else {
    part.number(rangeOf(schema));
  }
}

function rangeOf({ minimum, maximum, type }: JsonObject): { min: number; max: number; isWhole: boolean } {
  return {
    min: typeof minimum === 'number' ? minimum : Number.MIN_SAFE_INTEGER,
    max: typeof maximum === 'number' ? maximum : Number.MAX_SAFE_INTEGER,
    isWhole: type === 'integer',
  };
}

function wordsOf(schema: JsonObject): string[] {
  const words = schema['enum'] ?? [schema['const'] ?? null];
  return Array.isArray(words) ? words.map(String) : [];
}

type Found = { part: Part; schema: JsonObject } | { parent: Part; missing: string };

function findPlace(path: readonly PropertyKey[], root: Part): Found {
  let part = root;
  for (const segment of path) {
    const inside = typeof segment === 'number' ? part.item(segment) : part.member(String(segment));
    if (inside === undefined) return { parent: part, missing: String(segment) };
    part = inside;
  }
  return { part, schema: findSchema(path, root.value).schema };
}
