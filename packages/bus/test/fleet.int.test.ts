import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { Redis } from 'ioredis';
import {
  type BusConnection,
  connectBus,
  createFleetReader,
  type FleetReader,
  type ProcessStatus,
  startHeartbeat,
} from '../src/index.ts';
import { keys } from '../src/keys.ts';
import { until } from './until.ts';

const stack = new AsyncDisposableStack();
let server: TestRedis;
let redis: Redis;
let bus: BusConnection;
let reader: FleetReader;
beforeAll(async () => {
  server = stack.use(await startTestRedis());
  redis = stack.adopt(new Redis(server.url, { disconnectTimeout: 100 }), (it) => it.disconnect());
  bus = stack.use(connectBus({ redisUrl: server.url }));
  reader = await createFleetReader({ bus, pools: ['eu'] });
});
afterAll(() => stack.disposeAsync());

const statusOf = (changes: Partial<ProcessStatus> = {}): ProcessStatus => ({
  service: 'data-plane',
  id: randomUUID(),
  host: 'host',
  version: '1',
  startedAt: 1,
  reasons: [],
  ...changes,
});
const start = (describe: () => ProcessStatus) => startHeartbeat({ bus, describe: async () => describe(), everyMs: 20 });
const idsOf = async () => (await reader.read()).map(({ id }) => id);

test('a process is listed with what it last reported, until it ends', async () => {
  const edge = statusOf({ service: 'edge', reasons: ['queue: not connected'] });
  const pooled = statusOf({ pool: 'eu' });
  const beats = await Promise.all([start(() => edge), start(() => pooled)]);
  await until(async () => (await idsOf()).length === 2);
  expect(await reader.read()).toEqual([pooled, edge]);
  edge.reasons = [];
  await until(async () => (await reader.read()).some(({ reasons, id }) => id === edge.id && reasons.length === 0));
  await Promise.all(beats.map((beat) => beat.close()));
  expect(await idsOf()).toEqual([]);
});

test('a process starts and is listed although describing it takes longer than connecting', async () => {
  const status = statusOf();
  const describe = async () => {
    for (let n = 0; n < 200; n += 1) await redis.ping();
    return status;
  };
  const beat = await startHeartbeat({ bus, describe });
  await until(async () => (await idsOf()).includes(status.id));
  await beat.close();
});

test.each([30_000, -30_000, 0])('a process learns by how much its clock is off: %d ms (F33)', async (aheadMs) => {
  const reported = Promise.withResolvers<number>();
  const beat = await startHeartbeat({
    bus,
    describe: async () => statusOf(),
    onClock: (offsetMs) => {
      reported.resolve(offsetMs);
      return true;
    },
    now: () => Date.now() + aheadMs,
  });
  expect(Math.abs((await reported.promise) - aheadMs)).toBeLessThan(5000);
  await beat.close();
});

test('a process whose clock is wrong checks it again within a second or so, not with the next heartbeat', async () => {
  const offsets: number[] = [];
  let aheadMs = 120_000;
  const beat = await startHeartbeat({
    bus,
    describe: async () => statusOf(),
    onClock: (offsetMs) => Math.abs(offsets[offsets.push(offsetMs) - 1] ?? 0) < 5000,
    now: () => Date.now() + aheadMs,
    everyMs: 600_000,
  });
  await until(() => offsets.length === 1);
  aheadMs = 0;
  await until(() => offsets.length === 2);
  expect(Math.abs(offsets[1] ?? Number.NaN)).toBeLessThan(5000);
  await beat.close();
});

test('a process silent for over three heartbeats is no longer listed, nor is what no process wrote', async () => {
  const key = keys.processes('edge');
  const [seconds = 0] = await redis.time();
  const { id, ...rest } = statusOf({ service: 'edge' });
  const text = JSON.stringify({ id, ...rest });
  await redis.hset(key, { old: `${seconds - 16} ${text}`, early: `${seconds + 60} ${text}`, other: 'x' });
  expect(await idsOf()).toEqual([]);
  expect(await redis.hkeys(key)).toEqual([]);
  // An entry that is valid only up to its time is kept until that has passed, and never listed.
  await redis.hset(key, { odd: `${seconds} {"service":"edge"}`, broken: `${seconds} {` });
  expect(await idsOf()).toEqual([]);
  await redis.del(key);
});

test('a process is listed again by itself when Redis comes back', async () => {
  const status = statusOf({ service: 'control-plane' });
  const beat = await start(() => status);
  await until(async () => (await idsOf()).includes(status.id));
  await server.kill();
  await expect(reader.read()).rejects.toThrow();
  await server.start();
  await until(async () => (await idsOf().catch((): string[] => [])).includes(status.id));
  await beat.close();
});
