import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { Redis } from 'ioredis';
import { connectBus, createLocks, type Locks } from '../src/index.ts';

const redisUrl = process.env['REDIS_URL'] ?? '';
const times = { holdMs: 60_000, waitMs: 0 };

const stack = new AsyncDisposableStack();
let redis: Redis;
let one: Locks;
let other: Locks;
beforeAll(async () => {
  redis = stack.adopt(new Redis(redisUrl), (it) => it.disconnect());
  const open = () => createLocks({ bus: stack.use(connectBus({ redisUrl })) });
  [one, other] = [await open(), await open()];
});
afterAll(() => stack.disposeAsync());

test('a lock is held by one, whoever asks', async () => {
  const name = randomUUID();
  const asked = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? one : other).acquire(name, times));
  const locks = (await Promise.all(asked)).filter((lock) => lock !== undefined);
  expect(locks).toHaveLength(1);
  await locks[0]?.[Symbol.asyncDispose]();
  expect(await other.acquire(name, times)).toBeDefined();
});

test('whoever waits gets the lock when it is released', async () => {
  const name = randomUUID();
  const order: string[] = [];
  const lock = await one.acquire(name, times);
  const waiting = other.acquire(name, { ...times, waitMs: 10_000 }).then((it) => order.push(it ? 'got' : 'none'));
  expect(await one.acquire(name, times)).toBeUndefined();
  order.push('given back');
  await lock?.[Symbol.asyncDispose]();
  await waiting;
  expect(order).toEqual(['given back', 'got']);
});

test('the lock of a worker that died expires, and that worker cannot take it from another', async () => {
  const name = randomUUID();
  const late = await one.acquire(name, { holdMs: 40, waitMs: 0 });
  expect(await other.acquire(name, { ...times, waitMs: 10_000 })).toBeDefined();
  await late?.[Symbol.asyncDispose]();
  expect(await one.acquire(name, times)).toBeUndefined();
});

test('the name of a lock in Redis reveals nothing of what is locked', async () => {
  await one.acquire(`canary-${randomUUID()}`, times);
  expect(await redis.keys('*canary*')).toEqual([]);
});

test('without Redis acquiring rejects with queue_unavailable; releasing never rejects', async () => {
  await using server = await startTestRedis();
  await using bus = connectBus({ redisUrl: server.url });
  const locks = await createLocks({ bus });
  const lock = await locks.acquire('name', times);
  await server.kill();
  await expect(locks.acquire('name', times)).rejects.toMatchObject({ name: 'AppError', code: 'queue_unavailable' });
  await lock?.[Symbol.asyncDispose]();
});
