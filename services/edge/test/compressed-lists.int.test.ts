import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { echoTool, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/* Lists are large and the same for everybody: clients that accept gzip get bytes that were compressed once. */

let edge: TestEdge;

beforeAll(async () => {
  edge = await startTestEdge();
  const runs = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
  const tools = Array.from({ length: 100 }, (_, n) => ({ ...echoTool, ...runs, name: `echo_${n}` }));
  await edge.publishServer({ tools });
});
afterAll(async () => edge[Symbol.asyncDispose]());

type Answer = { headers: IncomingMessage['headers']; bytes: Buffer };

/** Sends a request without `fetch`, which hides what was compressed. */
async function send(method: string, id: string | number, headers: Record<string, string>): Promise<Answer> {
  const params = 'mcp-method' in headers ? { _meta: modern.meta } : {};
  const outgoing = request(`${edge.url}/mcp/${edge.slug}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': edge.key, ...headers },
  });
  outgoing.end(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { headers: response.headers, bytes: Buffer.concat(await response.toArray()) };
}

/**
 * Repeats a request until its answer is compressed. The first answers are sent uncompressed while the list is being
 * compressed.
 */
async function sendUntilCompressed(method: string, id: string | number, headers: Record<string, string>) {
  for (let tries = 0; tries < 1000; tries += 1) {
    const answer = await send(method, id, { ...headers, 'accept-encoding': 'gzip, deflate, br' });
    if (answer.headers['content-encoding'] === 'gzip') return answer;
  }
  throw new Error('It is never compressed');
}

test.each([
  ['legacy', {}],
  ['modern', modern.headers('tools/list')],
])('a client that accepts gzip gets the same list in a tenth of the bytes, %s', async (_era, headers) => {
  const plain = await send('tools/list', 'a "quoted" id', headers);
  const compressed = await sendUntilCompressed('tools/list', 'a "quoted" id', headers);
  expect(plain.headers['content-encoding']).toBeUndefined();
  const text = gunzipSync(compressed.bytes).toString();
  expect(JSON.parse(text)).toEqual(JSON.parse(plain.bytes.toString()));
  expect(text.length).toBe(plain.bytes.length);
  expect(compressed.bytes.length).toBeLessThan(plain.bytes.length / 10);
});

test('each answer has the id of its own request', async () => {
  await sendUntilCompressed('tools/list', 1, {});
  for (const id of [2, 'three', 4]) {
    const { bytes } = await sendUntilCompressed('tools/list', id, {});
    expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject({ jsonrpc: '2.0', id });
  }
});

test('fetch, which most clients use, decompresses it transparently', async () => {
  await sendUntilCompressed('tools/list', 1, {});
  const { headers, body } = await edge.post({ jsonrpc: '2.0', id: 9, method: 'tools/list' });
  expect(headers.get('content-encoding')).toBe('gzip');
  expect(body.result.tools).toHaveLength(100);
});

test('short answers and answers made for one call are never compressed', async () => {
  const { headers } = await send('ping', 1, { 'accept-encoding': 'gzip' });
  expect(headers['content-encoding']).toBeUndefined();
});
