import { AppError, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { type Budget, spendUnits, toText } from '@toolplane/expressions';
import { fitsAnnotation, fitsBlock } from './optional-members.ts';
import type { Redactor } from './redact.ts';

/** Members that MCP defines as text. If the plan names a required one, it must have a value. */
const NEEDED_TEXTS = new Set(['text', 'data', 'blob', 'uri', 'name', 'message', 'url']);
const OPTIONAL_TEXTS = new Set(['mimeType', 'title', 'description', 'systemPrompt']);
/** A message has `content`, a block has `resource`. */
const PARTS = new Set(['content', 'resource']);

export type Completion = {
  budget: Budget;
  /** Masks values that are converted to text here; all other values are masked already. */
  redactor: Redactor;
  /** If true, a `text` without a value becomes an empty text, like a reference inside a text. */
  mayTextBeEmpty: boolean;
};

/**
 * Makes the values of expressions valid for a client, which refuses a whole result because of one member of the wrong
 * type: a value that should be text becomes text, as it would inside a text; a missing or unsuitable member is left
 * out; and a missing required text ends the call with an error. Values are copied, because calls share the literals of
 * templates.
 */
export function completeStrings(part: JsonObject, path: string, completion: Completion): JsonObject {
  const complete: JsonObject = {};
  for (const [key, value] of Object.entries(part)) {
    const at = `${path}/${key}`;
    if (value !== null) {
      const member = completeMember(key, value, at, completion);
      if (member !== undefined) complete[key] = member;
    } else if (key === 'text' && completion.mayTextBeEmpty) complete[key] = '';
    else if (isNeeded(key, part)) throw failure(`An expression of the tool returns no value for ${at}`);
  }
  return complete;
}

/** Throws unless the value is a list of objects. */
export function completeList(value: Json | undefined, path: string, completion: Completion): JsonObject[] {
  if (!Array.isArray(value)) throw failure(`An expression of the tool returns no list for ${path}`);
  return value.map((item, index) => completeObject(item, `${path}/${index}`, completion));
}

function isNeeded(key: string, part: JsonObject): boolean {
  return NEEDED_TEXTS.has(key) || PARTS.has(key) || (key === 'mimeType' && Object.hasOwn(part, 'data'));
}

function completeMember(key: string, value: Json, path: string, completion: Completion): Json | undefined {
  if (key === 'data' || key === 'blob') return joinLines(toMaskedText(value, completion), completion);
  if (NEEDED_TEXTS.has(key) || OPTIONAL_TEXTS.has(key)) return toMaskedText(value, completion);
  if (PARTS.has(key)) return completeObject(value, path, completion);
  if (key === 'messages') return completeList(value, path, completion);
  if (!fitsBlock(key, value)) return undefined;
  return key === 'annotations' ? keepFitting(value as JsonObject) : value;
}

function toMaskedText(value: Json, { budget, redactor }: Completion): string {
  return typeof value === 'string' ? value : redactor.redactText(toText(value, budget));
}

/** Removes the line breaks of long base64. */
function joinLines(text: string, { budget, redactor }: Completion): string {
  if (!/\s/.test(text)) return text;
  spendUnits(budget, text.length);
  return redactor.redactText(text.replaceAll(/\s+/g, ''));
}

function keepFitting(annotations: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(annotations).filter(([key, value]) => fitsAnnotation(key, value)));
}

function completeObject(value: Json, path: string, completion: Completion): JsonObject {
  if (isJsonObject(value)) return completeStrings(value, path, completion);
  throw failure(`An expression of the tool returns no object for ${path}`);
}

function failure(message: string): AppError {
  return new AppError('expression_failed', message);
}
