import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AppError, errorCodes } from '@toolplane/contracts';
import { MessageError } from './parse-message.ts';

export function sendJson(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** Errors before a message was accepted: HTTP status and a JSON-RPC error without id, as no request is answered. */
export function sendError(response: ServerResponse, error: AppError, resourceUrl: string): void {
  const { http, rpc } = errorCodes[error.code];
  const code = error instanceof MessageError ? error.rpcCode : rpc;
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: null,
    error: { code, message: error.message, data: { code: error.code } },
  });
  sendJson(response, http, body, {
    ...(http === 401 ? { 'www-authenticate': `Bearer realm="${resourceUrl}"` } : {}),
    ...(http === 429 || http === 503 ? { 'retry-after': '1' } : {}),
    // What is left of a refused body is not read, so the connection cannot serve another request.
    ...(http === 413 ? { connection: 'close' } : {}),
  });
}

/** The web `Request` that the SDK takes. Plain JSON-RPC clients send no Accept, which means that JSON will do. */
export function toWebRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  const accept = headers.get('accept');
  if (accept === null || accept === '*/*' || accept === 'application/json') {
    headers.set('accept', 'application/json, text/event-stream');
  }
  return new Request(`http://edge${request.url}`, { method: request.method ?? 'POST', headers, signal });
}

export async function sendWebResponse(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) return void response.end();
  // A client that leaves in the middle is no error of ours.
  await pipeline(Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream), response).catch(
    () => undefined,
  );
}
