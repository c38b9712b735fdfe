import { AppError, isDeeperThan, type Json, type Plan, replaceInexactNumbers } from '@toolplane/contracts';

/** The maximum depth, because all later traversals of a body are recursive. */
const NESTING_MAX = 200;

/** With `strict`, a response that declares JSON must be JSON, or blank, which is read as empty. */
export type BodyReading = Plan['semantics'] | 'strict';

/**
 * Returns a body as expressions see it: an empty body is null; JSON is parsed if the content type is JSON or missing;
 * everything else, and JSON that does not parse, is text in the charset that the content type names (otherwise UTF-8).
 */
export function parseBody(body: Buffer, contentType: string | undefined, reading?: BodyReading): Json | undefined {
  if (reading === 'arazzo') return recognizeBody(body, contentType);
  if (body.length === 0) return null;
  const isJson = contentType === undefined || /[/+]json\b/i.test(contentType);
  const text = decode(body, contentType, isJson && contentType !== undefined);
  if (!isJson) return text;
  const value = findJson(text);
  if (value === undefined && reading === 'strict' && JSON_TYPE.test(mediaTypeOf(contentType))) {
    if (text.trim() === '') return null;
    throw new AppError('upstream_bad_response', "The API's answer is not valid JSON");
  }
  return checkDepth(value === undefined ? text : value);
}

/**
 * Reads a body by the rules of Arazzo: an empty body is absent; a body that begins like JSON is JSON even with another
 * content type; a body that is neither JSON nor text, or not in its charset, is `{blob, contentType}` with its bytes in
 * base64. Only JSON that is nested too deeply fails.
 */
function recognizeBody(body: Buffer, contentType: string | undefined): Json | undefined {
  if (body.length === 0) return undefined;
  const mediaType = mediaTypeOf(contentType);
  const isJson = mediaType === '' || JSON_TYPE.test(mediaType);
  const isText = TEXT_TYPE.test(mediaType);
  const text = findText(body, contentType);
  if (text !== undefined && (isJson || /^\s*[{[]/.test(text))) {
    const found = findJson(text);
    const value = found === undefined ? text : found;
    if (isJson || isText || typeof value !== 'string') return checkDepth(value);
  }
  if (text !== undefined && isText) return text;
  return { blob: body.toString('base64'), contentType: mediaType || 'application/octet-stream' };
}

const JSON_TYPE = /[/+]json$/;
const TEXT_TYPE = /^text\/|[/+](?:x-)?(?:xml|yaml|javascript|graphql|www-form-urlencoded|ndjson|jsonl|json-seq)$/;

function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function findText(body: Buffer, contentType: string | undefined): string | undefined {
  try {
    return decode(body, contentType, true);
  } catch {
    return undefined;
  }
}

/**
 * JSON that does not match its charset is refused rather than repaired; other text contains U+FFFD where it is broken.
 */
function decode(body: Buffer, contentType: string | undefined, isStrict: boolean): string {
  const charset = /;\s*charset="?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: isStrict }).decode(body);
  } catch (cause) {
    throw new AppError('upstream_bad_response', 'The answer is not text in the charset that it names', { cause });
  }
}

/** A number that would be rounded stays a text: a request with a rounded id would affect another record. */
function findJson(text: string): Json | undefined {
  try {
    return replaceInexactNumbers(text, JSON.parse(text), (source) => source) as Json;
  } catch {
    return undefined;
  }
}

function checkDepth(value: Json): Json {
  if (!isDeeperThan(value, NESTING_MAX)) return value;
  throw new AppError('upstream_bad_response', `The JSON of the answer is nested deeper than ${NESTING_MAX} levels`);
}
