import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { watchRedis } from '@toolplane/loopback/redis-monitor';
import { Queue } from 'bullmq';
import { JobWorker } from '../src/calls/job-worker.ts';
import { holdWritesByTick } from '../src/hold-writes.ts';
import { inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

/** How often a worker looks for a job until it waits for the next one, while one call runs in it. */
async function looksForOneCall(bus: TestBus): Promise<number> {
  const caller = await bus.caller();
  let looks: string[] = [];
  using _watch = await watchRedis(bus.redisUrl, ({ words: [name = '', key = ''] }) => {
    if (key.includes(bus.queue) && /^(RPOPLPUSH|bzpopmin)$/.test(name)) looks.push(name);
  });
  const isWaiting = () => looks.at(-1) === 'bzpopmin';
  const end = Promise.withResolvers<void>();
  const worker = await bus.worker(async ({ body }) => {
    await end.promise;
    return succeeded(body);
  });
  await until(isWaiting);
  looks = [];
  const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(5000) });
  await until(isWaiting);
  const found = looks.filter((name) => name === 'RPOPLPUSH').length;
  end.resolve();
  await call;
  await worker.close({ graceMs: 1000 });
  return found;
}

test('a single job takes one look at the queue', async () => {
  await using bus = openBus();
  // A waiting worker looks once a second on its own, possibly at just this moment.
  let fewest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && fewest > 1; attempt += 1) fewest = Math.min(fewest, await looksForOneCall(bus));
  expect(fewest).toBe(1);
});

test('a job that comes while another one runs is found at once, by a worker that believed the queue empty', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const bodies = [1, 2, 3, 4];
  const running = bodies.map(() => Promise.withResolvers<void>());
  const end = Promise.withResolvers<void>();
  await bus.worker(async ({ body }) => {
    running[Number(body) - 1]?.resolve();
    await end.promise;
    return succeeded(body);
  });
  const calls = [];
  for (const [index, body] of bodies.entries()) {
    calls.push(caller.call({ tenant: 'a', body, deadline: inMs(5000) }));
    await running[index]?.promise;
  }
  end.resolve();
  expect(await Promise.all(calls)).toEqual(bodies.map((body) => succeeded(body)));
  await bus.expectClean();
});

test('of two workers, one finds what the other has no room for', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const end = Promise.withResolvers<void>();
  const bodies = [1, 2];
  const running = new Set<number>();
  const handle = async ({ body }: { body: unknown }) => {
    running.add(Number(body));
    await end.promise;
    return succeeded(Number(body));
  };
  await bus.worker(handle, { concurrency: 1 });
  await bus.worker(handle, { concurrency: 1 });
  const calls = [];
  for (const body of bodies) {
    calls.push(caller.call({ tenant: 'a', body, deadline: inMs(5000) }));
    await until(() => running.has(body));
  }
  end.resolve();
  expect(await Promise.all(calls)).toEqual(bodies.map((body) => succeeded(body)));
  await bus.expectClean();
});

test('a search takes only a job that may be taken, and leaves all others in their places', async () => {
  await using bus = openBus();
  const queue = new Queue(bus.queue, { connection: bus.redis, prefix: 'test' });
  for (const [name, jobId] of [
    ['busy', 'first'],
    ['busy', 'second'],
    ['quiet', 'third'],
  ] as const) {
    await queue.add(name, {}, { jobId });
  }
  const taken: unknown[] = [];
  const worker = new JobWorker(bus.queue, async ({ id }) => taken.push(id), {
    redis: bus.redis,
    holdWrites: holdWritesByTick(bus.redis),
    prefix: 'test',
    autorun: false,
  });
  const waiting = () => bus.redis.lrange(queue.toKey('wait'), 0, -1);
  const loads = new Map([['busy', 2]]);
  expect(await worker.takeFairly({ loads, mayTake: () => false })).toBe(3);
  expect(await waiting()).toEqual(['third', 'second', 'first']);
  await worker.takeFairly({ loads, mayTake: (organization) => organization === 'quiet' });
  await until(() => taken.length === 1);
  expect(taken).toEqual(['third']);
  expect(await waiting()).toEqual(['second', 'first']);
  await worker.close(true);
  await queue.obliterate({ force: true });
  await queue.close();
});

test('searches for jobs of another organization cover a queue of any length (T38)', async () => {
  await using bus = openBus();
  const queue = new Queue(bus.queue, { connection: bus.redis, prefix: 'test' });
  const add = (names: string[]) =>
    queue.addBulk(names.map((name) => ({ name, data: {}, opts: { jobId: randomUUID() } })));
  await add([...Array<string>(2500).fill('noisy'), 'quiet']);
  const taken: string[] = [];
  const worker = new JobWorker(bus.queue, async ({ name }) => taken.push(name), {
    redis: bus.redis,
    holdWrites: holdWritesByTick(bus.redis),
    prefix: 'test',
    autorun: false,
  });
  const search = () =>
    worker.takeFairly({ loads: new Map([['noisy', 8]]), mayTake: (organization) => organization === 'quiet' });
  expect([await search(), await search()]).toEqual([1000, 1000]);
  expect(taken).toEqual([]);
  await search();
  expect(taken).toEqual(['quiet']);
  await add(['quiet']);
  for (let n = 0; n < 3; n += 1) await search();
  await until(() => taken.length === 2);
  await worker.close(true);
  await queue.obliterate({ force: true });
  await queue.close();
});
