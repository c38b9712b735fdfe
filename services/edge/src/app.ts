import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError, toAppError } from '@toolplane/contracts';
import { IDLE_CONNECTION_MS } from '@toolplane/service-kit';
import { authorize } from './authorize.ts';
import { toChallenge } from './callers/challenge.ts';
import { createWrongKeyLimit } from './callers/wrong-key-limit.ts';
import { readDebugPath, serveDebugRun } from './debug/serve-debug-run.ts';
import type { Edge } from './edge.ts';
import { countRequest } from './edge-metrics.ts';
import { logRefused, logRequestFailed } from './events.ts';
import { sendError } from './transports/answers.ts';
import { allowOrigin, answerPreflight } from './transports/cors.ts';
import { deleteSession } from './transports/delete-session.ts';
import { serveGet } from './transports/get.ts';
import { readMetadataPath, serveMetadata } from './transports/metadata.ts';
import { servePost } from './transports/post.ts';

/** `/mcp/{id or slug}`, and `…/sse` for clients of the legacy SSE transport; `/api/v1/mcp/…` is the same endpoint. */
const ENDPOINT = /^((?:\/api\/v1)?\/mcp\/([A-Za-z0-9_-]{1,64}))(\/sse)?\/?(?:\?|$)/;

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/** Timeouts for receiving a request. A slow client holds a socket no longer than these plus half of `headersMs`. */
type RequestTimeouts = { headersMs: number; bodyMs: number };

/** The HTTP layer of the edge: converts bytes to messages and back. `mcp/` interprets the messages. */
export function createEdgeApp(
  edge: Edge,
  { headersMs, bodyMs }: RequestTimeouts = { headersMs: 10_000, bodyMs: 30_000 },
): Server {
  const wrongKeys = createWrongKeyLimit();
  const timeouts = {
    headersTimeout: headersMs,
    requestTimeout: bodyMs,
    connectionsCheckingInterval: headersMs / 2,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    // A user's own credentials may take 16 KiB, in addition to the other headers.
    maxHeaderSize: 32 * 1024,
  };

  async function answer(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    edge.checkOrigin(request);
    allowOrigin(request, response);
    const [, path, idOrSlug, sse] = ENDPOINT.exec(request.url ?? '') ?? [];
    if (path === undefined || idOrSlug === undefined) return answerElsewhere(request, response, address);
    if (request.method === 'OPTIONS') return answerPreflight(request, response);
    const authorized = authorize(edge, request, idOrSlug, () => wrongKeys.check(address));
    const { server, principal } = authorized instanceof Promise ? await authorized : authorized;
    if (principal.kind === 'anonymous') await edge.limitAnonymous(address);
    if (request.method === 'POST') return servePost(edge, server, principal, request, response);
    const owner = { server, principal };
    if (request.method === 'GET') return serveGet(edge, owner, { path, isSse: sse !== undefined }, request, response);
    if (request.method === 'DELETE') return deleteSession(edge, owner, request, response);
    throw new AppError('method_not_allowed', 'This endpoint does not support this method');
  }

  async function answerElsewhere(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    const described = readMetadataPath(request.url);
    if (described !== undefined) {
      await edge.limitAnonymous(address);
      return serveMetadata(edge, described, request, response);
    }
    const debugged = readDebugPath(request.url);
    if (debugged !== undefined) return serveDebugRun(edge, debugged, request, response);
    throw new AppError('not_found', 'Nothing is served at this path; MCP endpoints are at /mcp/{server}');
  }

  async function refuse(request: IncomingMessage, response: ServerResponse, error: AppError): Promise<void> {
    // A client that has disconnected receives no answer, and disconnecting is not an error.
    if (response.headersSent || response.destroyed) return void response.destroy();
    if (error.code === 'method_not_allowed') response.setHeader('allow', 'POST, GET, DELETE, OPTIONS');
    if (error.code === 'internal') logRequestFailed(edge.logger, error);
    else logRefused(edge.logger, error);
    sendError(response, error, await toChallenge(edge, error, readAsked(request)));
  }

  return createServer(timeouts, (request, response) => {
    countRequest(request, response);
    toOriginForm(request);
    // Read the address now: it is no longer available after the connection has closed.
    const address = edge.addressOf(request);
    answer(request, response, address)
      .catch(async (thrown: unknown) => {
        const error = await wrongKeys.count(address, toAppError(thrown));
        await refuse(request, response, error);
      })
      .catch(() => response.destroy());
  });
}

/**
 * A client may send an absolute URL, as it would to a proxy. The host of that URL then takes precedence over the Host
 * header (RFC 9112, 3.2.2).
 */
function toOriginForm(request: IncomingMessage): void {
  const { url = '/' } = request;
  const [, host, path] = url.startsWith('/') ? [] : (ABSOLUTE_FORM.exec(url) ?? []);
  if (host === undefined || path === undefined) return;
  request.headers.host = host;
  request.url = path.startsWith('/') ? path : `/${path}`;
}

function readAsked({ url = '', headers }: IncomingMessage) {
  const isDebugger = /^[^?]*\/debug\//.test(url);
  return { idOrSlug: ENDPOINT.exec(url)?.[2], hasToken: headers.authorization !== undefined, isDebugger };
}
