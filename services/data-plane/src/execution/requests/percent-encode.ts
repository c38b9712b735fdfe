/** Encodes everything but the unreserved characters of RFC 3986, so that a value cannot break out of its position. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, toOctet);
}

/** Encodes a text like browsers encode the names of files and fields in the head of a part. */
export function quoteEncode(text: string): string {
  return text.toWellFormed().replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/**
 * These encoders keep reserved characters and existing percent-encoding (RFC 6570, 3.2.3), except for characters that
 * would end the value in its position: in a query, this includes `+`, which is read as a space.
 */
export const reservedEncoders = {
  path: encodeAllBut(/%[0-9a-f]{2}|[^\w.~:@!$&'()*+,;=-]/giu),
  query: encodeAllBut(/%[0-9a-f]{2}|[^\w.~:/?@!$'()*,;=[\]-]/giu),
  /** Encodes a whole query, so its separators are kept. */
  querystring: encodeAllBut(/%[0-9a-f]{2}|[^\w.~:/?@!$&'()*+,;=[\]-]/giu),
  /** Keeps the characters that RFC 6265 allows; servers differ in whether they decode the others. */
  cookie: encodeAllBut(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu),
};

function encodeAllBut(other: RegExp): (text: string) => string {
  return (text) => text.toWellFormed().replace(other, (found) => (/^%../.test(found) ? found : percentEncode(found)));
}

function toOctet(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}
