import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectBus, createNoteReader } from '@toolplane/bus';
import { type ApiKeyRecord, apiKeyBytes, formatApiKey } from '@toolplane/contracts';
import { hashApiKey, toPepperKeys } from '@toolplane/sealing';
import { openStream } from './event-reader.ts';
import type { Replica } from './replica.ts';
import { type PostOptions, startTestEdge, type TestEdge } from './test-edge.ts';

/* The restrictions of a key besides its permissions: addresses, servers, agent, and lifetime. */

let edge: TestEdge;
/** An edge behind a proxy on this machine. */
let proxied: Replica;

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const elsewhere = ['192.0.2.0/24', '2001:db8::/32'];
const otherId = () => `${edge.serverId}_other`;

beforeAll(async () => {
  edge = await startTestEdge();
  proxied = await edge.startReplica({ trustedProxies: ['127.0.0.0/8'] });
  await edge.publishServer({ serverId: otherId(), slug: `${edge.slug}-other` });
});
afterAll(async () => edge[Symbol.asyncDispose]());

const ask = (key: string, options: PostOptions = {}) => edge.post(list, { key, ...options });
const keyWith = async (changes: Partial<ApiKeyRecord>) => (await edge.publishKey(changes)).key;

function askThrough(url: string, key: string, forwarded?: string) {
  return fetch(`${url}/mcp/${edge.serverId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': key,
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
    },
    body: JSON.stringify(list),
  });
}

test('another key with the same id is refused, even after the right one; a newly published hash counts', async () => {
  const keyId = randomBytes(apiKeyBytes.keyId);
  const makeKey = () => formatApiKey({ keyId, secret: randomBytes(apiKeyBytes.secret) });
  const [first, second] = [makeKey(), makeKey()] as const;
  const hashOf = ({ key }: typeof first) => hashApiKey(edge.parts.pepper.reveal(), key);
  const statusOf = async ({ key }: typeof first) => (await ask(key)).status;
  const { record } = await edge.publishKey({ keyId: first.keyId, hash: hashOf(first) });
  const statuses = [await statusOf(second), await statusOf(first), await statusOf(second), await statusOf(first)];
  expect(statuses).toEqual([401, 200, 401, 200]);
  await edge.publishKey({ ...record, revision: 2, hash: hashOf(second) });
  let status = 200;
  for (let attempt = 0; attempt < 100 && status === 200; attempt += 1) status = await statusOf(first);
  expect([status, await statusOf(second)]).toEqual([401, 200]);
});

test('an address that sent too many wrong keys causes no more look-ups, and keys in memory still work (B030)', async () => {
  const { url, parts } = await edge.startReplica();
  const post = async (key: string) => (await askThrough(url, key)).status;
  const { key, record } = await edge.publishKey({});
  expect(await post(key)).toBe(200);
  const lookedUp: string[] = [];
  const { getApiKey } = parts.snapshot;
  parts.snapshot.getApiKey = (keyId) => {
    lookedUp.push(keyId);
    return getApiKey(keyId);
  };
  const wrongKey = () =>
    formatApiKey({ keyId: randomBytes(apiKeyBytes.keyId), secret: randomBytes(apiKeyBytes.secret) }).key;
  for (let tries = 0; tries < 60; tries += 1) expect(await post(wrongKey())).toBe(401);
  expect(lookedUp).toHaveLength(60);
  // A valid key that this edge does not know yet cannot be distinguished from invalid ones.
  expect([await post(wrongKey()), await post((await edge.publishKey({})).key)]).toEqual([429, 429]);
  expect(lookedUp).toHaveLength(60);
  // A new publication is read even when the limit is reached.
  await edge.publishKey({ ...record, revision: 2 });
  while (parts.snapshot.peekApiKey(record.keyId)?.revision !== 2) expect(await post(key)).toBe(200);
  expect(lookedUp.slice(60)).toEqual(expect.arrayContaining([record.keyId]));
});

describe('a key that is restricted to some addresses', () => {
  test('works from them, and from others is answered exactly like an unknown key', async () => {
    expect((await ask(await keyWith({ addresses: ['192.0.2.0/24', '127.0.0.0/8'] }))).status).toBe(200);
    const unknown = formatApiKey({
      keyId: randomBytes(apiKeyBytes.keyId),
      secret: randomBytes(apiKeyBytes.secret),
    });
    const [refused, none] = [await ask(await keyWith({ addresses: elsewhere })), await ask(unknown.key)];
    expect(refused.status).toBe(401);
    expect([refused.text, refused.headers.get('www-authenticate')]).toEqual([
      none.text,
      none.headers.get('www-authenticate'),
    ]);
  });

  test('does not work for a caller who claims such an address himself (T24)', async () => {
    const key = await keyWith({ addresses: elsewhere });
    for (const url of [edge.url, proxied.url]) {
      expect((await askThrough(url, key, '192.0.2.1, 198.51.100.1')).status).toBe(401);
    }
    expect((await askThrough(edge.url, key, '192.0.2.1')).status).toBe(401);
  });

  test('works where a trusted proxy names one of them', async () => {
    const key = await keyWith({ addresses: elsewhere });
    expect((await askThrough(proxied.url, key, '192.0.2.1')).status).toBe(200);
    expect((await askThrough(proxied.url, key, '[2001:db8::1]:4711')).status).toBe(200);
    expect((await askThrough(proxied.url, key)).status).toBe(401);
  });

  test('ends the streams from addresses that it no longer allows, as soon as that is published', async () => {
    const { key, record } = await edge.publishKey({ addresses: ['127.0.0.1'] });
    const headers = { 'x-api-key': key, accept: 'text/event-stream' };
    const stream = await openStream(`${edge.url}/mcp/${edge.serverId}/sse`, { headers });
    await edge.publishKey({ ...record, revision: 2, addresses: elsewhere });
    await stream.rest();
  });
});

describe('a key that is restricted to some servers', () => {
  test('works on them, by id and by slug', async () => {
    const key = await keyWith({ servers: [edge.serverId] });
    for (const name of [edge.serverId, edge.slug]) expect((await ask(key, { path: `/mcp/${name}` })).status).toBe(200);
  });

  test('gets the same answer from other servers as from those that do not exist (T25)', async () => {
    const key = await keyWith({ servers: [edge.serverId] });
    const unknown = await ask(key, { path: '/mcp/srv_unknown' });
    expect(unknown.status).toBe(404);
    for (const name of [otherId(), `${edge.slug}-other`]) {
      const refused = await ask(key, { path: `/mcp/${name}` });
      expect([refused.status, refused.text]).toEqual([404, unknown.text]);
    }
  });

  test('does not reach a server of another workspace by naming it (T1)', async () => {
    const key = await keyWith({ workspaceId: 'ws_other', servers: [edge.serverId] });
    expect((await ask(key)).status).toBe(404);
  });
});

test('the control plane learns which key called, and which agent it belongs to', async () => {
  const { key, record } = await edge.publishKey({ agentId: `agt_${edge.serverId}` });
  await ask(key);
  await using bus = connectBus({ redisUrl: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' });
  const keys = toPepperKeys('pepper');
  const reader = await createNoteReader('seen-callers', { bus, keys });
  const seen = new Set<string>();
  // The notes are written some seconds later.
  while (!seen.has(`key ${record.keyId}`) || !seen.has(`agent ${record.agentId}`)) {
    await reader.collect(async (callers) => {
      for (const { kind, id } of callers) seen.add(`${kind} ${id}`);
    });
  }
});

describe('what is sent as a key', () => {
  const changed = (key: string, at: number) =>
    `${key.slice(0, at)}${key.at(at) === '0' ? '1' : '0'}${key.slice(at + 1)}`;

  test.each<[string, (key: string) => string[], number]>([
    ['nothing (B026)', () => [], 401],
    ['an empty key (B026)', () => ['x-api-key:'], 401],
    ['an empty Bearer (B026)', () => ['authorization: Bearer'], 401],
    ['the same key twice (B026)', (key) => [`x-api-key: ${key}`, `x-api-key: ${key}`], 400],
    ['the same Bearer twice (B026)', (key) => [`authorization: Bearer ${key}`, `authorization: Bearer ${key}`], 400],
    ['a Bearer and then Basic (B026)', (key) => [`authorization: Bearer ${key}`, 'authorization: Basic eDp5'], 400],
    [
      'a key and another Bearer (B026)',
      (key) => [`x-api-key: ${key}`, `authorization: Bearer ${changed(key, 20)}`],
      400,
    ],
    ['one credential with a comma', () => ['authorization: Digest username="a", realm="b"'], 401],
    ['a key and the same Bearer', (key) => [`x-api-key: ${key}`, `authorization: Bearer ${key}`], 200],
    ['a key as Basic', (key) => [`authorization: Basic ${key}`], 401],
    ['a wrong checksum (B029)', (key) => [`x-api-key: ${changed(key, key.length - 1)}`], 401],
    ['a wrong character of the secret (B029)', (key) => [`x-api-key: ${changed(key, 30)}`], 401],
    ['the prefix of another environment (B029)', (key) => [`x-api-key: ${key.replace('live', 'test')}`], 401],
    ['digits that are not ASCII (B029)', (key) => [`x-api-key: ${key}\u0663`], 401],
    ['a space in it (B029)', (key) => [`x-api-key: ${key} ${key}`], 401],
  ])('%s', async (_name, headersOf, status) => {
    const key = await keyWith({});
    const { hostname, port } = new URL(edge.url);
    const socket = connect(Number(port), hostname);
    const body = JSON.stringify(list);
    const length = `content-length: ${body.length}`;
    const path = `/mcp/${edge.serverId}`;
    const lines = [`POST ${path} HTTP/1.1`, 'host: 127.0.0.1', 'content-type: application/json', length];
    socket.write([...lines, ...headersOf(key), 'connection: close', '', body].join('\r\n'));
    expect(await readText(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});
