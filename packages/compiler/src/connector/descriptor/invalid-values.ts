import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import type { z } from 'zod';
import { findAlternatives, findSchema, valueInside } from './find-schema.ts';

/** A value that broke the schema, and the values that can replace it; undefined removes it. */
export type InvalidValue = {
  path: readonly PropertyKey[];
  alternatives: readonly (Json | undefined)[];
  /** Text that is too long or has an invalid format still shows what is meant. */
  written: string | undefined;
};

/**
 * Long enough for any text, and in a format that is valid for every name. There are two, and only problems that occur
 * with both are reported, so no message can quote them.
 */
const TEXTS = ['unreadable', 'not_readable'] as const;

/** Returns the value that an issue is about. For unknown keys, returns each of them. */
export function toInvalidValues(issue: z.core.$ZodIssue, root: Json): InvalidValue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], alternatives: [undefined], written: undefined }));
  }
  // This is a member whose name is invalid.
  if (issue.code === 'invalid_key') return [{ path: issue.path, alternatives: [undefined], written: undefined }];
  const { schema, isRequired } = findSchema(issue.path, root);
  const value = issue.path.reduce<Json | undefined>(valueInside, root);
  const replacements =
    issue.code === 'invalid_union' && issue.discriminator !== undefined
      ? typesFor(issue.path, root)
      : replacementsFor(schema, value);
  const isText = typeof value === 'string' && value !== '' && schema['type'] === 'string';
  const written = isText && hasMeaning(issue) ? value : undefined;
  const isKept = isRequired || written !== undefined || (issue.code === 'too_big' && Array.isArray(value));
  return [{ path: issue.path, alternatives: isKept ? replacements : [undefined, ...replacements], written }];
}

function hasMeaning({ code }: z.core.$ZodIssue): boolean {
  return code === 'too_big' || code === 'too_small' || code === 'invalid_format';
}

/** Returns the types of an authentication that know all of its members, or else all types. */
function typesFor(path: readonly PropertyKey[], root: Json): (Json | undefined)[] {
  const around = path.slice(0, -1);
  const members = Object.keys(around.reduce<Json | undefined>(valueInside, root) ?? {});
  const shapes = findAlternatives(around, root).flatMap(({ properties }) =>
    isJsonObject(properties) ? [properties] : [],
  );
  const fitting = shapes.filter((shape) => members.every((key) => Object.hasOwn(shape, key)));
  return (fitting.length > 0 ? fitting : shapes).flatMap(({ type }) => (isJsonObject(type) ? [type['const']] : []));
}

function replacementsFor(schema: JsonObject, value: Json | undefined): (Json | undefined)[] {
  const { type, enum: words, const: word, minimum, maximum, pattern, minItems = 0, maxItems } = schema;
  if (word !== undefined) return [word];
  if (Array.isArray(words)) return words;
  switch (type) {
    case 'string':
      // This is a pattern of the schema of descriptors, not of a user.
      return typeof pattern !== 'string' || new RegExp(pattern).test(TEXTS[0]) ? [...TEXTS] : [undefined];
    case 'boolean':
      return [false, true];
    case 'integer':
    case 'number':
      return [minimum ?? 0, maximum ?? 1];
    case 'array':
      if (Array.isArray(value) && value.length > Number(minItems)) return [value.slice(0, Number(maxItems))];
      return [Array.from({ length: Math.max(1, Number(minItems)) }, () => firstFor(schema['items']))];
    default:
      return [objectFor(schema)];
  }
}

function objectFor({ properties, required, oneOf, additionalProperties }: JsonObject): Json {
  const [first] = Array.isArray(oneOf) ? oneOf.filter(isJsonObject) : [];
  if (first !== undefined) return objectFor(first);
  if (isJsonObject(additionalProperties)) return { [TEXTS[0]]: firstFor(additionalProperties) };
  const keys = Array.isArray(required) ? required.map(String) : [];
  return Object.fromEntries(keys.map((key) => [key, firstFor(isJsonObject(properties) ? properties[key] : undefined)]));
}

function firstFor(schema: Json | undefined): Json {
  return isJsonObject(schema) ? (replacementsFor(schema, undefined)[0] ?? null) : null;
}
