import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { getFreePort } from '@toolplane/loopback/ports';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import {
  type BusConnection,
  connectBus,
  createCaller,
  createCallLogWriter,
  createCallSlots,
  createEdgeStore,
  createLocks,
  createNoteWriter,
  createRateLimits,
  createSecretChanges,
  createSnapshot,
  createWorker,
  startHeartbeat,
} from '../src/index.ts';
import { verifier } from './open-publication.ts';
import { until } from './until.ts';

const keys = parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);

async function openEdge(bus: BusConnection): Promise<void> {
  await createSnapshot({ bus, verifier });
  await createCaller({ bus, queue: 'calls', keys });
  await createEdgeStore({ bus, keys });
  for (const kind of ['decisions', 'approval-requests', 'seen-callers', 'seen-users'] as const) {
    await createNoteWriter(kind, { bus, keys });
  }
  await createCallLogWriter({ bus, keys });
  await createRateLimits({ bus, of: 'calls' });
  await createCallSlots({ bus });
  const status = { service: 'edge' as const, id: 'e1', host: 'h', version: '1', startedAt: 1, reasons: [] };
  await startHeartbeat({ bus, describe: async () => status });
}

/** The names of the connections to this Redis, except the one that asks. */
async function namesOf(redis: Redis): Promise<string[]> {
  const clients = String(await redis.call('CLIENT', 'LIST'));
  return Array.from(clients.matchAll(/ name=toolplane:(\S+)/g), ([, name = '']) => name).toSorted();
}

test('an edge has one connection for each purpose, and closing the bus closes all of them', async () => {
  await using server = await startTestRedis();
  await using stack = new AsyncDisposableStack();
  const redis = stack.adopt(new Redis(server.url), (it) => it.disconnect());
  const bus = stack.use(connectBus({ redisUrl: server.url }));
  expect(bus.states()).toEqual([]);
  await openEdge(bus);
  const names = ['caller:calls', 'commands', 'documents', 'messages', 'replies:calls'];
  await until(async () => (await namesOf(redis)).length === names.length);
  expect(await namesOf(redis)).toEqual(names);
  const states = bus.states().toSorted((one, other) => (one.name < other.name ? -1 : 1));
  expect(states).toEqual(names.map((name) => ({ name, isReady: true, reconnects: 0 })));
  await bus[Symbol.asyncDispose]();
  await until(async () => (await namesOf(redis)).length === 0);
  expect(bus.states()).toEqual([]);
});

test('every part starts while Redis is away', async () => {
  await using bus = connectBus({ redisUrl: `redis://127.0.0.1:${await getFreePort()}` });
  await openEdge(bus);
  expect(bus.states().map(({ isReady }) => isReady)).toEqual([false, false, false, false, false]);
});

test('closing the bus ends what is still running on it: calls are answered, and workers take no more', async () => {
  await using server = await startTestRedis();
  await using stack = new AsyncDisposableStack();
  const open = () => stack.use(connectBus({ redisUrl: server.url }));
  const [edge, dataPlane] = [open(), open()];
  const started = Promise.withResolvers<void>();
  const worker = await createWorker({
    bus: dataPlane,
    queue: 'calls',
    keys,
    async handle({ signal, body }) {
      started.resolve();
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return succeeded(body);
    },
  });
  worker.run();
  const caller = await createCaller({ bus: edge, queue: 'calls', keys });
  const outcome = caller.call({ tenant: 'a', body: 1, deadline: Date.now() + 20_000 });
  await started.promise;
  await edge[Symbol.asyncDispose]();
  expect(await outcome).toMatchObject({ outcome: 'unknown', error: { code: 'shutting_down' } });
  await dataPlane[Symbol.asyncDispose]();
  expect(worker.running()).toBe(0);
});

test('a channel that Redis refuses disturbs no other one, is reported, and is subscribed to once it may be', async () => {
  await using server = await startTestRedis();
  await using stack = new AsyncDisposableStack();
  const redis = stack.adopt(new Redis(server.url), (it) => it.disconnect());
  await redis.call('ACL', 'SETUSER', 'half', 'on', '>half', '~*', '+@all', 'resetchannels', '&tp:secret-changes');
  const bus = stack.use(connectBus({ redisUrl: server.url.replace('//', '//half:half@') }));
  const changes = await createSecretChanges({ bus });
  const received: string[] = [];
  changes.onSecretChange(({ name }) => received.push(name));
  const other: string[] = [];
  bus.messages.subscribe('tp:other', (message) => other.push(message));
  const isReady = () => bus.states().find(({ name }) => name === 'messages')?.isReady;
  await until(async () => {
    await changes.announceSecretChange({ workspaceId: 'ws', serverId: 'srv', name: 'KEY' });
    return received.length > 0;
  });
  await redis.publish('tp:other', 'too early');
  expect([isReady(), other, bus.states().map(({ reconnects }) => reconnects)]).toEqual([false, [], [0, 0]]);
  await redis.call('ACL', 'SETUSER', 'half', '&tp:other');
  await until(async () => {
    await redis.publish('tp:other', 'now');
    return other.includes('now');
  });
  expect(isReady()).toBe(true);
});

test('parts of one process that share a connection work on it at once', async () => {
  await using server = await startTestRedis();
  await using bus = connectBus({ redisUrl: server.url });
  const [locks, rates] = [await createLocks({ bus }), await createRateLimits({ bus })];
  const window = { key: 'k', limit: 50, intervalMs: 60_000 };
  const taken = Promise.all(Array.from({ length: 100 }, () => rates.take([window])));
  const held = await Promise.all([1, 2, 3].map(() => locks.acquire('l', { holdMs: 60_000, waitMs: 0 })));
  expect(held.filter((lock) => lock !== undefined)).toHaveLength(1);
  expect((await taken).filter((waitMs) => waitMs === 0)).toHaveLength(50);
});
