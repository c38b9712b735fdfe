import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { createTestRedis, startTestRedis } from '@toolplane/loopback/test-redis';
import { Redis } from 'ioredis';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import { readQueueDepth } from '../src/calls/queue-depth.ts';
import { openLink } from './tcp-link.ts';
import { createHangingHandler, failureOf, inMs, openBus, received, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

const call = (bus: TestBus, caller: Awaited<ReturnType<TestBus['caller']>>, ms = 5000) =>
  caller.call({ tenant: 'a', body: bus.queue, deadline: inMs(ms) });

/** Hangs in calls with one certain body and answers all other calls. */
const hangingFor =
  (body: string, hang: HandleCall): HandleCall =>
  (running) =>
    running.body === body ? hang(running) : Promise.resolve(succeeded(running.body));

test('F13: without Redis both sides start, are not ready and refuse at once; they work 2 s after it is up', async () => {
  await using server = await createTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const worker = await bus.worker();
  expect([caller.isReady(), worker.isReady()]).toEqual([false, false]);
  const askedAt = Date.now();
  expect(failureOf(await call(bus, caller))).toBe('queue_unavailable/not_started');
  expect(Date.now() - askedAt).toBeLessThan(1500);
  await server.start();
  await until(() => caller.isReady() && worker.isReady(), 2000);
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  await bus.expectClean();
});

test('F14: a killed Redis that comes back empty makes the calls under way unknown within 1 s, and new ones work', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const { handle, started } = createHangingHandler();
  await bus.worker(hangingFor('hang', handle));
  const underWay = caller.call({ tenant: 'a', body: 'hang', deadline: inMs(20_000) });
  await until(() => started.length === 1);
  await server.kill();
  await until(() => !caller.isReady());
  expect(failureOf(await call(bus, caller))).toBe('queue_unavailable/not_started');
  await server.start();
  const backAt = Date.now();
  expect(failureOf(await underWay)).toBe('queue_restarted/unknown');
  expect(Date.now() - backAt).toBeLessThan(3000);
  await until(async () => (await call(bus, caller)).ok, 1500);
  expect(bus.events.some(({ type }) => type === 'epoch_changed')).toBe(true);
  expect(await bus.redis.hget(`tp:queue:${bus.queue}-2:meta`, 'opts.maxLenEvents')).toBe('100');
  await bus.expectClean();
});

test('F15: jobs that a restarted Redis still has are not executed', async () => {
  await using server = await startTestRedis({ appends: true });
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const waiting = [1, 2, 3].map((body) => caller.call({ tenant: 'a', body, deadline: inMs(20_000) }));
  const queued = async () => (await readQueueDepth(bus.redis, bus.queue)).waiting;
  await until(async () => (await queued()) === 3);
  await server.kill();
  await server.start();
  expect((await Promise.all(waiting)).map(failureOf)).toEqual(Array(3).fill('queue_restarted/unknown'));
  expect(await queued()).toBe(3);
  await bus.worker();
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:active`)) === 0);
  expect(bus.runs.size).toBe(1);
});

test('F16: after a failover to a replica the calls of the old server are not executed', async () => {
  await using primary = await startTestRedis();
  await using replica = await startTestRedis();
  await using link = await openLink(primary.port);
  await using bus = openBus(link.url);
  const replicaClient = new Redis(replica.url);
  await replicaClient.replicaof('127.0.0.1', primary.port);
  const caller = await bus.caller();
  await until(async () => (await replicaClient.info('replication')).includes('master_link_status:up'));
  const waiting = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000) });
  await until(async () => (await replicaClient.llen(`tp:queue:${bus.queue}-2:wait`)) === 1);
  await replicaClient.replicaof('NO', 'ONE');
  replicaClient.disconnect();
  await primary.kill();
  link.leadTo(replica.port);
  expect(failureOf(await waiting)).toBe('queue_restarted/unknown');
  await bus.worker();
  await until(() => caller.isReady());
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  expect(bus.runs.size).toBe(1);
});

test('F16: a server that became a replica with open connections is left for the one with its name now', async () => {
  await using primary = await startTestRedis();
  await using next = await startTestRedis();
  await using link = await openLink(primary.port);
  await using bus = openBus(link.url);
  const caller = await bus.caller();
  await bus.worker();
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  link.rename(next.port);
  const demoted = new Redis(primary.url);
  await demoted.replicaof('127.0.0.1', next.port);
  demoted.disconnect();
  await until(async () => (await call(bus, caller, 1000)).outcome === 'done');
});

test('F17: while Redis is frozen calls are refused as provably not started in 2 s; then all works and nothing ran twice', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  await bus.worker();
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  await bus.expectClean();
  server.freeze();
  const frozenAt = Date.now();
  const [long, short] = await Promise.all([call(bus, caller), call(bus, caller, 300)]);
  expect(failureOf(long)).toBe('queue_unavailable/not_started');
  expect(failureOf(short)).toBe('deadline_exceeded/not_started');
  expect(Date.now() - frozenAt).toBeLessThan(2500);
  server.thaw();
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  expect(bus.runs.size).toBe(2);
  await bus.expectClean();
});

test('F17: a call under way when Redis freezes is unknown at its deadline + 1 s at the latest', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const { handle, started } = createHangingHandler();
  await bus.worker(handle);
  const deadline = inMs(1000);
  const underWay = caller.call({ tenant: 'a', body: 1, deadline });
  await until(() => started.length === 1);
  server.freeze();
  expect(failureOf(await underWay)).toBe('deadline_exceeded/unknown');
  expect(Date.now()).toBeLessThan(deadline + 2000);
  server.thaw();
  await bus.expectClean();
});

test('F18: a Redis out of memory refuses at once as provably not started, and recovers without a restart', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  await bus.worker();
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  // The first attempt is made while a lease is available, the second one without a lease.
  for (const settle of [async () => {}, () => bus.expectClean()]) {
    await settle();
    await bus.redis.config('SET', 'maxmemory', '1');
    const askedAt = Date.now();
    expect(failureOf(await call(bus, caller))).toBe('queue_unavailable/not_started');
    expect(Date.now() - askedAt).toBeLessThan(1500);
    await bus.redis.config('SET', 'maxmemory', '0');
    expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  }
  expect(bus.runs.size).toBe(3);
  await bus.expectClean();
});

test('F18: a reply sent while Redis is out of memory still reaches its caller', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  await bus.worker(async () => {
    await bus.redis.config('SET', 'maxmemory', '1');
    return succeeded('done');
  });
  expect(await call(bus, caller)).toEqual(succeeded('done'));
  await bus.redis.config('SET', 'maxmemory', '0');
});

test('F18: others find the reply, too, once Redis has memory again', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const [caller, other] = [await bus.caller(), await bus.caller()];
  await bus.worker(async () => {
    await bus.redis.config('SET', 'maxmemory', '1');
    return succeeded('done');
  });
  const sent = caller.describe(randomUUID(), 'a', inMs(8000));
  const { callId, tenant, deadline } = sent;
  expect(await caller.call({ callId, tenant, deadline, body: 1, keepReplyMs: 600_000 })).toEqual(succeeded('done'));
  expect(await other.find(sent)).toEqual({ state: 'pending' });
  await bus.redis.config('SET', 'maxmemory', '0');
  await until(async () => (await other.find(sent)).state === 'settled');
  expect(await other.find(sent)).toEqual({ state: 'settled', outcome: succeeded('done'), isReported: true });
});

test('F19: a reply sent while the caller is not subscribed is delivered from its copy once it is again', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  await bus.worker(async ({ body }) => {
    await bus.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    return succeeded(body);
  });
  const askedAt = Date.now();
  const outcomes = await Promise.all([1, 2].map((body) => caller.call({ tenant: 'a', body, deadline: inMs(8000) })));
  expect(outcomes).toEqual([succeeded(1), succeeded(2)]);
  // The caller would also find the reply when giving up, but only at the deadline.
  expect(Date.now() - askedAt).toBeLessThan(4000);
  await bus.expectClean();
});

test('a reply whose message was lost is found when the caller gives up', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  await bus.redis.acl('SETUSER', 'deaf', 'on', '>deaf', '~*', '+@all', 'resetchannels', '&tp:cancel:*');
  const caller = await bus.caller({ redisUrl: server.url.replace('//', '//deaf:deaf@') });
  await bus.worker();
  expect(await call(bus, caller, 500)).toEqual(succeeded(bus.queue));
  await bus.expectClean();
});

test('F20: a worker cut off from Redis for longer than its lock is reported lost, and its call ran once', async () => {
  await using server = await startTestRedis();
  await using link = await openLink(server.port);
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const { handle, started } = createHangingHandler();
  await bus.worker(hangingFor('hang', handle), { redisUrl: link.url });
  const underWay = caller.call({ tenant: 'a', body: 'hang', deadline: inMs(20_000) });
  await until(() => started.length === 1);
  link.cut();
  await bus.worker();
  expect(failureOf(await underWay)).toBe('worker_lost/unknown');
  link.mend();
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
  await bus.expectClean();
});

test('both sides work again within a second after Redis has loaded its data (F7)', async () => {
  await using server = await startTestRedis({ appends: true });
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const worker = await bus.worker();
  const names = Array.from({ length: 80 }, (_, index) => `key-${index}`);
  await bus.redis.mset(names.flatMap((name) => [name, 'x'.repeat(20_000)]));
  for (const name of names) await bus.redis.set(name, 'y'.repeat(20_000));
  await server.kill();
  await until(() => !caller.isReady() && !worker.isReady());
  // The delay in microseconds applies to each key that Redis loads.
  await server.start(['--key-load-delay', '50000', '--loading-process-events-interval-bytes', '1024']);
  const readyAt = Date.now();
  await until(() => caller.isReady() && worker.isReady());
  expect(Date.now() - readyAt).toBeLessThan(1000);
  expect(await call(bus, caller)).toEqual(succeeded(bus.queue));
});

test('F14: a worker that has to stop without Redis ends, also with a call that it took out of its order', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const child = await bus.child({ concurrency: 1, graceMs: 100 });
  const calls = [];
  for (const tenant of ['a', 'b']) {
    const started = received(child, 'started');
    calls.push(caller.call({ tenant, body: { waitMs: 30_000 }, deadline: inMs(20_000) }));
    await started;
  }
  await server.kill();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await server.start();
  expect((await Promise.all(calls)).map(failureOf)).toEqual(Array(2).fill('queue_restarted/unknown'));
}, 30_000);
