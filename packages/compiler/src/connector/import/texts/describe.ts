import type { Json, JsonObject } from '@toolplane/contracts';
import { plainText } from './plain-text.ts';
import { shorten } from './sentences.ts';

const LENGTH_MAX = 400;
const DEFAULT_LENGTH_MAX = 60;

/** Describes a parameter by the first non-empty text, followed by the default that the API uses if nothing is sent. */
export function describe(texts: readonly (Json | undefined)[], standard: Json | undefined): string {
  const text = texts.find((each) => typeof each === 'string' && each.trim() !== '');
  return withDefault(typeof text === 'string' ? shorten(plainText(text), LENGTH_MAX) : '', standard);
}

export function withDefault(description: string, standard: Json | undefined): string {
  const isReported = !['string', 'number', 'boolean'].includes(typeof standard) || standard === '';
  if (isReported || /default/i.test(description) || String(standard).length > DEFAULT_LENGTH_MAX) return description;
  const start = description === '' || /[.!?…]$/.test(description) ? description : `${description}.`;
  return `${start} Default: ${String(standard)}.`.trim();
}

/** Returns the schema without its description. */
export function withoutDescription({ description: _, ...schema }: JsonObject): JsonObject {
  return schema;
}
