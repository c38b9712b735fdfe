import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';

type Asked = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/** As in a URL, with nothing around it that parsers would read as something else. */
const HOST = /^[^@/\\?#]+$/;
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** The name in a `Host` header, as in a URL: in lower case, without its port. Undefined if it is none. */
export function readHost(host: string): string | undefined {
  return HOST.test(host) ? URL.parse(`http://${host}`)?.hostname : undefined;
}

/** Of a URL. */
export function isLoopbackHost(hostname: string | undefined): boolean {
  return hostname !== undefined && LOOPBACK.includes(hostname);
}

/**
 * Refuses requests for other hosts than that of the public URL and those that are allowed: a browser at a page of
 * another site sends its name, even if that name was rebound to this address. Two hosts are refused as well, because
 * whoever is in front may have checked the other one.
 */
export function createHostCheck(options: {
  publicUrl: string;
  allowedHosts: readonly string[];
}): (request: Asked) => void {
  const { hostname } = new URL(options.publicUrl);
  const hosts = new Set([hostname, ...options.allowedHosts, ...(isLoopbackHost(hostname) ? LOOPBACK : [])]);
  // Clients repeat themselves, so remembering the last good Host header saves parsing the next one.
  let lastGoodHost: string | undefined;
  return ({ headers: { host = '' }, rawHeaders }) => {
    if (hasTwoHosts(rawHeaders)) throw new AppError('invalid_request', 'The request names more than one Host');
    if (host === lastGoodHost) return;
    if (!hosts.has(readHost(host) ?? '')) {
      const message =
        'This Host is not served here; use that of the public URL, or have the operator add it to ALLOWED_HOSTS';
      throw new AppError('misdirected_request', message);
    }
    lastGoodHost = host;
  };
}

/** Node keeps the first of several, and says nothing. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1;
}
