import { AppError } from '@toolplane/contracts';

/** Decodes base64 in either alphabet, with or without padding and line breaks. `what` is used in the error message. */
export function decodeBase64(text: string, what: string): Buffer {
  const digits = text.replace(/\s+/g, '');
  const padding = digits.indexOf('=');
  const digitCount = padding < 0 ? digits.length : padding;
  // One digit after the last whole group does not hold a byte.
  if (/^[\w+/-]*={0,2}$/.test(digits) && digitCount % 4 !== 1) return Buffer.from(digits, 'base64');
  throw new AppError('invalid_upstream_request', `${what} is not base64`);
}
