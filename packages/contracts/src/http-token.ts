/** One character of a token (RFC 9110, 5.6.2), as a part of regular expressions. */
export const HTTP_TOKEN_CHARACTER = "[!#$%&'*+.^_`|~0-9A-Za-z-]";

const TOKEN = new RegExp(`^${HTTP_TOKEN_CHARACTER}+$`);

/** Returns whether a text can be the name of a header. */
export function isHttpToken(text: string, lengthMax = Number.POSITIVE_INFINITY): boolean {
  return text.length <= lengthMax && TOKEN.test(text);
}
