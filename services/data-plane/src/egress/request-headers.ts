import { isHttpToken } from '@toolplane/contracts';
import { UpstreamError } from './upstream-error.ts';

/**
 * These headers frame the message, route it or come from a proxy. Setting them could smuggle in a request that is not
 * ours.
 */
const FORBIDDEN =
  /^(?:host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|content-length|expect|forwarded|x-forwarded-.*|proxy-.*)$/;
const UPPER_CASE = /[A-Z]/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Headers are checked before the HTTP client reads them, because clients quote the value when they refuse it. Names are
 * in lower case.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!isHttpToken(name) || UPPER_CASE.test(name)) throw refused('A header name has characters that are not allowed');
    if (FORBIDDEN.test(name)) throw refused(`The header ${name} may not be set`);
    if (!VALUE.test(value)) throw refused(`The value of the header ${name} has characters that are not allowed`);
  }
}

function refused(message: string): UpstreamError {
  return new UpstreamError('invalid_upstream_request', message);
}
