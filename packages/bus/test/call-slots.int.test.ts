import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { Redis } from 'ioredis';
import { type CallSlots, connectBus, createCallSlots } from '../src/index.ts';
import { keys } from '../src/keys.ts';
import { until } from './until.ts';

const redisUrl = process.env['REDIS_URL'] ?? '';

const stack = new AsyncDisposableStack();
let redis: Redis;
let edges: [CallSlots, CallSlots];
beforeAll(async () => {
  redis = stack.adopt(new Redis(redisUrl), (it) => it.disconnect());
  const open = () => createCallSlots({ bus: stack.use(connectBus({ redisUrl })) });
  edges = [await open(), await open()];
});
afterAll(() => stack.disposeAsync());

const placeOf = (max: number, { key = randomUUID() as string, holdMs = 60_000 } = {}) => ({ key, max, holdMs });
const nameOf = ({ key }: { key: string }) => keys.policyPlaces(hash('sha256', key, 'base64url'));
/** Takes slots alternately at both edges, all at once. */
const takeMany = (times: number, ...places: ReturnType<typeof placeOf>[]) =>
  Promise.all(Array.from({ length: times }, (_, n) => edges[n % 2 === 0 ? 0 : 1].take(places)));

test('no more calls have a place than there are places, whichever edges ask and however many at once', async () => {
  const place = placeOf(7);
  const taken = (await takeMany(50, place)).filter((places) => places !== undefined);
  expect(taken).toHaveLength(7);
  // Returned by the edge that did not take it.
  edges[1].giveBack(taken[0] ?? { holder: '', names: [] });
  await until(async () => (await redis.zcard(nameOf(place))) === 6);
  expect(await edges[1].take([place])).toBeDefined();
  expect(await edges[0].take([place])).toBeUndefined();
});

test('a call takes a place under every one of its limits, or under none', async () => {
  const [wide, narrow] = [placeOf(10), placeOf(1)];
  expect(await edges[0].take([wide, narrow])).toBeDefined();
  expect(await edges[1].take([wide, narrow])).toBeUndefined();
  expect(await redis.zcard(nameOf(wide))).toBe(1);
});

test('a place held by an edge that died expires, and its key with it', async () => {
  const place = placeOf(1, { holdMs: 50 });
  expect(await edges[0].take([place])).toBeDefined();
  await until(async () => (await redis.exists(nameOf(place))) === 0);
  expect(await edges[1].take([place])).toBeDefined();
});

test('the place of a long call stays when a shorter call takes another place', async () => {
  const long = placeOf(2);
  await edges[0].take([long]);
  await edges[0].take([{ ...long, holdMs: 1000 }]);
  expect(await redis.pttl(nameOf(long))).toBeGreaterThan(30_000);
});

test('without limits Redis is not asked', async () => {
  await using server = await startTestRedis();
  await using bus = connectBus({ redisUrl: server.url });
  const alone = await createCallSlots({ bus });
  await server.kill();
  expect(await alone.take([])).toBeDefined();
  await expect(alone.take([placeOf(1)])).rejects.toMatchObject({ code: 'queue_unavailable' });
});
