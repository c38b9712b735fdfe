import { openStream } from './event-reader.ts';
import type { JsonRpcAnswer, TestEdge } from './test-edge.ts';

type SessionOptions = {
  key?: string;
  path?: string;
  protocolVersion?: string;
  capabilities?: object;
  clientInfo?: object;
  headers?: Record<string, string>;
};

/** Starts a legacy session and returns the headers of its requests. */
export async function openSession(edge: TestEdge, options: SessionOptions = {}) {
  const { protocolVersion = '2025-11-25', capabilities = {}, ...sent } = options;
  const { clientInfo = { name: 'test', version: '1' }, ...post } = sent;
  const params = { protocolVersion, capabilities, clientInfo };
  const { headers } = await edge.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, post);
  return { 'mcp-protocol-version': protocolVersion, 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
}

/** Starts a legacy client with a session, and with a function that opens a call as an event stream. */
export async function startSession(
  edge: TestEdge,
  capabilities: object,
  { protocolVersion = '2025-11-25', url: ownUrl = edge.url } = {},
) {
  const session = {
    'content-type': 'application/json',
    'x-api-key': edge.key,
    ...(await openSession(edge, { protocolVersion, capabilities })),
  };
  const send = (url: string, message: object) =>
    fetch(`${url}/mcp/${edge.serverId}`, { method: 'POST', headers: session, body: JSON.stringify(message) });
  const request = {
    jsonrpc: '2.0',
    id: 'c1',
    method: 'tools/call',
    params: { name: 'echo', arguments: { text: 'a' } },
  };
  const open = (accept = 'application/json, text/event-stream') =>
    openStream(`${ownUrl}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: { ...session, accept },
      body: JSON.stringify(request),
    });
  const respond = (id: string, answer: object, url = edge.url) => send(url, { jsonrpc: '2.0', id, ...answer });
  return { send, open, respond, headers: session, request };
}

/** Returns the next message that is not a priming event. */
export async function nextMessage(stream: Awaited<ReturnType<typeof openStream>>): Promise<JsonRpcAnswer> {
  for (;;) {
    const event = await stream.next();
    if (event === undefined || event.message !== undefined) return event?.message;
  }
}
