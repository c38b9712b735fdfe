import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fuzzing, fuzzTimeoutMs, hostileText } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { call, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/* Hostile requests to the edge, over real HTTP. */

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Returns a token that is signed with a key that everybody knows, as an attacker would sign it. */
function toJwt(header: object, claims: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const content = { iss: 'https://issuer.test', sub: 'ada', aud: edge.url, iat: now, exp: now + 600, ...claims };
  const signed = `${encode(header)}.${encode(content)}`;
  return `${signed}.${createHmac('sha256', 'public').update(signed).digest('base64url')}`;
}

/** The edge accepts only API keys here: the claims of a token are not even read. */
test.each<[string, object, object]>([
  ['without a signature (B031)', { alg: 'none' }, {}],
  ['signed with a public key as if it were a secret (B031)', { alg: 'HS256' }, {}],
  ['that brings its own key (B031)', { alg: 'HS256', jwk: { kty: 'oct', k: 'cHVibGlj' } }, {}],
  ['with an unknown crit (B031)', { alg: 'HS256', crit: ['x'], x: 1 }, {}],
  ['with a kid that is a path (B031)', { alg: 'HS256', kid: '../../a' }, {}],
  ['for another server (B032)', { alg: 'HS256' }, { aud: 'https://other.test' }],
  ['for no server, or for several (B032)', { alg: 'HS256' }, { aud: ['https://other.test', 'https://us.test'] }],
  ['that is expired (B032)', { alg: 'HS256' }, { exp: 1 }],
  ['that is not valid yet (B032)', { alg: 'HS256' }, { nbf: 9_999_999_999 }],
  ['that never expires (B032)', { alg: 'HS256' }, { exp: undefined }],
])('a JWT %s is not a key: 401', async (_name, header, claims) => {
  const headers = { authorization: `Bearer ${toJwt(header, claims)}` };
  const { status, headers: answered } = await edge.post(list, { key: '', headers });
  expect(status).toBe(401);
  expect(answered.get('www-authenticate')).toMatch(/^Bearer/);
});

test('a JWT that names a place for its keys does not cause a fetch (B033)', async () => {
  let asked = 0;
  const keys = createServer((_request, response) => {
    asked += 1;
    response.end('{"keys":[]}');
  }).listen(0, '127.0.0.1');
  await once(keys, 'listening');
  const url = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`;
  for (const header of [{ jku: url }, { x5u: url }, { kid: url }]) {
    const authorization = `Bearer ${toJwt({ alg: 'RS256', ...header })}`;
    expect((await edge.post(list, { key: '', headers: { authorization } })).status).toBe(401);
  }
  keys.close();
  expect(asked).toBe(0);
});

const methods = ['POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'];
const bodies = hostileText(
  ['{', '}', '[', ']', '"', ':', ',', '1e400', '"__proto__":', '\\ud800', '"method":"tools/call"', '"id":null'],
  [
    JSON.stringify(list),
    JSON.stringify(call({ text: 'a' })),
    JSON.stringify(call({ text: 'a' }, { _meta: modern.meta })),
    JSON.stringify({ ...list, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {} } }),
    JSON.stringify({ ...list, method: 'tasks/get', params: { taskId: 'x' } }),
  ],
);
const headers = fc.dictionary(
  fc.constantFrom(
    ...['content-type', 'accept', 'origin', 'mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id'],
    ...[
      'idempotency-key',
      'x-username',
      'traceparent',
      'content-encoding',
      'last-event-id',
      'cookie',
      'config-a',
      'expect',
    ],
  ),
  fc.oneof(
    fc.constantFrom('application/json', 'text/event-stream', '2026-07-28', '2025-06-18', 'tools/list', 'echo', 'gzip'),
    // Only characters that the client library of Node allows.
    fc.string({ maxLength: 50 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '?')),
  ),
  { maxKeys: 5 },
);

type Sent = { method: string; path: string; headers: Record<string, string>; body: string };

/** Resolves when the head of the answer has arrived; does not wait for the stream after it. */
function send({ method, path, headers: own, body }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${edge.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': edge.key, ...own },
      timeout: 10_000,
      agent: false,
    });
    sent.once('response', (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.once('timeout', () => sent.destroy(new Error('the edge did not answer')));
    sent.once('error', reject);
    sent.end(body);
  });
}

test(
  'any request gets an answer that is not a fault of the edge, which keeps serving (B014, T17)',
  async () => {
    const path = fc.oneof(
      fc.constantFrom(
        `/mcp/${edge.serverId}`,
        `/mcp/${edge.serverId}/sse`,
        '/mcp/',
        '/',
        '/mcp/%2e%2e/x',
        '/mcp/__proto__',
      ),
      fc.webPath(),
    );
    const any = fc.record({ method: fc.constantFrom(...methods), path, headers, body: bodies });
    await fc.assert(
      fc.asyncProperty(any, async (sent) => {
        const status = await send(sent);
        if (status >= 500 && status !== 503) throw new Error(`the edge answered ${status}`);
      }),
      { ...fuzzing, interruptAfterTimeLimit: Math.max(fuzzing.interruptAfterTimeLimit, 1500) },
    );
    expect((await edge.post(list)).status).toBe(200);
  },
  fuzzTimeoutMs,
);

test(
  'any bytes on a connection end in an answer or a closed connection, and the edge keeps serving (B025)',
  async () => {
    const { hostname, port } = new URL(edge.url);
    const pieces = [
      'POST ',
      'GET ',
      `/mcp/${edge.serverId} `,
      'HTTP/1.1',
      'HTTP/9.9',
      '\r\n',
      '\n',
      '\0',
      ': ',
      '\r\n\r\n',
      '{}',
      'Host: 127.0.0.1',
      'Content-Length: 2',
      'Content-Length: -1',
      'Transfer-Encoding: chunked',
      '0\r\n\r\n',
      ' folded',
    ];
    await fc.assert(
      fc.asyncProperty(hostileText(pieces), async (bytes) => {
        const socket = connect(Number(port), hostname);
        let answer = '';
        socket.on('data', (chunk) => {
          answer += chunk;
        });
        // The edge may close the connection before this request has been written completely.
        socket.on('error', () => undefined);
        socket.end(bytes);
        await new Promise((resolve) => socket.once('close', resolve));
        expect(answer).not.toMatch(/^HTTP\/1\.1 50[0-24-9]/);
      }),
      { ...fuzzing, interruptAfterTimeLimit: Math.max(fuzzing.interruptAfterTimeLimit, 1000) },
    );
    expect((await edge.post(list)).status).toBe(200);
  },
  fuzzTimeoutMs,
);
