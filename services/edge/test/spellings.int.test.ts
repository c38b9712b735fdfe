import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStream } from './event-reader.ts';
import { call, startTestEdge, type TestEdge } from './test-edge.ts';

/* If HTTP allows a client to write something in more than one way, all forms mean the same. */

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

test.each([
  ['Text/Event-Stream', 'text/event-stream'],
  ['text/event-stream, application/json;q=0', 'text/event-stream'],
  ['text/event-stream;q=0, */*', 'application/json'],
])('a call that accepts %s is answered as %s', async (accept, type) => {
  const { headers } = await edge.post(call({ text: 'a' }), { headers: { accept }, raw: true });
  expect(headers.get('content-type')).toBe(type);
});

test('a GET that accepts Text/Event-Stream opens a stream, and one that does not accept streams is 405', async () => {
  const get = (accept: string) =>
    openStream(`${edge.url}/mcp/${edge.serverId}`, { headers: { 'x-api-key': edge.key, accept } });
  const stream = await get('Text/Event-Stream');
  expect((await stream.next())?.type).toBe('endpoint');
  stream.leave();
  expect((await get('text/event-stream;q=0')).status).toBe(405);
});

test('a body may declare that it is not compressed, in capitals too', async () => {
  expect((await edge.post(ping, { headers: { 'content-encoding': 'Identity' } })).status).toBe(200);
});

/** Sends a POST with a target that the client library of Node would not write. */
function post(target: string, host: string): Promise<string> {
  const { hostname, port } = new URL(edge.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify(ping);
  const head = [
    `POST ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `x-api-key: ${edge.key}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  return readText(socket);
}

test('a request may use an absolute URL, whose host is the one that counts (RFC 9112, 3.2.2)', async () => {
  const path = `/mcp/${edge.serverId}`;
  expect(await post(`http://127.0.0.1${path}`, '127.0.0.1')).toMatch(/^HTTP\/1\.1 200 .*"result":\{\}/s);
  expect(await post(`HTTP://127.0.0.1:80${path}?a=b`, 'evil.example')).toMatch(/^HTTP\/1\.1 200 /);
  expect(await post(`http://evil.example${path}`, '127.0.0.1')).toMatch(/^HTTP\/1\.1 421 /);
  expect(await post('http://127.0.0.1', '127.0.0.1')).toMatch(/^HTTP\/1\.1 404 /);
});
