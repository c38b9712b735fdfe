import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';

/**
 * Defends a local or internal endpoint against DNS rebinding (MCP 2025-11-25, transports): a browser page of another
 * site is recognised by `Origin`, a rebound name by `Host`. Requests of other programs carry no `Origin`.
 */
export function createOriginCheck(options: {
  publicUrl: string;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
}): (request: IncomingMessage) => void {
  const publicUrl = new URL(options.publicUrl);
  const hosts = new Set([
    publicUrl.hostname,
    ...options.allowedHosts,
    ...(isLoopback(publicUrl.hostname) ? loopback : []),
  ]);
  const origins = new Set([publicUrl.origin, ...options.allowedOrigins]);
  const isAllowedOrigin = (origin: string) =>
    origins.has(origin) || (isLoopback(publicUrl.hostname) && isLoopback(toUrl(origin)?.hostname));
  // Clients repeat themselves, so remembering the last good Host header saves parsing the next one.
  let lastGoodHost = '';
  return ({ headers: { origin, host = '' } }) => {
    if (origin !== undefined && !isAllowedOrigin(origin)) {
      throw new AppError('forbidden', 'This Origin may not call this endpoint');
    }
    if (host === lastGoodHost) return;
    if (!hosts.has(toUrl(`http://${host}`)?.hostname ?? '')) {
      throw new AppError('misdirected_request', 'This Host is not served here');
    }
    lastGoodHost = host;
  };
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

function isLoopback(hostname: string | undefined): boolean {
  return hostname !== undefined && loopback.includes(hostname);
}

function toUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
