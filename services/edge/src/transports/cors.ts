import type { IncomingMessage, ServerResponse } from 'node:http';
import { HTTP_TOKEN_CHARACTER } from '@toolplane/contracts';

const ALLOWED_HEADERS = [
  'Authorization',
  'Content-Type',
  'Accept',
  'Mcp-Session-Id',
  'Mcp-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Last-Event-ID',
  'x-api-key',
  'Idempotency-Key',
  'traceparent',
  'tracestate',
  'x-username',
  'x-upstream-authorization',
  'x-upstream-toolkit',
].join(', ');

/** The headers whose names documents and tools define. */
const DECLARED_HEADER = new RegExp(`^(?:mcp-param|config)-${HTTP_TOKEN_CHARACTER}{1,64}$`, 'i');

/**
 * Lets browser pages of allowed origins use the endpoint; the origin was checked before. No cookies are involved, so
 * credentials are not allowed. `Mcp-Param-…` headers are allowed as the browser requests them, because tools define
 * their names.
 */
export function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'Origin');
  response.setHeader('access-control-expose-headers', 'Mcp-Session-Id, WWW-Authenticate, Retry-After');
}

/** Answers the preflight request of a browser. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['access-control-request-headers'] ?? '';
  const parameters = asked.split(',').map((name) => name.trim());
  const ours = parameters.filter((name) => DECLARED_HEADER.test(name)).slice(0, 32);
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
    'access-control-allow-headers': [ALLOWED_HEADERS, ...ours].join(', '),
    'access-control-max-age': '600',
  });
  response.end();
}
