import type { ServerResponse } from 'node:http';
import { type AppError, errorCodes } from '@toolplane/contracts';
import { MessageError } from './parse-message.ts';

export function sendJson(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** Two writes become one packet in the operating system, and avoid copying a long tail. */
export function sendJsonParts(response: ServerResponse, head: string, tail: Buffer): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(head) + tail.length,
  });
  response.write(head);
  response.end(tail);
}

/**
 * Sends an error that occurred before a message was accepted: an HTTP status and a JSON-RPC error, with the id of the
 * request if it was read.
 */
export function sendError(response: ServerResponse, error: AppError, challenge: string | undefined): void {
  const { http, rpc } = errorCodes[error.code];
  const code = error instanceof MessageError ? error.rpcCode : rpc;
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: error instanceof MessageError ? error.id : null,
    error: { code, message: error.message, data: { code: error.code } },
  });
  sendJson(response, http, body, {
    ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    ...(http === 429 || http === 503 ? { 'retry-after': retryAfterOf(error) } : {}),
    // The rest of a refused body is not read, so the connection cannot serve another request.
    ...(http === 413 ? { connection: 'close' } : {}),
  });
}

/** Returns seconds, as the header requires. */
function retryAfterOf({ details }: AppError): string {
  const { retryAfterMs = 1000 } = (details ?? {}) as { retryAfterMs?: number };
  return String(Math.ceil(retryAfterMs / 1000));
}
