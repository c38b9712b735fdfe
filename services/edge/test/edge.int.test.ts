import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { succeeded, type ToolCall } from '@toolplane/contracts';
import { startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { startTelemetry } from '@toolplane/service-kit';
import { call, modern, startTestEdge, type TestEdge } from './test-edge.ts';

let edge: TestEdge;

beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async (delivered) => succeeded((delivered.body as ToolCall).arguments);
});

describe('the methods of the protocol', () => {
  test('initialize answers with the version that a legacy client asks for', async () => {
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const { status, body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      protocolVersion: '2025-06-18',
      serverInfo: { name: edge.slug, title: 'Echo server' },
      instructions: 'Call echo.',
      capabilities: { tools: {} },
    });
  });

  test('ping is answered with an empty result', async () => {
    expect((await edge.post({ jsonrpc: '2.0', id: 'p', method: 'ping' })).body).toMatchObject({ id: 'p', result: {} });
  });

  test('a notification is accepted with 202 and no body', async () => {
    const { status, text } = await edge.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([status, text]).toEqual([202, '']);
  });

  test('server/discover tells a modern client what the server offers', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: modern.meta } };
    const { body } = await edge.post(message, { headers: modern.headers('server/discover') });
    expect(body.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: expect.arrayContaining(['2026-07-28']),
      cacheScope: 'private',
    });
  });

  test('tools/list is the same for plain, legacy and modern clients', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const plain = await edge.post(message);
    const modernAnswer = await edge.post(
      { ...message, params: { _meta: modern.meta } },
      { headers: modern.headers('tools/list') },
    );
    expect(plain.body.result.tools).toEqual(modernAnswer.body.result.tools);
    expect(plain.body.result.tools).toEqual([
      expect.objectContaining({ name: 'echo', title: 'Echo', annotations: { readOnlyHint: true } }),
    ]);
    expect(modernAnswer.body.result).toMatchObject({ ttlMs: expect.any(Number), cacheScope: 'private' });
  });
});

describe('a tool call', () => {
  test('reaches the data plane with defaults applied, the named plan and the caller’s Config- headers', async () => {
    await edge.post(call({ text: 'a' }), { headers: { 'Config-Org-ID': 'acme' } });
    expect(edge.calls).toEqual([
      expect.objectContaining({
        tool: 'echo',
        planDigest: 'd1',
        arguments: { text: 'a', count: 1 },
        caller: { config: { org_id: 'acme' } },
      }),
    ]);
  });

  test('whose worker is lost is started once more if its steps may be repeated, linked to the first try', async () => {
    await using collector = await startOtlpReceiver();
    const telemetry = await startTelemetry('edge', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    let attempts = 0;
    edge.handle = async () => {
      attempts += 1;
      const error = { code: 'worker_lost', message: 'lost' } as const;
      return attempts === 1 ? { ok: false, outcome: 'unknown', error } : succeeded({ attempts });
    };
    expect((await edge.post(call({ text: 'a' }))).body.result.structuredContent).toEqual({ attempts: 2 });
    await telemetry?.[Symbol.asyncDispose]();
    trace.disable();
    const [first, second] = collector.spans.filter(({ name }) => name === 'send calls');
    expect([first?.links, second?.links]).toEqual([[], [{ traceId: first?.traceId, spanId: first?.spanId }]]);
  });

  test('is cancelled when a modern client disconnects', async () => {
    const running = Promise.withResolvers<AbortSignal>();
    edge.handle = ({ signal }) => {
      running.resolve(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(succeeded({}))));
    };
    const leave = new AbortController();
    const options = { headers: modern.headers('tools/call', 'echo'), signal: leave.signal };
    const answer = edge.post(call({ text: 'a' }, { _meta: modern.meta }), options);
    const signal = await running.promise;
    leave.abort();
    await expect(answer).rejects.toThrow();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });

  test.each([
    ['a missing argument', {}, '', 'required'],
    ['a wrong type', { text: 7 }, '/text', 'type'],
    ['a broken pattern', { text: 'secret-canary!' }, '/text', 'pattern'],
    ['an extra argument', { text: 'a', other: 1 }, '', 'additionalProperties'],
    ['null instead of a number', { text: 'a', count: null }, '/count', 'type'],
    ['a list instead of arguments', ['a'], '', 'type'],
    ['text instead of arguments', 'a', '', 'type'],
    ['null instead of arguments', null, '', 'type'],
  ])(
    'with %s is a tool error that names path and rule, not the value (B011)',
    async (_name, callArguments, path, rule) => {
      const { status, body, text } = await edge.post(call(callArguments));
      expect(status).toBe(200);
      expect(body.result).toMatchObject({
        isError: true,
        structuredContent: { code: 'invalid_arguments', outcome: 'not_started', details: [{ path, rule }] },
      });
      expect(text).not.toContain('canary');
      expect(edge.calls).toEqual([]);
    },
  );

  test.each(['__proto__', 'toString', 'constructor', '', 'x'.repeat(129), 'еcho'])(
    'of the unknown tool %j is a JSON-RPC error −32602 (B010)',
    async (name) => {
      const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });
      expect(body.error.code).toBe(-32602);
    },
  );
});

describe('what is not a valid message is refused', () => {
  test.each([
    ['an empty body (B001)', '', {}, 400, -32700],
    ['a truncated body (B002)', '{', {}, 400, -32700],
    ['nesting of 10 000 levels (B006)', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, {}, 400, -32600],
    ['an empty batch (B007)', '[]', {}, 400, -32600],
    ['a batch of a revision without batches (B007)', [{}], { 'mcp-protocol-version': '2025-06-18' }, 400, -32600],
    ['a batch of 1 000 calls (B007)', Array(1000).fill(call({ text: 'a' })), {}, 400, -32600],
    ['an id of 100 000 characters (B008)', { ...call({ text: 'a' }), id: 'x'.repeat(100_000) }, {}, 400, -32600],
    ['initialize without parameters', { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }, {}, 400, -32602],
    ['a null id (B008)', { ...call({ text: 'a' }), id: null }, {}, 400, -32600],
    [
      '__proto__ in the arguments (B012)',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"__proto__":{"polluted":1}}}}',
      {},
      400,
      -32600,
    ],
    [
      'a number that would be rounded (B013)',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a","count":12345678901234567890}}}',
      {},
      400,
      -32600,
    ],
    ['text/plain (B004)', '{}', { 'content-type': 'text/plain' }, 415, 1415],
    ['a compressed body (B005)', '{}', { 'content-encoding': 'gzip' }, 415, 1415],
    ['a body over the limit (B003)', ' '.repeat(1024 * 1024 + 1), {}, 413, 1413],
    ['a foreign Origin (B015)', '{}', { origin: 'https://evil.example' }, 403, 1403],
    [
      'an unknown protocol version (B017)',
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { 'mcp-protocol-version': '1999-01-01' },
      400,
      -32022,
    ],
    [
      'a future protocol version, without a claim in the body (B017)',
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { 'mcp-protocol-version': '2099-01-01' },
      400,
      -32022,
    ],
  ])('%s', async (_name, body, headers, status, code) => {
    const answer = await edge.post(body, { headers: headers as Record<string, string> });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.text).not.toMatch(/at .*\.(ts|mjs):/);
    expect(edge.calls).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each(['no/such', '__proto__', 'constructor', 'x'.repeat(10_000)])(
    'the unknown method %.20s is −32601 (B009)',
    async (method) => {
      expect((await edge.post({ jsonrpc: '2.0', id: 1, method })).body.error.code).toBe(-32601);
    },
  );

  test('a cursor that was never issued is −32602', async () => {
    const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { cursor: 'zzz' } });
    expect(body.error.code).toBe(-32602);
  });

  test('text that is not UTF-8 (B014)', async () => {
    const response = await fetch(`${edge.url}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': edge.key },
      body: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\xff"}}', 'latin1'),
    });
    expect([response.status, ((await response.json()) as { error: { code: number } }).error.code]).toEqual([
      400, -32700,
    ]);
  });

  test('a batch in a batch (B007)', async () => {
    const { body } = await edge.post([[call({ text: 'a' })], { jsonrpc: '2.0', id: 2, method: 'ping' }]);
    expect(body).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
        { jsonrpc: '2.0', id: 2, result: {} },
      ]),
    );
    expect(edge.calls).toEqual([]);
  });

  test('headers that contradict the body are −32020 (B017)', async () => {
    const message = call({ text: 'a' }, { _meta: modern.meta });
    const { status, body } = await edge.post(message, { headers: modern.headers('tools/call', 'other') });
    expect([status, body.error.code]).toEqual([400, -32020]);
  });

  test('a chunked body over the limit (B003), and the edge keeps serving', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(256 * 1024).fill(32)),
    });
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': edge.key },
      body,
      duplex: 'half',
    };
    const answer = await fetch(`${edge.url}/mcp/${edge.serverId}`, init as RequestInit);
    expect(answer.status).toBe(413);
    expect((await edge.post(call({ text: 'a' }))).status).toBe(200);
  });

  test('a foreign Host (B016)', async () => {
    expect(await rawPost(edge, 'Host: evil.example')).toMatch(/^HTTP\/1\.1 421 /);
  });

  test('a smuggled request (B025)', async () => {
    expect(await rawPost(edge, 'Host: 127.0.0.1', 'Transfer-Encoding: chunked')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each([
    ['headers', 'POST /mcp/x HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
    ['body', 'POST /mcp/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'],
  ])('a request whose %s never arrive in full is dropped (B023)', async (_name, sent) => {
    const { url } = await edge.startReplica(undefined, { headersMs: 200, bodyMs: 400 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(sent.replace('/mcp/x', `/mcp/${edge.serverId}`).replace('\r\n', `\r\nx-api-key: ${edge.key}\r\n`));
    expect(await readText(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a method that the endpoint does not have', async () => {
    const headers = { 'x-api-key': edge.key };
    const response = await fetch(`${edge.url}/mcp/${edge.serverId}`, { method: 'PUT', headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, GET, DELETE, OPTIONS']);
  });
});

describe('who may call', () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

  test('whoever sends a key by x-api-key or as Bearer, naming the server by id, by slug or under /api/v1', async () => {
    for (const path of [`/mcp/${edge.serverId}`, `/mcp/${edge.slug}`, `/api/v1/mcp/${edge.serverId}`]) {
      expect((await edge.post(list, { path })).status).toBe(200);
      const headers = { authorization: `Bearer ${edge.key}` };
      expect((await edge.post(list, { path, key: '', headers })).status).toBe(200);
    }
  });

  test.each([
    ['no key (B026)', () => '', 401],
    ['a key with one character changed (B029)', () => mistyped(edge.key), 401],
    ['a key with a trailing space (B029)', () => `${edge.key}x`, 401],
    ['two keys (B026)', () => `${edge.key}, ${edge.key}`, 400],
  ])('%s', async (_name, key, status) => {
    const answer = await edge.post(list, { key: key() });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('a key in the URL does not count (B026)', async () => {
    const path = `/mcp/${edge.serverId}?x-api-key=${edge.key}&api_key=${edge.key}`;
    expect((await edge.post(list, { path, key: '' })).status).toBe(401);
  });

  test('different credentials in two headers are refused (B026)', async () => {
    const { key } = await edge.publishKey({});
    expect((await edge.post(list, { headers: { authorization: `Bearer ${key}` } })).status).toBe(400);
  });

  test.each([
    ['an expired key', { expiresAt: 1 }, 401],
    ['a revoked key', { state: 'revoked' as const }, 401],
    ['a key without tools:call (B034)', { permissions: ['servers:read' as const] }, 403],
  ])('%s', async (_name, changes, status) => {
    const { key } = await edge.publishKey(changes);
    expect((await edge.post(list, { key })).status).toBe(status);
  });

  test('a server of another workspace answers exactly as one that does not exist (B028)', async () => {
    const { key } = await edge.publishKey({ workspaceId: 'ws_other' });
    const foreign = await edge.post(list, { key });
    const unknown = await edge.post(list, { path: '/mcp/srv_unknown', key });
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual(unknown.body);
    expect((await edge.post(list, { path: `/mcp/${edge.slug}`, key })).body).toEqual(unknown.body);
  });

  test('a revoked key that the edge knows is refused as soon as its revocation is published (B027)', async () => {
    const { key, record } = await edge.publishKey({});
    expect((await edge.post(list, { key })).status).toBe(200);
    await edge.publishKey({ ...record, revision: 2, state: 'revoked' });
    let status = 200;
    for (let attempt = 0; attempt < 100 && status === 200; attempt += 1)
      status = (await edge.post(list, { key })).status;
    expect(status).toBe(401);
  });

  test('a public server is open, and no other', async () => {
    await edge.publishServer({ serverId: 'srv_public', slug: 'public', isPublic: true });
    expect((await edge.post(list, { path: '/mcp/srv_public', key: '' })).status).toBe(200);
    expect((await edge.post(list, { key: '' })).status).toBe(401);
  });

  test('a private server challenges callers without a key, and so does one that does not exist', async () => {
    for (const path of [`/mcp/${edge.serverId}`, '/mcp/srv_unknown']) {
      const { status, headers } = await edge.post(list, { path, key: '' });
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="http://127.0.0.1"']);
    }
  });

  test('a deleted server is gone, and a stopped one says that it is stopped', async () => {
    await edge.publishServer({ serverId: 'srv_deleted', state: 'deleted' });
    await edge.publishServer({ serverId: 'srv_stopped', state: 'stopped' });
    expect((await edge.post(list, { path: '/mcp/srv_deleted' })).status).toBe(404);
    const stopped = await edge.post(list, { path: '/mcp/srv_stopped' });
    expect([stopped.status, stopped.body.error.message]).toEqual([
      503,
      'This MCP server is stopped, or nothing is deployed to it yet',
    ]);
  });

  test('trying keys is slowed down, without locking out a valid key (B030)', async () => {
    const wrong = mistyped(edge.key);
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => (await edge.post(list, { key: wrong })).status),
    );
    expect(statuses).toContain(429);
    expect((await edge.post(list)).status).toBe(200);
  });
});

test('two clients with the same request id each get their own answer (B019)', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      edge.post(call({ text: `t${n}` })).then(({ body }) => body.result.structuredContent.text),
    ),
  );
  expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => `t${n}`));
});

/** Returns the key with a different character, whatever it was before. */
function mistyped(key: string): string {
  return `${key.slice(0, -8)}${key.at(-8) === '0' ? '1' : '0'}${key.slice(-7)}`;
}

/** Sends headers that no client library would send. */
function rawPost(target: TestEdge, ...headers: string[]): Promise<string> {
  const { hostname, port } = new URL(target.url);
  const socket = connect(Number(port), hostname);
  const lines = [
    `POST /mcp/${target.serverId} HTTP/1.1`,
    ...headers,
    'Content-Type: application/json',
    'Content-Length: 2',
    `x-api-key: ${target.key}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n{}`);
  return readText(socket);
}
