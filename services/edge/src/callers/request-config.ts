import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@toolplane/contracts';

const PREFIX = 'config-';
const HEADERS_MAX = 32;
const VALUE_LENGTH_MAX = 1024;

/**
 * Reads the `Config-<Name>` request headers, for `$config.<name>` of a document (Flower §2). Names are
 * case-insensitive, and `_` and `-` are equivalent, so names are stored in lower case with `_`.
 */
export function readRequestConfig(headers: IncomingHttpHeaders): Record<string, string> {
  const config: Record<string, string> = Object.create(null);
  let count = 0;
  for (const name in headers) {
    if (!name.startsWith(PREFIX)) continue;
    const value = headers[name];
    if (typeof value !== 'string') continue;
    if (value.length > VALUE_LENGTH_MAX || ++count > HEADERS_MAX) {
      throw new AppError('invalid_request', `At most ${HEADERS_MAX} Config- headers of ${VALUE_LENGTH_MAX} characters`);
    }
    config[name.slice(PREFIX.length).replaceAll('-', '_')] = value;
  }
  return config;
}

export function hasRequestConfig(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => name.startsWith(PREFIX));
}
