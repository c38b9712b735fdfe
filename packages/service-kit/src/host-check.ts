import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';

type Asked = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/** A host as in a URL, without characters that parsers would interpret as something else. */
const HOST = /^[^@/\\?#]+$/;
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** The name in a `Host` header, as in a URL: in lower case, without its port. Undefined if the header is not a host. */
export function readHost(host: string): string | undefined {
  return HOST.test(host) ? URL.parse(`http://${host}`)?.hostname : undefined;
}

/** `hostname` is that of a URL. */
export function isLoopbackHost(hostname: string | undefined): boolean {
  return hostname !== undefined && LOOPBACK.includes(hostname);
}

/**
 * Refuses requests for hosts other than that of the public URL and the allowed ones: a browser at a page of another
 * site sends that site's name, even if the name was rebound to this address. A request with two hosts is also refused,
 * because a proxy in front may have checked the other one.
 */
export function createHostCheck(options: {
  publicUrl: string;
  allowedHosts: readonly string[];
}): (request: Asked) => void {
  const { hostname } = new URL(options.publicUrl);
  const hosts = new Set([hostname, ...options.allowedHosts, ...(isLoopbackHost(hostname) ? LOOPBACK : [])]);
  // Clients send the same Host header again, so the last good one is remembered to save parsing.
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

/** Node keeps the first of several Host headers, without an error. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1;
}
