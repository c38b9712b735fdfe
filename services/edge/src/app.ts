import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Caller, Snapshot } from '@toolplane/bus';
import { AppError, toAppError } from '@toolplane/contracts';
import type { Logger, SecretValue } from '@toolplane/service-kit';
import { authenticate } from './callers/authenticate.ts';
import { createWrongKeyLimit } from './callers/wrong-key-limit.ts';
import { findServer } from './manifests/find-server.ts';
import { toHostedServer } from './manifests/hosted-server.ts';
import { answerMessage } from './mcp/answer-message.ts';
import { sendError } from './transports/answers.ts';
import { parseMessage } from './transports/parse-message.ts';
import { readBody } from './transports/read-body.ts';

export type EdgeDependencies = {
  calls: Caller;
  snapshot: Snapshot;
  pepper: SecretValue;
  publicUrl: string;
  checkOrigin: (request: IncomingMessage) => void;
  logger: Logger;
};

/** `/mcp/{id or slug}`; `/api/v1/mcp/…` is the same endpoint. */
const ENDPOINT = /^\/(?:api\/v1\/)?mcp\/([A-Za-z0-9_-]{1,64})\/?(?:\?|$)/;

/** The HTTP face of the edge: bytes to messages and back. What a message means is known in `mcp/`. */
export function createEdgeApp(dependencies: EdgeDependencies): Server {
  const limitWrongKeys = createWrongKeyLimit();
  const server = createServer((request, response) => {
    const address = request.socket.remoteAddress ?? '';
    answer(dependencies, request, response)
      .catch(async (thrown: unknown) => {
        // Who has left is not answered, and leaving is no error.
        if (response.headersSent || response.destroyed) return void response.destroy();
        const error = await limitWrongKeys(address, toAppError(thrown));
        if (error.code === 'internal') dependencies.logger.error({ err: error }, 'request failed');
        sendError(response, error, dependencies.publicUrl);
      })
      .catch(() => response.destroy());
  });
  // A client that sends its request drop by drop holds a socket no longer than this.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

async function answer(
  dependencies: EdgeDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  dependencies.checkOrigin(request);
  const idOrSlug = ENDPOINT.exec(request.url ?? '')?.[1];
  if (idOrSlug === undefined) throw new AppError('not_found', 'There is nothing here; MCP endpoints are /mcp/{server}');
  const principal = await authenticate(request, dependencies);
  const manifest = await findServer(dependencies.snapshot, principal, idOrSlug);
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    throw new AppError('method_not_allowed', 'Only POST is served here');
  }
  const message = parseMessage(await readBody(request));
  await answerMessage(dependencies.calls, toHostedServer(manifest), message, request, response);
}
