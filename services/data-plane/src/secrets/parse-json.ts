/** Undefined for an invalid answer. No parser error is passed on: it would quote the tokens. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
