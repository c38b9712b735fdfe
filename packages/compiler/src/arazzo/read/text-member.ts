import type { Part } from '../../document/part.ts';

/** The maximum length of summaries and descriptions, which are sent to every client. */
const PROSE_LENGTH_MAX = 64 * 1024;

/** The maximum length of a text that contains an expression, a condition or a query. */
const EXPRESSION_LENGTH_MAX = 8192;

/** Returns a member if it exists and is text; another type is reported. */
export function textMember(part: Part, key: string): Part | undefined {
  return asText(part.member(key));
}

export function requiredText(part: Part, key: string): Part | undefined {
  return asText(part.required(key));
}

export function readProse(part: Part, key: string): string | undefined {
  return withinLength(textMember(part, key), PROSE_LENGTH_MAX)?.text();
}

export function withinExpressionLength(part: Part | undefined): Part | undefined {
  return withinLength(part, EXPRESSION_LENGTH_MAX);
}

function asText(part: Part | undefined): Part | undefined {
  return part?.text() === undefined ? undefined : part;
}

function withinLength(part: Part | undefined, max: number): Part | undefined {
  if (part === undefined || typeof part.value !== 'string' || part.value.length <= max) return part;
  part.error('too_long', `This text has ${part.value.length} characters; the limit is ${max}`, 'Shorten it.');
  return undefined;
}
