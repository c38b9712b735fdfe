import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { type Json, succeeded } from '@toolplane/contracts';
import { keys } from '../src/keys.ts';
import { failureOf, inMs, openBus, received } from './test-bus.ts';
import { until } from './until.ts';

test('F1: a call whose worker is killed is unknown within lock + 2 intervals, and does not run again', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const call = caller.call({ tenant: 'a', body: { waitMs: 30_000 }, deadline: inMs(20_000) });
  await received(child, 'started');
  child.kill('SIGKILL');
  const killedAt = Date.now();
  await bus.worker();
  expect(failureOf(await call)).toBe('worker_lost/unknown');
  expect(Date.now() - killedAt).toBeLessThan(4000);
  expect(await caller.call({ tenant: 'a', body: 'next', deadline: inMs(5000) })).toEqual(succeeded('next'));
  await bus.expectClean();
});

test('F2: a worker killed before it took the fence leaves a call that provably never started', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child({ fetchOnly: true });
  const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000) });
  await received(child, 'started');
  child.kill('SIGKILL');
  await bus.worker();
  expect(failureOf(await call)).toBe('worker_lost/not_started');
  expect(bus.runs.size).toBe(0);
  await bus.expectClean();
});

test('F1: of the calls that shared a job with it, those that were answered stay so, and none runs again', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const outcomes: Promise<unknown>[] = [];
  const send = (body: Json) => {
    const outcome = caller.call({ tenant: 'a', body, deadline: inMs(20_000) }).then(failureOf);
    outcomes.push(outcome);
    return outcome;
  };
  // Sent in one event-loop turn, and so in one job.
  const [fast] = [send({}), send({ waitMs: 30_000 }), send({ waitMs: 30_000 })];
  expect(await fast).toBe('done');
  await until(async () => bus.runs.size === 3);
  expect(await bus.redis.llen(`tp:queue:${bus.queue}-2:active`)).toBe(1);
  child.kill('SIGKILL');
  await bus.worker();
  expect(await Promise.all(outcomes)).toEqual(['done', 'worker_lost/unknown', 'worker_lost/unknown']);
  await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:active`)) === 0);
  expect(bus.events.filter(({ type }) => type === 'worker_lost')).toHaveLength(2);
  await bus.expectClean();
});

test('F1: nothing is reported about a call that was over long before the worker of its job was lost', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const deadline = inMs(1000);
  const fast = caller.call({ callId: 'fast', tenant: 'a', body: {}, deadline });
  const slow = caller.call({ tenant: 'a', body: { waitMs: 30_000 }, deadline: inMs(20_000) });
  expect(failureOf(await fast)).toBe('done');
  await until(() => Date.now() > deadline);
  // The same state as a minute later.
  await bus.redis.del(keys.fence(bus.queue, 'fast'), keys.reply(bus.queue, 'fast'));
  expect(await bus.redis.llen(`tp:queue:${bus.queue}-2:active`)).toBe(1);
  child.kill('SIGKILL');
  await bus.worker();
  expect(failureOf(await slow)).toBe('worker_lost/unknown');
  await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:active`)) === 0);
  expect(await bus.redis.exists(keys.fence(bus.queue, 'fast'), keys.reply(bus.queue, 'fast'))).toBe(0);
  await bus.expectClean();
});

test('F2: calls of a shared job whose worker died before it took their fences provably did not start', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child({ fetchOnly: true });
  const calls = [1, 2, 3].map((body) => caller.call({ tenant: 'a', body, deadline: inMs(20_000) }));
  await received(child, 'started');
  child.kill('SIGKILL');
  await bus.worker();
  expect((await Promise.all(calls)).map(failureOf)).toEqual(Array(3).fill('worker_lost/not_started'));
  expect(bus.runs.size).toBe(0);
  await bus.expectClean();
});

test('F3: a worker that blocks for longer than its lock is reported lost; calls elsewhere go on and its own runs once', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const callId = randomUUID();
  const call = caller.call({ callId, tenant: 'a', body: { blockMs: 2800 }, deadline: inMs(20_000) });
  await received(child, 'started');
  // The worker no longer renews the lock of the call, so its event loop is blocked.
  await until(async () => (await bus.redis.pttl(`tp:queue:${bus.queue}-2:${callId}:lock`)) < 200);
  await bus.worker();
  expect(await caller.call({ tenant: 'b', body: 'elsewhere', deadline: inMs(5000) })).toEqual(succeeded('elsewhere'));
  expect(failureOf(await call)).toBe('worker_lost/unknown');
  await until(() => bus.events.some(({ type }) => type === 'worker_lost'));
  expect(bus.events).toContainEqual({ type: 'worker_lost', callId, outcome: 'unknown' });
  // The late reply of the worker must not replace the outcome that the caller received.
  const reported = await bus.redis.get(keys.reply(bus.queue, callId));
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(await bus.redis.get(keys.reply(bus.queue, callId))).toBe(reported);
  await bus.expectClean();
});

test('F7: a worker that shuts down finishes its call, takes no new one and loses nothing', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const leaving = await bus.child();
  const call = caller.call({ tenant: 'a', body: { waitMs: 600 }, deadline: inMs(10_000) });
  await received(leaving, 'started');
  const left = once(leaving, 'exit');
  leaving.kill('SIGTERM');
  await bus.worker();
  const during = await Promise.all([1, 2, 3].map((body) => caller.call({ tenant: 'b', body, deadline: inMs(5000) })));
  expect(during).toEqual([succeeded(1), succeeded(2), succeeded(3)]);
  expect(await call).toEqual(succeeded('finished'));
  expect(await left).toEqual([0, null]);
  await bus.expectClean();
});
