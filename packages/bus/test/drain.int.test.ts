import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { createTestRedis, startTestRedis } from '@toolplane/loopback/test-redis';
import { createHangingHandler, failureOf, inMs, openBus } from './test-bus.ts';
import { until } from './until.ts';

test('a worker shuts down although Redis was lost while it ran a call', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const { handle, started, stopped } = createHangingHandler();
  const worker = await bus.worker(handle);
  const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(1000) });
  await until(() => started.length === 1);
  await server.kill();
  await until(() => !worker.isReady());
  const startedAt = Date.now();
  await worker.close({ graceMs: 100 });
  expect(Date.now() - startedAt).toBeLessThan(2500);
  expect(stopped).toMatchObject([{ reason: { code: 'shutting_down' } }]);
  expect(failureOf(await call)).toBe('deadline_exceeded/unknown');
});

test('F8: a call that outlasts the grace period of its worker is stopped and reported as unknown', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, started, stopped } = createHangingHandler();
  const worker = await bus.worker(handle);
  const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000) });
  await until(() => started.length === 1);
  await worker.close({ graceMs: 200 });
  expect(failureOf(await call)).toBe('shutting_down/unknown');
  expect(stopped).toMatchObject([{ reason: { code: 'shutting_down' } }]);
  await bus.expectClean();
});

test('F8: the call of a handler that does not stop is answered, and the worker shuts down', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const worker = await bus.worker(() => new Promise(() => {}));
  const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000) });
  await until(() => bus.runs.size === 1);
  const startedAt = Date.now();
  await worker.close({ graceMs: 100 });
  expect(Date.now() - startedAt).toBeLessThan(2500);
  expect(failureOf(await call)).toBe('shutting_down/unknown');
});

test('a caller that shuts down refuses new calls and lets those under way end', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { promise, resolve: finish } = Promise.withResolvers<void>();
  await bus.worker(async () => {
    await promise;
    return succeeded('finished');
  });
  const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(10_000) });
  await until(() => bus.runs.size === 1);
  const closed = caller.close({ drainMs: 5000 });
  expect(failureOf(await caller.call({ tenant: 'a', body: 2, deadline: inMs(5000) }))).toBe(
    'shutting_down/not_started',
  );
  finish();
  expect(await call).toEqual(succeeded('finished'));
  await closed;
  await bus.expectClean();
});

test('a caller that cannot wait any longer stops its calls and says what it can prove', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, started, stopped } = createHangingHandler();
  await bus.worker(handle, { concurrency: 1 });
  const running = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000) });
  await until(() => started.length === 1);
  const waiting = caller.call({ tenant: 'a', body: 2, deadline: inMs(20_000) });
  await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 1);
  await caller.close({ drainMs: 50 });
  expect(failureOf(await running)).toBe('shutting_down/unknown');
  expect(failureOf(await waiting)).toBe('shutting_down/not_started');
  await until(() => stopped.length === 1);
  expect(started).toHaveLength(1);
  await bus.expectClean();
});

test('both sides shut down although Redis never came up', async () => {
  await using server = await createTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const worker = await bus.worker();
  await Promise.all([caller.close({ drainMs: 100 }), worker.close({ graceMs: 0 })]);
  expect(caller.isReady() || worker.isReady()).toBe(false);
});
