import { AppError, type Json, replaceInexactNumbers } from '@toolplane/contracts';

/** Everything that later walks a body does so recursively. */
const NESTING_MAX = 200;

/**
 * What expressions see of a body: nothing is null; JSON is parsed when the content type says JSON or is missing;
 * everything else, and JSON that does not parse, is text in the charset that the content type names (UTF-8 without).
 */
export function parseBody(body: Buffer, contentType: string | undefined): Json {
  if (body.length === 0) return null;
  const isJson = contentType === undefined || /[/+]json\b/i.test(contentType);
  const text = decode(body, contentType, isJson && contentType !== undefined);
  if (!isJson) return text;
  const value = parseJson(text);
  if (isDeeperThan(value, NESTING_MAX)) {
    throw new AppError('upstream_bad_response', `The JSON of the answer is nested deeper than ${NESTING_MAX} levels`);
  }
  return value;
}

/** JSON that is not what its charset says is refused rather than repaired; other text shows U+FFFD where it is broken. */
function decode(body: Buffer, contentType: string | undefined, isStrict: boolean): string {
  const charset = /;\s*charset="?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: isStrict }).decode(body);
  } catch (cause) {
    throw new AppError('upstream_bad_response', 'The answer is not text in the charset that it names', { cause });
  }
}

/** A number that would be rounded stays the text that it was: a request with a rounded id would meet another record. */
function parseJson(text: string): Json {
  try {
    return replaceInexactNumbers(text, JSON.parse(text), (source) => source) as Json;
  } catch {
    return text;
  }
}

function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}
