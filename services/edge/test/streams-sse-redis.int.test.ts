import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EdgeStore } from '@toolplane/bus';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import { listenForSignals, publishSignal, type SessionSignal } from '../src/sessions/session-signals.ts';
import { createLegacyReply } from '../src/transports/legacy-reply.ts';
import { openStream } from './event-reader.ts';
import { openStore } from './open-store.ts';
import { startTestEdge, type TestEdge } from './test-edge.ts';

/* The answers of the legacy SSE transport while edges cannot reach each other. */

let redis: TestRedis;
let edge: TestEdge;
const stores: EdgeStore[] = [];
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  redis = await startTestRedis({ appends: true });
  process.env['REDIS_URL'] = redis.url;
  edge = await startTestEdge();
  const keys = parseCallKeys(`s1:${randomBytes(32).toString('base64')}`);
  for (const _ of [1, 2]) stores.push(resources.use(await openStore(keys)));
});
afterAll(async () => {
  await resources.disposeAsync();
  await edge[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

/** Opens a session whose stream is at one edge and whose messages are sent to another. */
function openSession() {
  const [store, holder] = stores as [EdgeStore, EdgeStore];
  const id = randomBytes(8).toString('hex');
  const received: SessionSignal[] = [];
  const listen = () => listenForSignals(holder, id, (signal) => received.push(signal));
  const here = { store, legacyStreams: new Map<string, (message: string) => void>() };
  return { id, received, listen, here };
}

async function loseRedis(): Promise<void> {
  await redis.kill();
  await until(() => stores.every((store) => !store.isReady()));
}

async function findRedis(): Promise<void> {
  await redis.start();
  await until(() => stores.every((store) => store.isReady()));
}

const textOf = (signal: SessionSignal) => (signal.kind === 'message' ? signal.message : signal.kind);

// This test comes before Redis is lost for the first time, because an edge that has just reconnected ends streams that
// may have missed something.
test('the edge with the stream answers without Redis, and ends the stream if it may have missed messages', async () => {
  const stream = await openStream(`${edge.url}/mcp/${edge.serverId}/sse`, {
    headers: { accept: 'text/event-stream', 'x-api-key': edge.key },
  });
  const path = (await stream.next())?.data ?? '';
  await loseRedis();
  const { status } = await edge.post({ jsonrpc: '2.0', id: 7, method: 'tools/list' }, { path });
  expect(status).toBe(202);
  expect((await stream.next())?.message).toMatchObject({ id: 7, result: { tools: [{ name: 'echo' }] } });
  await findRedis();
  expect(await stream.rest()).toEqual([]);
  expect((await edge.post({ jsonrpc: '2.0', id: 8, method: 'tools/list' }, { path })).status).toBe(404);
});

describe('a message for a stream at another edge', () => {
  test('waits for Redis, and later messages wait for their turn', async () => {
    const { id, received, listen, here } = openSession();
    const stop = await listen();
    await loseRedis();
    const { send, answer } = createLegacyReply(here, id);
    send?.('{"n":1}');
    send?.('{"n":2}');
    answer(200, '{"n":3}');
    await findRedis();
    await until(() => received.length === 3);
    expect(received.map(textOf)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
    stop();
  });

  test('waits for an edge that is not listening for a moment', async () => {
    const { id, received, listen, here } = openSession();
    createLegacyReply(here, id).answer(200, '{}');
    expect(await publishSignal(here.store, id, { kind: 'asked' })).toBe(0);
    const stop = await listen();
    await until(() => received.length > 0);
    expect(received.map(textOf)).toEqual(['{}']);
    stop();
  });

  test('ends the stream when it is given up, and nothing is sent after it', async () => {
    const { id, received, listen, here } = openSession();
    const stop = await listen();
    await loseRedis();
    const { send, answer } = createLegacyReply(here, id, { messageMs: 0, lossMs: 20_000 });
    send?.('{"n":1}');
    answer(200, '{"n":2}');
    await findRedis();
    await until(() => received.length > 0);
    await publishSignal(here.store, id, { kind: 'asked' });
    await until(() => received.length > 1);
    expect(received.map(textOf)).toEqual(['ended', 'asked']);
    stop();
  });

  test('is delivered once even if it was sent twice', async () => {
    const { id, received, listen, here } = openSession();
    const stop = await listen();
    const twice = { kind: 'message', id: 'm1', message: '{"n":1}' } as const;
    for (const signal of [twice, twice, { ...twice, id: 'm2' }]) await publishSignal(here.store, id, signal);
    await until(() => received.length > 1);
    expect(received.map((signal) => signal.kind === 'message' && signal.id)).toEqual(['m1', 'm2']);
    stop();
  });
});
