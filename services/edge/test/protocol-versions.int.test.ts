import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { succeeded, type ToolCall } from '@toolplane/contracts';
import { openSession } from './legacy-session.ts';
import { call, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/* Only the version of a message decides what it is, and a message of an unsupported version is refused. */

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async (delivered) => succeeded((delivered.body as ToolCall).arguments);
});

type Headers = Record<string, string>;

const startSession = (protocolVersion = '2025-11-25') => openSession(edge, { protocolVersion });

async function send(method: string, headers: Headers): Promise<{ status: number; text: string }> {
  const url = `${edge.url}/mcp/${edge.serverId}`;
  const response = await fetch(url, { method, headers: { 'x-api-key': edge.key, ...headers } });
  return { status: response.status, text: response.ok ? '' : await response.text() };
}

const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

describe('a legacy request with the header Mcp-Method', () => {
  test('belongs to its session like any other: one that has ended is 404', async () => {
    const headers = { ...(await startSession()), 'mcp-method': 'ping' };
    expect((await edge.post(ping, { headers })).status).toBe(200);
    expect((await send('DELETE', headers)).status).toBe(204);
    expect((await edge.post(ping, { headers })).status).toBe(404);
  });

  test('cancels, and changes the settings of its session', async () => {
    const session = await startSession();
    const started = Promise.withResolvers<AbortSignal>();
    edge.handle = ({ signal }) => {
      started.resolve(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(succeeded({})), { once: true }));
    };
    const answer = edge.post({ ...call({ text: 'a' }), id: 'c1' }, { headers: session });
    await started.promise;
    const method = 'notifications/cancelled';
    const cancel = { jsonrpc: '2.0', method, params: { requestId: 'c1' } };
    await edge.post(cancel, { headers: { ...session, 'mcp-method': method } });
    expect((await answer).body.result.structuredContent.code).toBe('cancelled');
    const level = { jsonrpc: '2.0', id: 3, method: 'logging/setLevel', params: { level: 'info' } };
    const { body } = await edge.post(level, { headers: { ...session, 'mcp-method': 'logging/setLevel' } });
    expect(body).toMatchObject({ id: 3, result: {} });
  });
});

describe('a modern request has no session,', () => {
  const message = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: { _meta: modern.meta } };

  test('so one that names a session and lacks Mcp-Method gets an error about the header', async () => {
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-session-id': 'bogus' };
    const { status, body } = await edge.post(message, { headers });
    expect([status, body.id, body.error.code]).toEqual([400, 7, -32020]);
  });

  test('so nothing in its URL names one', async () => {
    const path = `/mcp/${edge.serverId}?sessionId=y`;
    const { status, body } = await edge.post(message, { path, headers: modern.headers('tools/list') });
    expect([status, body.id, body.result.resultType]).toEqual([200, 7, 'complete']);
  });
});

test.each([
  [{}, ['protocolVersion', 'clientCapabilities']],
  [{ clientCapabilities: undefined }, ['clientCapabilities']],
  [{ clientInfo: { name: 'canary' } }, ['clientInfo.version']],
  [{ clientCapabilities: { 'canary key': 1, elicitation: 'canary' } }, ['clientCapabilities.elicitation']],
])('what a modern request lacks in _meta is named, and nothing that the client chose (%#)', async (changes, keys) => {
  const named = Object.fromEntries(
    Object.entries(changes).map(([key, value]) => [`io.modelcontextprotocol/${key}`, value]),
  );
  const meta = Object.keys(changes).length === 0 ? {} : { ...modern.meta, ...named };
  const message = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: { _meta: meta } };
  const { status, body, text } = await edge.post(message, { headers: modern.headers('tools/list') });
  const what = keys.map((key) => `io.modelcontextprotocol/${key}`).join(' and ');
  const rule = 'is missing or does not have the form that protocol version 2026-07-28 requires';
  expect([status, body.error]).toEqual([400, { code: -32602, message: `Invalid params: ${what} in _meta ${rule}` }]);
  expect(text).not.toContain('canary');
});

describe('a protocol version that is not served is 400 −32022 and has no effect', () => {
  const unknown = { 'mcp-protocol-version': '2024-01-01' };
  const refused = {
    code: -32022,
    data: { requested: '2024-01-01', supported: expect.arrayContaining(['2025-11-25']) },
  };

  test.each(['DELETE', 'GET'])('of a %s', async (method) => {
    const session = await startSession();
    const { status, text } = await send(method, { ...session, accept: 'text/event-stream', ...unknown });
    expect([status, JSON.parse(text)]).toMatchObject([400, { id: null, error: refused }]);
    expect((await edge.post(ping, { headers: session })).status).toBe(200);
  });

  test.each<[string, object]>([
    ['notification', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'c1' } }],
    ['response', { jsonrpc: '2.0', id: 1, result: {} }],
    ['request', ping],
  ])('of a %s', async (_name, message) => {
    const headers = { ...(await startSession()), ...unknown };
    const { status, body } = await edge.post(message, { headers });
    expect([status, body.error]).toMatchObject([400, refused]);
  });
});

test.each([['2027-01-01'], ['2025-11-25']])(
  'a notification that claims version %s in _meta is refused',
  async (version) => {
    const meta = { ...modern.meta, 'io.modelcontextprotocol/protocolVersion': version };
    const message = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, _meta: meta } };
    const headers = { 'mcp-protocol-version': version, 'mcp-method': 'notifications/cancelled' };
    const { status, body } = await edge.post(message, { headers });
    expect([status, body.error]).toMatchObject([400, { code: -32022, data: { requested: version } }]);
  },
);

test.each(['foo', '1999-01-01', '2027-01-01'])(
  'initialize settles the version, whatever its header says (%s)',
  async (version) => {
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const message = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
    const { status, body } = await edge.post(message, { headers: { 'mcp-protocol-version': version } });
    expect([status, body.result?.protocolVersion]).toEqual([200, '2025-06-18']);
  },
);

describe('a request of a session without a version header', () => {
  const bare = async (protocolVersion: string) => ({
    'mcp-session-id': (await startSession(protocolVersion))['mcp-session-id'] ?? '',
  });

  test.each([
    ['on the hot path', { text: 'a' }, {}],
    ['on the general path', { text: 'a' }, { _meta: { progressToken: 'p' } }],
  ])('has the version of the session, %s', async (_name, callArguments, more) => {
    edge.endedCalls.length = 0;
    await edge.post(call(callArguments, more), { headers: await bare('2025-06-18') });
    expect(edge.endedCalls).toMatchObject([{ protocolVersion: '2025-06-18' }]);
  });
});

test('a modern request without _meta is told what it must contain', async () => {
  const { status, body } = await edge.post(
    { jsonrpc: '2.0', id: 7, method: 'tools/list' },
    { headers: modern.headers('tools/list') },
  );
  const keys = 'io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities in _meta';
  expect([status, body.error.code, body.error.message]).toEqual([400, -32602, expect.stringContaining(keys)]);
});

test('a modern notification with another Mcp-Method is told so', async () => {
  const message = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  const { status, body } = await edge.post(message, { headers: modern.headers('tools/call') });
  const reason = 'Header mismatch: Mcp-Method is not the method of the body';
  expect([status, body.error]).toEqual([400, { code: -32020, message: reason }]);
});

test('a response from a modern client is not accepted, because modern clients are never sent requests', async () => {
  const { status, body } = await edge.post({ jsonrpc: '2.0', id: 1, result: {} }, { headers: modern.headers('ping') });
  expect([status, body.error.code]).toEqual([400, -32600]);
});

describe('a batch', () => {
  test.each(['2025-11-25', '2025-06-18'])(
    'is refused in a session of %s, which knows its version without a header',
    async (version) => {
      const { 'mcp-session-id': id = '' } = await startSession(version);
      const { status, body } = await edge.post([ping], { headers: { 'mcp-session-id': id } });
      expect([status, body.error.code]).toEqual([400, -32600]);
    },
  );

  test('is refused in a session of 2025-11-25 also if a header names a version that has batches', async () => {
    const headers = { ...(await startSession()), 'mcp-protocol-version': '2025-03-26' };
    expect((await edge.post([ping], { headers })).status).toBe(400);
  });

  test('is answered in a session of 2025-03-26', async () => {
    const { 'mcp-session-id': id = '' } = await startSession('2025-03-26');
    const { body } = await edge.post([ping], { headers: { 'mcp-session-id': id } });
    expect(body).toEqual([{ jsonrpc: '2.0', id: 2, result: {} }]);
  });

  test('cannot contain initialize, which begins the session that the others belong to', async () => {
    const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const { body } = await edge.post([{ jsonrpc: '2.0', id: 1, method: 'initialize', params }, ping]);
    expect(body).toEqual([
      { jsonrpc: '2.0', id: 1, error: { code: -32600, message: expect.stringContaining('initialize') } },
      { jsonrpc: '2.0', id: 2, result: {} },
    ]);
  });
});
