import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeliveredCall } from '@toolplane/bus';
import { succeeded } from '@toolplane/contracts';
import { openStream, type TestStream } from './event-reader.ts';
import { openSession } from './legacy-session.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/* The legacy HTTP+SSE transport: the stream is held by one edge, and messages are posted to another. */

let edge: TestEdge;
let other: Replica;

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
});
beforeEach(() => {
  edge.handle = async () => succeeded({ text: 'done' });
});
afterAll(async () => edge[Symbol.asyncDispose]());

type SseClient = {
  stream: TestStream;
  endpoint: string;
  post(message: object, headers?: Record<string, string>): Promise<Response>;
};

async function connect({
  path = `/mcp/${edge.serverId}`,
  headers = {},
}: {
  path?: string;
  headers?: Record<string, string>;
} = {}): Promise<SseClient> {
  const credentials = { 'x-api-key': edge.key };
  const stream = await openStream(`${edge.url}${path}`, {
    headers: { accept: 'text/event-stream', ...credentials, ...headers },
  });
  const endpoint = (await stream.next())?.data ?? '';
  const post: SseClient['post'] = (message, more) =>
    fetch(new URL(endpoint, other.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credentials, ...more },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
  return { stream, endpoint, post };
}

describe('the legacy SSE transport', () => {
  test.each([
    ['/mcp/$id', '/mcp/$id', {}],
    ['/api/v1/mcp/$slug', '/api/v1/mcp/$slug', {}],
    ['/mcp/$slug/sse', '/mcp/$slug', { 'mcp-protocol-version': '2025-11-25' }],
    ['/api/v1/mcp/$id/sse', '/api/v1/mcp/$id', {}],
  ])('a GET of %s is first told to post to %s', async (path, reported, headers) => {
    const named = (text: string) => text.replace('$id', edge.serverId).replace('$slug', edge.slug);
    const stream = await openStream(`${edge.url}${named(path)}`, {
      headers: { accept: 'text/event-stream', 'x-api-key': edge.key, ...headers },
    });
    const event = await stream.next();
    expect(event?.type).toBe('endpoint');
    expect(event?.data.split('=')[0]).toBe(`${named(reported)}?sessionId`);
    stream.leave();
  });

  test.each([
    ['*/*', {}],
    ['application/json', {}],
    ['text/event-stream', { 'mcp-protocol-version': '2025-11-25' }],
    ['text/event-stream', { 'mcp-protocol-version': '2026-07-28' }],
  ])('a GET that accepts %s and sends %j opens no stream; the answer says how to open one', async (accept, headers) => {
    const credentials = { 'x-api-key': edge.key };
    const answer = await fetch(`${edge.url}/mcp/${edge.serverId}`, { headers: { accept, ...credentials, ...headers } });
    const { error } = await answer.json();
    expect([answer.status, error.message]).toEqual([405, expect.stringMatching(/Accept: text\/event-stream .*…\/sse/)]);
    expect(answer.headers.get('allow')).toContain('POST');
  });

  test('at …/sse, any Accept opens the stream', async () => {
    const path = `/mcp/${edge.serverId}/sse`;
    const { stream, endpoint } = await connect({ path, headers: { accept: '*/*' } });
    expect(endpoint).toContain('?sessionId=');
    stream.leave();
  });

  test('a message posted to another edge is accepted with 202 and answered on the stream', async () => {
    const { stream, post } = await connect();
    const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const answer = await post({ id: 0, method: 'initialize', params });
    expect([answer.status, await answer.text(), answer.headers.get('mcp-session-id')]).toEqual([202, '', null]);
    expect(await stream.next()).toMatchObject({
      type: 'message',
      message: { id: 0, result: { protocolVersion: '2024-11-05', serverInfo: { name: edge.slug } } },
    });
    expect((await post({ method: 'notifications/initialized' })).status).toBe(202);
    await post(call({ text: 'a' }));
    expect((await stream.next())?.message).toMatchObject({ id: 1, result: { structuredContent: { text: 'done' } } });
    await post({ id: 2, method: 'no/such' });
    expect((await stream.next())?.message).toMatchObject({ id: 2, error: { code: -32601 } });
    stream.leave();
  });

  test('what a call sends before its answer arrives before it', async () => {
    edge.handle = async ({ notify }) => {
      for (const progress of [1, 2, 3]) notify({ kind: 'progress', progress });
      return succeeded({});
    };
    const { stream, post } = await connect();
    await post(call({ text: 'a' }, { _meta: { progressToken: 'p' } }));
    const messages = [await stream.next(), await stream.next(), await stream.next(), await stream.next()];
    expect(messages.map((event) => event?.message.params?.progress ?? event?.message.id)).toEqual([1, 2, 3, 1]);
    stream.leave();
  });

  test('each client gets its own answers, even if both use the same ids (B019)', async () => {
    edge.handle = async ({ body }) => succeeded((body as { arguments: object }).arguments as Record<string, string>);
    const clients = [await connect(), await connect()];
    await Promise.all(clients.map(({ post }, index) => post(call({ text: `of ${index}` }))));
    const texts = await Promise.all(
      clients.map(async ({ stream }) => (await stream.next())?.message.result.structuredContent.text),
    );
    expect(texts).toEqual(['of 0', 'of 1']);
    for (const { stream } of clients) stream.leave();
  });

  test('changed lists and subscribed resources are announced', async () => {
    const menu = { uri: 'night://menu', name: 'menu', planDigest: 'd1', deadlineMs: 5000 };
    await edge.publishServer({ resources: [menu] });
    const { stream, post } = await connect();
    await post({ id: 1, method: 'resources/subscribe', params: { uri: menu.uri } });
    await stream.next();
    await edge.publishServer({ resources: [{ ...menu, planDigest: 'd2' }] });
    expect((await stream.next())?.message).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri: menu.uri },
    });
    await edge.publishServer({ resources: [{ ...menu, planDigest: 'd2' }], tools: [] });
    expect((await stream.next())?.message.method).toBe('notifications/tools/list_changed');
    stream.leave();
    await edge.publishServer({ tools: [{ ...echoTool, planDigest: 'd1', deadlineMs: 5000, isRepeatable: true }] });
  });

  test('leaving the stream ends the session but cancels no call', async () => {
    const started = Promise.withResolvers<DeliveredCall>();
    const finish = Promise.withResolvers<void>();
    edge.handle = async (delivered) => {
      started.resolve(delivered);
      await finish.promise;
      return succeeded({});
    };
    const { stream, post } = await connect();
    await post(call({ text: 'a' }));
    const delivered = await started.promise;
    stream.leave();
    // The edge notices the disconnect with a delay; until then, a message is still accepted.
    let status = 202;
    while (status === 202) ({ status } = await post({ method: 'notifications/initialized' }));
    expect(status).toBe(404);
    expect(delivered.signal.aborted).toBe(false);
    finish.resolve();
  });

  test('notifications/cancelled ends the call it names', async () => {
    const cancelled = Promise.withResolvers<void>();
    edge.handle = async ({ signal }) => {
      started.resolve();
      await once(signal, 'abort');
      cancelled.resolve();
      return succeeded({});
    };
    const started = Promise.withResolvers<void>();
    const { stream, post } = await connect();
    await post({ ...call({ text: 'a' }), id: 'slow' });
    await started.promise;
    await post({ method: 'notifications/cancelled', params: { requestId: 'slow' } });
    await cancelled.promise;
    // A cancelled request gets no answer (MCP, cancellation).
    await post({ id: 'after', method: 'ping' });
    expect((await stream.next())?.message.id).toBe('after');
    stream.leave();
  });

  test('the stream of a stopped server first announces that nothing is left', async () => {
    const serverId = `${edge.serverId}_stopped`;
    await edge.publishServer({ serverId, slug: `${edge.slug}-stopped` });
    const { stream } = await connect({ path: `/mcp/${serverId}` });
    await edge.publishServer({ serverId, slug: `${edge.slug}-stopped`, state: 'stopped' });
    expect((await stream.rest()).map(({ message }) => message.method)).toEqual(['notifications/tools/list_changed']);
  });

  test('the stream ends when the key is revoked', async () => {
    const { key, record } = await edge.publishKey({});
    const { stream } = await connect({ headers: { 'x-api-key': key } });
    await edge.publishKey({ ...record, revision: 2, state: 'revoked' });
    expect(await stream.next()).toBeUndefined();
  });
});

describe('a message that is refused immediately', () => {
  test.each<[string, () => Promise<string>]>([
    [
      'of another key',
      async () =>
        (await connect({ headers: { 'x-api-key': (await edge.publishKey({})).key } })).endpoint.split('=')[1] ?? '',
    ],
    ['guessed', async () => 's1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['10 kB', async () => 'x'.repeat(10_000)],
    ['with CRLF', async () => 'x%0d%0aMcp-Session-Id:%20y'],
    ['empty', async () => ''],
  ])('for a session id %s is 404 (B018)', async (_name, makeId) => {
    const answer = await edge.post(call({ text: 'a' }), { path: `/mcp/${edge.serverId}?sessionId=${await makeId()}` });
    expect([answer.status, answer.body.result]).toEqual([404, undefined]);
  });

  test('for the session of a client of Streamable HTTP is 404, and the other way round', async () => {
    const path = `/mcp/${edge.serverId}?sessionId=${(await openSession(edge))['mcp-session-id']}`;
    expect((await edge.post(call({ text: 'a' }), { path })).status).toBe(404);
    const { stream, endpoint } = await connect();
    const id = endpoint.split('=')[1] ?? '';
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await edge.post(ping, { headers: { 'mcp-session-id': id } })).status).toBe(404);
    stream.leave();
  });

  test('of a version that is not served, or of no JSON-RPC, is 400 with the reason', async () => {
    const { stream, post } = await connect();
    const ping = { id: 7, method: 'ping' };
    const refused = await post(ping, { 'mcp-protocol-version': '1999-01-01' });
    expect([refused.status, await refused.json()]).toMatchObject([400, { id: 7, error: { code: -32022 } }]);
    const foreign = await post({ foo: 1 });
    expect([foreign.status, await foreign.json()]).toMatchObject([400, { id: null, error: { code: -32600 } }]);
    expect((await post(ping)).status).toBe(202);
    expect((await stream.next())?.message.id).toBe(7);
    stream.leave();
  });

  test('that is not JSON or is from a modern client is 400', async () => {
    const { stream, post, endpoint } = await connect();
    expect((await edge.post('{', { path: endpoint })).status).toBe(400);
    const message = call({ text: 'a' }, { _meta: modern.meta });
    expect((await post(message, modern.headers('tools/call', 'echo'))).status).toBe(400);
    stream.leave();
  });
});
