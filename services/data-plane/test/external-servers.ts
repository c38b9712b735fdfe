import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

export type ExternalServerOfTest = AsyncDisposable & {
  url: string;
  /** The methods of the protocol that were called, in order, with the headers of the request. */
  asked: { method: string; headers: IncomingMessage['headers']; params: Record<string, unknown> }[];
  /** The ids of sessions, if the server has any. */
  sessions: Map<string, unknown>;
};

type AddTools<Server> = (server: Server) => void;

/** Starts the SDK's v2 server: 2026-07-28, and legacy clients without sessions. */
export function startModernServer(addTools: AddTools<McpServer>): Promise<ExternalServerOfTest> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'modern', version: '1.0.0' }, { capabilities: { logging: {} } });
    addTools(server);
    return server;
  });
  return serve(async (request, response, body) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await handler.fetch(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method ?? 'GET',
        headers: request.headers as Record<string, string>,
        ...(body === '' ? {} : { body }),
        signal: gone.signal,
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body === null) response.end();
    else Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]).pipe(response);
  });
}

/** Starts the SDK's v1 server with sessions: 2025-11-25. */
export function startLegacyServer(addTools: AddTools<McpServerV1>): Promise<ExternalServerOfTest> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  return serve(async (request, response, body) => {
    const id = request.headers['mcp-session-id'];
    let transport = typeof id === 'string' ? sessions.get(id) : undefined;
    if (transport === undefined && id !== undefined) return void response.writeHead(404).end();
    if (transport === undefined) {
      const opened = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (sessionId) => void sessions.set(sessionId, opened),
        onsessionclosed: (sessionId) => void sessions.delete(sessionId),
      });
      const server = new McpServerV1({ name: 'legacy', version: '1.0.0' }, { capabilities: { logging: {} } });
      addTools(server);
      await server.connect(opened as Parameters<typeof server.connect>[0]);
      transport = opened;
    }
    await transport.handleRequest(request, response, body === '' ? undefined : JSON.parse(body));
  }, sessions);
}

/** Starts the SDK's v1 server over HTTP+SSE of 2024-11-05. */
export function startSseServer(addTools: AddTools<McpServerV1>): Promise<ExternalServerOfTest> {
  const sessions = new Map<string, SSEServerTransport>();
  return serve(async (request, response, body) => {
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      const server = new McpServerV1({ name: 'old', version: '1.0.0' });
      addTools(server);
      await server.connect(transport);
      return;
    }
    const id = new URL(request.url ?? '', 'http://127.0.0.1').searchParams.get('sessionId') ?? '';
    const transport = sessions.get(id);
    if (transport === undefined) response.writeHead(404).end();
    else await transport.handlePostMessage(request, response, JSON.parse(body));
  }, sessions);
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void> | void;

/** Starts any server with JSON-RPC over HTTP; the body is read before `answer` is called. */
export async function serve(answer: Answer, sessions: Map<string, unknown> = new Map()): Promise<ExternalServerOfTest> {
  const asked: ExternalServerOfTest['asked'] = [];
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (body.startsWith('{')) {
      const { method = '', params = {} } = JSON.parse(body);
      asked.push({ method, headers: request.headers, params });
    }
    await answer(request, response, body);
  };
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    asked,
    sessions,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
