import { hash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { Redis } from 'ioredis';
import { connectBus, createRateLimits, type RateLimits, type RateWindow } from '../src/index.ts';
import { keys } from '../src/keys.ts';
import { until } from './until.ts';

const redisUrl = process.env['REDIS_URL'] ?? '';

const stack = new AsyncDisposableStack();
let redis: Redis;
let workers: [RateLimits, RateLimits];
beforeAll(async () => {
  redis = stack.adopt(new Redis(redisUrl), (it) => it.disconnect());
  const open = () => createRateLimits({ bus: stack.use(connectBus({ redisUrl })) });
  workers = [await open(), await open()];
});
afterAll(() => stack.disposeAsync());

const windowOf = (limit: number, intervalMs: number, key: string = randomUUID()): RateWindow => {
  return { key, limit, intervalMs };
};
const nameOf = ({ key, intervalMs }: RateWindow) => {
  return keys.rate(hash('sha256', JSON.stringify([key, intervalMs]), 'base64url'));
};
/** Takes alternately at both workers, all at once. */
const takeMany = (times: number, ...windows: RateWindow[]) => {
  return Promise.all(Array.from({ length: times }, (_, n) => workers[n % 2 === 0 ? 0 : 1].take(windows)));
};
const grantedOf = (waits: number[]) => waits.filter((wait) => wait === 0).length;

/** Waits for the returned time, repeatedly, until one is granted. */
async function takePatiently(worker: RateLimits, window: RateWindow) {
  for (let refusals = 0; ; refusals += 1) {
    const before = performance.now();
    const waitMs = await worker.take([window]);
    if (waitMs === 0) return { before, after: performance.now(), refusals };
    await delay(waitMs);
  }
}

/** Never waits. `takes` is shared by all workers that take in this way. */
async function takeEagerly(times: number, worker: RateLimits, window: RateWindow, takes: Take[]) {
  while (takes.length < times) {
    const before = performance.now();
    if ((await worker.take([window])) === 0) takes.push({ before, after: performance.now() });
  }
}
type Take = { before: number; after: number };

describe('a window', () => {
  test('never lets through more than its limit, whichever workers ask and however many at once', async () => {
    const window = windowOf(100, 600_000);
    const waits = [...(await takeMany(300, window)), ...(await takeMany(300, window))];
    expect(grantedOf(waits)).toBe(100);
    for (const wait of waits.filter((it) => it > 0)) expect(wait).toBeLessThanOrEqual(600_001);
    expect(Math.max(...waits)).toBeGreaterThan(500_000);
  });

  test('slides: no interval holds more than the limit, however early and often workers ask', async () => {
    const window = windowOf(10, 100);
    const takes: Take[] = [];
    await Promise.all(workers.map((worker) => takeEagerly(40, worker, window, takes)));
    const befores = takes.map(({ before }) => before).sort((one, other) => one - other);
    const afters = takes.map(({ after }) => after).sort((one, other) => one - other);
    // The n-th take happened at the earliest with the n-th request and at the latest with the n-th answer.
    for (const [index, before] of befores.slice(0, -10).entries()) {
      expect((afters[index + 10] ?? 0) - before).toBeGreaterThanOrEqual(100);
    }
  });

  test('has a place for a worker that waited as long as it was told', async () => {
    const window = windowOf(1, 100);
    const first = await takePatiently(workers[0], window);
    const second = await takePatiently(workers[1], window);
    expect(second.after - first.before).toBeGreaterThanOrEqual(100);
    // Timers may be early by a millisecond, repeatedly.
    expect(second.refusals).toBeLessThanOrEqual(5);
  });

  test('of another key or interval is a separate one', async () => {
    const window = windowOf(1, 60_000);
    expect(await workers[0].take([window])).toBe(0);
    expect(await workers[0].take([{ ...window, intervalMs: 30_000 }])).toBe(0);
    expect(await workers[0].take([windowOf(1, 60_000)])).toBe(0);
    expect(await workers[0].take([window])).toBeGreaterThan(0);
  });

  test('keeps its count when its limit is changed', async () => {
    const window = windowOf(3, 60_000);
    expect(grantedOf(await takeMany(5, window))).toBe(3);
    expect(grantedOf(await takeMany(5, { ...window, limit: 2 }))).toBe(0);
    expect(grantedOf(await takeMany(5, { ...window, limit: 5 }))).toBe(2);
  });

  test('disappears from Redis once everything that it counts has passed', async () => {
    const [short, long] = [windowOf(5, 80), windowOf(5, 600_000)];
    await takeMany(7, short, long);
    const leftMs = await redis.pttl(nameOf(long));
    expect(leftMs).toBeGreaterThan(500_000);
    expect(leftMs).toBeLessThanOrEqual(600_001);
    await until(async () => (await redis.exists(nameOf(short))) === 0);
  });

  test('stores no more than its interval, however long it is used', async () => {
    const window = windowOf(1_000, 40);
    for (const end = performance.now() + 160; performance.now() < end; ) await workers[0].take([window]);
    // Two members for each millisecond of the interval, and the sum.
    expect(await redis.llen(nameOf(window))).toBeLessThanOrEqual(2 * 45 + 1);
  });

  test('of a large limit is small, and lets no more through', async () => {
    const window = windowOf(12_000, 600_000);
    const startedAt = performance.now();
    let granted = 0;
    for (let round = 0; round < 13; round += 1) granted += grantedOf(await takeMany(1000, window));
    const elapsedMs = performance.now() - startedAt;
    expect(granted).toBe(12_000);
    // The grains are 60 ms long.
    expect(await redis.llen(nameOf(window))).toBeLessThanOrEqual(2 * (elapsedMs / 60 + 2) + 1);
  });
});

describe('several windows', () => {
  test('count a request together or not at all', async () => {
    const [narrow, wide] = [windowOf(2, 600_000), windowOf(10, 600_000)];
    expect(grantedOf(await takeMany(20, narrow, wide))).toBe(2);
    expect(grantedOf(await takeMany(20, wide))).toBe(8);
    expect(grantedOf(await takeMany(1, windowOf(1, 60_000), wide))).toBe(0);
  });

  test('report the longest of their waits', async () => {
    const [short, long] = [windowOf(1, 1_000), windowOf(1, 600_000)];
    await workers[0].take([short, long]);
    const [both, one] = [await workers[1].take([short, long]), await workers[1].take([short])];
    expect(both).toBeGreaterThan(500_000);
    expect(one).toBeLessThanOrEqual(1_001);
  });

  test('let a request through at once if there are none', async () => {
    expect(await workers[0].take([])).toBe(0);
  });
});

test('the name of a window reveals nothing of its key', async () => {
  await workers[0].take([windowOf(1, 60_000, `canary-${randomUUID()}`)]);
  expect(await redis.keys('*canary*')).toEqual([]);
});

test('without Redis it rejects with queue_unavailable, and works again once Redis is back', async () => {
  await using server = await startTestRedis();
  await using bus = connectBus({ redisUrl: server.url });
  const limits = await createRateLimits({ bus });
  const take = () => limits.take([windowOf(1, 60_000)]);
  const isBack = () =>
    take().then(
      () => true,
      () => false,
    );
  expect(await take()).toBe(0);
  await server.kill();
  await expect(take()).rejects.toMatchObject({ name: 'AppError', code: 'queue_unavailable' });
  await server.start();
  await until(isBack);
});
