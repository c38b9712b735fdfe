import { AppError, type Json } from '@toolplane/contracts';

/** Everything that later walks a body does so recursively. */
const NESTING_MAX = 200;

const decoder = new TextDecoder();

/**
 * What expressions see of a body: nothing is null; JSON is parsed when the content type says JSON or is missing;
 * everything else, and JSON that does not parse, is text (UTF-8).
 */
export function parseBody(body: Buffer, contentType: string | undefined): Json {
  if (body.length === 0) return null;
  const text = decoder.decode(body);
  if (contentType !== undefined && !/[/+]json\b/i.test(contentType)) return text;
  const value = parseJson(text);
  if (isDeeperThan(value, NESTING_MAX)) {
    throw new AppError('upstream_bad_response', `The JSON of the answer is nested deeper than ${NESTING_MAX} levels`);
  }
  return value;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}
