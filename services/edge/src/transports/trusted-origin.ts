import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { createHostCheck, isLoopbackHost } from '@toolplane/service-kit';

/**
 * Defends a local or internal endpoint against DNS rebinding (MCP 2025-11-25, transports). A browser page of another
 * site is recognised by `Origin`, a rebound name by `Host`. Requests of other programs contain no `Origin`.
 */
export function createOriginCheck(options: {
  publicUrl: string;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
}): (request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>) => void {
  const publicUrl = new URL(options.publicUrl);
  const origins = new Set([publicUrl.origin, ...options.allowedOrigins]);
  const isAllowedOrigin = (origin: string) =>
    origins.has(origin) || (isLoopbackHost(publicUrl.hostname) && isLoopbackHost(URL.parse(origin)?.hostname));
  const checkHost = createHostCheck(options);
  return (request) => {
    const { origin } = request.headers;
    if (origin !== undefined && !isAllowedOrigin(origin)) {
      throw new AppError('forbidden', 'This Origin may not call this endpoint');
    }
    checkHost(request);
  };
}
