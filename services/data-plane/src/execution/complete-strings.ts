import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { toText } from '@toolplane/expressions';

/** Members of what MCP defines that are text; those that are needed must have one where they are named. */
const NEEDED_TEXTS = new Set(['text', 'data', 'blob', 'uri', 'name', 'message', 'url']);
const OPTIONAL_TEXTS = new Set(['mimeType', 'title', 'description', 'systemPrompt']);
/** A message has the one, a block the other. */
const PARTS = new Set(['content', 'resource']);

/**
 * Makes what expressions gave fit for a client, which refuses a whole result for one member of the wrong type: a value
 * that should be text becomes text as it would inside of one, a missing member is left out, a missing text that is
 * needed ends the call. Values are copied, because templates share their literals between calls.
 */
export function completeStrings(part: JsonObject, place: string): JsonObject {
  const complete: JsonObject = {};
  for (const [key, value] of Object.entries(part)) {
    const at = `${place}/${key}`;
    if (value !== null) complete[key] = completeMember(key, value, at);
    else if (isNeeded(key, part)) throw failure(`An expression of the tool gives no value for ${at}`);
  }
  return complete;
}

/** Throws unless the value is a list of objects. */
export function completeList(value: Json | undefined, place: string): JsonObject[] {
  if (!Array.isArray(value)) throw failure(`An expression of the tool gives no list for ${place}`);
  return value.map((item, index) => completeObject(item, `${place}/${index}`));
}

function isNeeded(key: string, part: JsonObject): boolean {
  return NEEDED_TEXTS.has(key) || PARTS.has(key) || (key === 'mimeType' && Object.hasOwn(part, 'data'));
}

function completeMember(key: string, value: Json, place: string): Json {
  // Long base64 comes in lines.
  if (key === 'data' || key === 'blob') return toText(value).replaceAll(/\s+/g, '');
  if (NEEDED_TEXTS.has(key) || OPTIONAL_TEXTS.has(key)) return toText(value);
  if (PARTS.has(key)) return completeObject(value, place);
  return key === 'messages' ? completeList(value, place) : value;
}

function completeObject(value: Json, place: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return completeStrings(value, place);
  throw failure(`An expression of the tool gives no object for ${place}`);
}

function failure(message: string): AppError {
  return new AppError('expression_failed', message);
}
