import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import type { HttpClient } from '../../egress/http-client.ts';
import type { ExternalTarget } from '../external-target.ts';
import type { Challenge } from './oauth-state.ts';

const REQUEST_MS_MAX = 10_000;

/** The first request of a modern client. A server that requires a token refuses it before reading the request. */
const DISCOVER_REQUEST = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'server/discover',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'toolplane', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});

/** Sends an external server a request without a token. Returns undefined if the server requires none. */
export async function requestChallenge(
  http: Pick<HttpClient, 'send'>,
  { workspaceId, url, transport, headers }: Pick<ExternalTarget, 'workspaceId' | 'url' | 'transport' | 'headers'>,
  signal: AbortSignal,
): Promise<Challenge | undefined> {
  const isSse = transport === 'sse';
  const { status, headers: answered } = await http.send({
    workspaceId,
    url,
    signal,
    timeoutMs: REQUEST_MS_MAX,
    responseBytesMax: 1024 * 1024,
    returnsRedirects: true,
    method: isSse ? 'GET' : 'POST',
    headers: {
      ...headers,
      accept: isSse ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(isSse
        ? {}
        : {
            'content-type': 'application/json',
            'mcp-protocol-version': '2026-07-28',
            'mcp-method': 'server/discover',
          }),
    },
    ...(isSse ? {} : { body: DISCOVER_REQUEST }),
  });
  return status === 401 ? readChallenge(answered['www-authenticate'] ?? '') : undefined;
}

/** Reads a `WWW-Authenticate` header. */
export function readChallenge(header: string): Challenge & { error?: string } {
  const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(
    new Response(null, { status: 401, headers: { 'www-authenticate': header } }),
  );
  return {
    ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: resourceMetadataUrl.href }),
    ...(scope === undefined ? {} : { scope }),
    ...(error === undefined ? {} : { error }),
  };
}
