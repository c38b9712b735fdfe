import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { openClient, resolveToLoopback } from '../../test/open-client.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import type { UpstreamRequest } from './http-client.ts';
import type { UpstreamError } from './upstream-error.ts';

const CANARY = 'sk_canary_0123456789';
const bytesMax = 100_000;
const client = openClient({ responseBytesMax: bytesMax, resolve: resolveToLoopback });
afterAll(() => client.close());

const upstreams: Upstream[] = [];
async function upstream(...[answer]: Parameters<typeof startUpstream>): Promise<Upstream> {
  const started = await startUpstream(answer);
  upstreams.push(started);
  return started;
}
afterEach(async () => {
  for (const started of upstreams.splice(0)) await started[Symbol.asyncDispose]();
});

function send(url: string, request: Partial<UpstreamRequest> = {}) {
  const signal = new AbortController().signal;
  return client.send({ workspaceId: 'ws', url, method: 'GET', headers: {}, timeoutMs: 5000, signal, ...request });
}

function failureOf(sending: Promise<unknown>): Promise<UpstreamError> {
  return sending.then(
    () => Promise.reject(new Error('The request did not fail')),
    (error) => error,
  );
}

describe('a request', () => {
  test('reaches the upstream with its method, headers and body', async () => {
    const api = await upstream(json({ ok: true }, 201));
    const headers = { authorization: CANARY, 'content-type': 'text/plain' };
    const response = await send(`${api.url}/a?b=c`, { method: 'POST', headers, body: 'hé' });
    expect([response.status, response.body.toString()]).toEqual([201, '{"ok":true}']);
    expect(api.seen).toMatchObject([{ method: 'POST', url: '/a?b=c', body: 'hé', headers }]);
    expect(api.seen[0]?.headers['content-length']).toBe('3');
  });

  test('names our product and carries nothing of the trace', async () => {
    const api = await upstream(json({}));
    await send(api.url);
    expect(Object.keys(api.seen[0]?.headers ?? {}).sort()).toEqual([
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
    expect(api.seen[0]?.headers['user-agent']).toBe('toolplane');
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s may be sent without a body', async (method) => {
    const api = await upstream(json({}));
    await send(api.url, { method });
    expect(api.seen).toMatchObject([{ method, body: '' }]);
    expect(api.seen[0]?.headers['transfer-encoding']).toBeUndefined();
  });

  test('bytes arrive unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const api = await upstream(json({}));
    await send(api.url, { method: 'POST', body: bytes });
    expect(api.seen[0]?.bytes).toEqual(bytes);
    expect(api.seen[0]?.headers['content-length']).toBe('256');
  });

  test.each(['GET', 'DELETE'] as const)('%s may have a body', async (method) => {
    const api = await upstream(json({}));
    await send(api.url, { method, body: '{"a":1}', headers: { 'content-type': 'application/json' } });
    expect(api.seen).toMatchObject([{ method, body: '{"a":1}', headers: { 'content-length': '7' } }]);
  });

  test('a body does not change how headers are written', async () => {
    const api = await upstream(json({}));
    await send(api.url, { method: 'POST', body: 'é', headers: { 'x-name': 'é' } });
    expect(api.seen).toMatchObject([{ body: 'é', headers: { 'x-name': 'é' } }]);
  });

  test('HEAD is sent without a body', async () => {
    const api = await upstream(json({}));
    expect(await send(api.url, { method: 'HEAD', body: 'x' })).toMatchObject({ status: 200 });
    expect(api.seen).toMatchObject([{ method: 'HEAD', body: '' }]);
  });

  test('may have cookies', async () => {
    const api = await upstream(json({}));
    await send(api.url, { headers: { cookie: 'a=1; b=2' } });
    expect(api.seen[0]?.headers.cookie).toBe('a=1; b=2');
  });

  test('HEAD and 204 give an answer without a body', async () => {
    const api = await upstream((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'content-length': bytesMax + 1 }).end();
    });
    expect((await send(api.url, { method: 'HEAD' })).body).toHaveLength(0);
    expect((await send(api.url)).body).toHaveLength(0);
  });

  test('connections are reused', async () => {
    const ports = new Set<number | undefined>();
    const api = await upstream((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    for (let count = 0; count < 5; count += 1) await send(api.url);
    expect(ports.size).toBe(1);
  });

  test('a connection is never reused for another workspace, which could see what one left in it (T11)', async () => {
    const ports = new Map<string | undefined, number | undefined>();
    const api = await upstream((request, response) => {
      ports.set(request.url, request.socket.remotePort);
      response.end();
    });
    for (const name of ['one', 'other', 'one']) await send(`${api.url}/${name}`, { workspaceId: name });
    expect(ports.get('/one')).not.toBe(ports.get('/other'));
  });

  test('cookies are not kept for the next request (B113)', async () => {
    const api = await upstream(json({}, 200, { 'set-cookie': 'session=1' }));
    await send(api.url);
    await send(api.url);
    expect(api.seen[1]?.headers['cookie']).toBeUndefined();
  });
});

describe('headers that would change the message are refused before the client sees them (T11, B070, B071)', () => {
  test.each([
    'host',
    'transfer-encoding',
    'content-length',
    'connection',
    'keep-alive',
    'upgrade',
    'te',
    'trailer',
    'expect',
    'proxy-authorization',
    'forwarded',
    'x-forwarded-for',
    'bad name',
  ])('name %s', async (name) => {
    const api = await upstream(json({}));
    const error = await failureOf(send(api.url, { headers: { [name]: CANARY } }));
    expect(error).toMatchObject({ code: 'invalid_upstream_request', isSent: false });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
    expect(api.seen).toEqual([]);
  });

  test.each(['\r\nx: y', '\n', '\0', '\u0100'])('value with %j', async (suffix) => {
    const api = await upstream(json({}));
    const error = await failureOf(send(api.url, { headers: { authorization: CANARY + suffix } }));
    expect(error).toMatchObject({ code: 'invalid_upstream_request', isSent: false });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
    expect(api.seen).toEqual([]);
  });
});

describe('compressed answers', () => {
  const text = 'x'.repeat(bytesMax);

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['identity', Buffer.from(text)],
  ])('%s is decompressed', async (encoding, body) => {
    const api = await upstream((_request, response) => {
      response.setHeader('content-encoding', encoding);
      response.end(body);
    });
    expect((await send(api.url)).body.toString()).toBe(text);
  });

  test.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['deflate', deflateSync(Buffer.alloc(50_000_000))],
  ])('a %s bomb is stopped at the limit (B107)', async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(bytesMax);
    const api = await upstream((_request, response) => {
      response.setHeader('content-encoding', encoding);
      response.end(bomb);
    });
    expect(await failureOf(send(api.url))).toMatchObject({
      code: 'response_too_large',
      isSent: true,
      isAnswered: true,
      status: 200,
      message: 'The answer of the upstream has more than 100000 bytes',
    });
  });

  test.each([
    ['gzip', 'not gzip'],
    ['gzip', gzipSync('cut short').subarray(0, 15)],
    ['gzip, gzip', gzipSync(gzipSync('{}'))],
    ['zstd', 'x'],
  ])('%s that does not contain what it declares is a bad response', async (encoding, body) => {
    const api = await upstream((_request, response) => {
      response.setHeader('content-encoding', encoding);
      response.end(body);
    });
    expect(await failureOf(send(api.url))).toMatchObject({ code: 'upstream_bad_response', isAnswered: true });
  });
});

describe('an answer above the limit', () => {
  test('is cut off while it is arriving', async () => {
    const api = await upstream((_request, response) => {
      const write = () => response.write(Buffer.alloc(10_000)) && setImmediate(write);
      response.on('drain', write);
      write();
    });
    const closed = api.nextClose();
    expect(await failureOf(send(api.url))).toMatchObject({ code: 'response_too_large', status: 200, isAnswered: true });
    await closed;
  });

  test('headers of more than 16 KB are a bad response', async () => {
    const api = await upstream((_request, response) => {
      response.setHeader('x-large', 'x'.repeat(20_000));
      response.end();
    });
    expect(await failureOf(send(api.url))).toMatchObject({
      code: 'upstream_bad_response',
      message: 'The headers of the answer are too large',
    });
  });
});

describe('the time limit is absolute (B108)', () => {
  const limits = { timeoutMs: 150 };

  test('an upstream that never answers', async () => {
    const api = await upstream(() => {});
    const error = await failureOf(send(`${api.url}/?key=${CANARY}`, limits));
    expect(error).toMatchObject({ code: 'upstream_timeout', isSent: true, isAnswered: false });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });

  test('a slowly dripping body', async () => {
    const api = await upstream((_request, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const closed = api.nextClose();
    expect(await failureOf(send(api.url, limits))).toMatchObject({ code: 'upstream_timeout', isAnswered: false });
    await closed;
  });

  test('slowly dripping headers', async () => {
    const api = await upstream((request) => {
      request.socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => request.socket.write('x: y\r\n'), 10);
      request.socket.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(send(api.url, limits))).toMatchObject({ code: 'upstream_timeout', isSent: true });
  });

  test('redirects share one limit', async () => {
    const api = await upstream((request, response) => {
      if (request.url === '/slow') return;
      response.writeHead(302, { location: '/slow' }).end();
    });
    expect(await failureOf(send(api.url, limits))).toMatchObject({ code: 'upstream_timeout', isAnswered: false });
  });

  test('cancelling closes the connection at once', async () => {
    const api = await upstream(() => {});
    const controller = new AbortController();
    const arrived = api.nextRequest();
    const closed = api.nextClose();
    const failure = failureOf(send(api.url, { signal: controller.signal }));
    await arrived;
    controller.abort();
    expect(await failure).toMatchObject({ isSent: true, isAnswered: false });
    await closed;
  });

  test('a call that is already cancelled sends nothing', async () => {
    const api = await upstream(json({}));
    expect(await failureOf(send(api.url, { signal: AbortSignal.abort() }))).toMatchObject({ isSent: false });
    expect(api.seen).toEqual([]);
  });
});

describe('broken connections', () => {
  test('refused: not sent', async () => {
    const gone = await startUpstream(json({}));
    await gone[Symbol.asyncDispose]();
    const error = await failureOf(send(`${gone.url}/?key=${CANARY}`, { headers: { authorization: CANARY } }));
    expect(error).toMatchObject({ code: 'upstream_unreachable', isSent: false });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });

  test('an unresolvable name: not sent', async () => {
    const lost = openClient({
      resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
    });
    const signal = new AbortController().signal;
    const request = { workspaceId: 'ws', method: 'GET', headers: {}, timeoutMs: 1000, signal } as const;
    const sending = lost.send({ ...request, url: 'http://api.example.com' });
    expect(await failureOf(sending)).toMatchObject({ code: 'upstream_unreachable', isSent: false });
  });

  test('reset without an answer: sent, outcome unknown', async () => {
    const api = await upstream((request) => request.socket.resetAndDestroy());
    const error = await failureOf(
      send(`${api.url}/?key=${CANARY}`, { method: 'POST', body: CANARY, headers: { authorization: CANARY } }),
    );
    expect(error).toMatchObject({ code: 'upstream_unreachable', isSent: true, isAnswered: false });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });

  test.each([
    ['reset in the body', (socket: { resetAndDestroy(): void; end(): void }) => socket.resetAndDestroy()],
    ['a body shorter than announced', (socket: { resetAndDestroy(): void; end(): void }) => socket.end()],
  ])('%s: sent, outcome unknown', async (_name, cut) => {
    const api = await upstream((request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('part of it', () => cut(request.socket));
    });
    const error = await failureOf(send(api.url));
    expect(error).toMatchObject({ code: 'upstream_bad_response', isSent: true, isAnswered: false, status: 200 });
  });

  test.each([
    ['something other than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'],
  ])('%s is a bad response', async (_name, bytes) => {
    const api = await upstream((request) => void request.socket.end(bytes));
    expect(await failureOf(send(api.url))).toMatchObject({ code: 'upstream_bad_response', isSent: true });
  });

  test('101 ends the request instead of hanging (B074)', async () => {
    const api = await upstream((request) => {
      request.socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
    });
    expect(await failureOf(send(api.url))).toMatchObject({ code: 'upstream_bad_response', isSent: true });
  });

  test('103 is skipped', async () => {
    const api = await upstream((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('late'));
    });
    expect((await send(api.url)).body.toString()).toBe('late');
  });

  test('an answer that arrives before the body was read counts, and its connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const server = http.createServer((request, response) => {
      request.socket.once('close', closed.resolve);
      response.writeHead(413, { 'content-length': 3 }).end('big');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const body = Buffer.alloc(20_000_000);
    const answer = await send(`http://127.0.0.1:${port}`, { method: 'POST', body });
    expect([answer.status, answer.body.toString()]).toEqual([413, 'big']);
    await closed.promise;
    server.close();
  });

  test('nothing is sent twice', async () => {
    const api = await upstream((request) => request.socket.destroy());
    await failureOf(send(api.url, { method: 'PUT', body: 'x' }));
    await failureOf(send(api.url));
    expect(api.seen).toHaveLength(2);
  });
});
