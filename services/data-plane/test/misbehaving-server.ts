import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExternalServerOfTest, serve } from './external-servers.ts';

/** A request, a notification, or a response to a request of the server. */
type Rpc = { id?: number; method?: string; params?: Record<string, unknown>; error?: { code: number } };
type AnswerRpc = (asked: Rpc & { id: number }, response: ServerResponse, request: IncomingMessage) => void;

/**
 * A hand-written legacy server that behaves correctly at first: the test determines how it handles further requests.
 */
export function startMisbehavingServer(answer: AnswerRpc): Promise<ExternalServerOfTest> {
  return serve((request, response, body) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const asked = JSON.parse(body) as Rpc;
    const { id } = asked;
    if (id === undefined) return void response.writeHead(202).end();
    if (asked.method === 'server/discover') return void response.writeHead(400).end();
    if (asked.method !== 'initialize') return answer({ ...asked, id }, response, request);
    const serverInfo = { name: 'odd', version: '1' };
    const capabilities = { tools: {}, prompts: {}, resources: {} };
    answerJson(response, { jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities, serverInfo } });
  });
}

export function answerJson(response: ServerResponse, message: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
}

/** Begins a stream of server-sent events; each call of the returned function sends one message. */
export function beginEvents(response: ServerResponse): (message: unknown) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return (message) => void response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}
