/**
 * Returns undefined for an invalid response. The parser's error is not passed on, because it would quote the tokens.
 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
