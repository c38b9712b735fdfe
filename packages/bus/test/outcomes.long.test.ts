import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { keys } from '../src/keys.ts';
import { openLink } from './tcp-link.ts';
import { failureOf, inMs, openBus } from './test-bus.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);
const STEP_MS = 100;

/** Records the time of every request: the verdicts are based on nothing else. */
async function startRecorder(): Promise<AsyncDisposable & { url: string; times: number[] }> {
  const times: number[] = [];
  const server = createServer((_request, response) => {
    times.push(Date.now());
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    times,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The requests that were sent after the outcome was received, except for one that was in progress. */
const sentAfter = (times: number[], receivedAt: number) => times.filter((time) => time > receivedAt + 20);

test('a call whose fence is gone at its deadline is unknown, for its caller and for everybody later (F1)', async () => {
  await using recorder = await startRecorder();
  await using bus = openBus();
  const [caller, other] = [await bus.caller(), await bus.caller()];
  const child = await bus.child();
  const sent = caller.describe(randomUUID(), 'a', inMs(2000));
  const steps = { url: recorder.url, count: 1, pauseMs: 30_000 };
  const outcome = caller.call({ ...sent, body: { steps }, keepReplyMs: 600_000 });
  await until(() => recorder.times.length === 1);
  child.kill('SIGSTOP');
  // The state after a pause of all hosts that is longer than the lifetime of the fence.
  await bus.redis.del(keys.fence(bus.queue, sent.callId));
  expect(failureOf(await outcome)).toBe('deadline_exceeded/unknown');
  await until(() => Date.now() > sent.deadline + 1000);
  for (const asked of [caller, other, caller]) {
    const found = await asked.find(sent);
    expect(found.state === 'settled' && failureOf(found.outcome)).toBe('deadline_exceeded/unknown');
  }
});

test('a call that waits while its fence expires is not started, and nobody says that this is proven (F1)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const callId = randomUUID();
  const outcome = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(6000) });
  await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 1);
  await bus.redis.del(keys.fence(bus.queue, callId));
  await bus.worker();
  expect(failureOf(await outcome)).toBe('deadline_exceeded/unknown');
  expect(bus.runs.size).toBe(0);
});

test('a lost worker whose fence is gone leaves its call unknown, because a lifetime proves nothing (F2)', async () => {
  await using recorder = await startRecorder();
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const callId = randomUUID();
  const steps = { url: recorder.url, count: 1, pauseMs: 30_000 };
  const outcome = caller.call({ callId, tenant: 'a', body: { steps }, deadline: inMs(20_000) });
  await until(() => recorder.times.length === 1);
  child.kill('SIGKILL');
  await bus.redis.del(keys.fence(bus.queue, callId));
  await bus.worker();
  expect(failureOf(await outcome)).toBe('worker_lost/unknown');
  expect(recorder.times).toHaveLength(1);
});

test('a worker that was declared lost while it was suspended sends nothing when it wakes up (F3)', async () => {
  await using recorder = await startRecorder();
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const steps = { url: recorder.url, count: 200, pauseMs: STEP_MS };
  const outcome = caller.call({ tenant: 'a', body: { steps }, deadline: inMs(30_000) });
  await until(() => recorder.times.length >= 3);
  child.kill('SIGSTOP');
  await bus.worker();
  expect(failureOf(await outcome)).toBe('worker_lost/unknown');
  const before = recorder.times.length;
  const receivedAt = Date.now();
  child.kill('SIGCONT');
  await until(() => Date.now() > receivedAt + 2500);
  expect(sentAfter(recorder.times, receivedAt)).toEqual([]);
  expect(recorder.times.length).toBeLessThanOrEqual(before + 1);
});

test('a worker that is cut off from Redis sends nothing after its loss was told (F3)', async () => {
  await using server = await startTestRedis();
  await using link = await openLink(server.port);
  await using recorder = await startRecorder();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  await bus.child({ redisUrl: link.url });
  const steps = { url: recorder.url, count: 200, pauseMs: STEP_MS };
  const outcome = caller.call({ tenant: 'a', body: { steps }, deadline: inMs(30_000) });
  await until(() => recorder.times.length >= 3);
  link.cut();
  await bus.worker();
  expect(failureOf(await outcome)).toBe('worker_lost/unknown');
  const receivedAt = Date.now();
  link.mend();
  expect(await caller.call({ tenant: 'b', body: {}, deadline: inMs(20_000) })).toMatchObject({ ok: true });
  await until(() => Date.now() > receivedAt + 1500);
  expect(sentAfter(recorder.times, receivedAt)).toEqual([]);
});

test.each([true, false])(
  'after a restart of Redis nothing leaves once the call is unknown; data kept: %s (F3)',
  async (appends) => {
    await using server = await startTestRedis({ appends });
    await using recorder = await startRecorder();
    await using bus = openBus(server.url);
    const caller = await bus.caller();
    await bus.child({ lockDurationMs: 10_000, stalledIntervalMs: 5000 });
    const steps = { url: recorder.url, count: 200, pauseMs: STEP_MS };
    const outcome = caller.call({ tenant: 'a', body: { steps }, deadline: inMs(30_000) });
    await until(() => recorder.times.length >= 3);
    await server.kill();
    await server.start();
    expect(failureOf(await outcome)).toBe('queue_restarted/unknown');
    const receivedAt = Date.now();
    await until(() => Date.now() > receivedAt + 1500);
    expect(sentAfter(recorder.times, receivedAt)).toEqual([]);
  },
);

test('a cancellation whose message was lost stops the call all the same, within a second (F10)', async () => {
  await using server = await startTestRedis();
  await using recorder = await startRecorder();
  await using bus = openBus(server.url);
  await bus.redis.acl('SETUSER', 'deaf', 'on', '>deaf', '~*', '+@all', 'resetchannels', '&tp:replies:*');
  const caller = await bus.caller();
  await bus.child({ redisUrl: server.url.replace('//', '//deaf:deaf@') });
  const cancelling = new AbortController();
  const steps = { url: recorder.url, count: 100, pauseMs: STEP_MS };
  const { signal } = cancelling;
  const outcome = caller.call({ tenant: 'a', body: { steps }, deadline: inMs(20_000), signal });
  await until(() => recorder.times.length >= 3);
  cancelling.abort();
  expect(failureOf(await outcome)).toBe('cancelled/unknown');
  const receivedAt = Date.now();
  await until(() => Date.now() > receivedAt + 2500);
  expect(sentAfter(recorder.times, receivedAt + 1000)).toEqual([]);
});

test('a cancellation while Redis cannot be reached is made up for as soon as it can (F10)', async () => {
  await using server = await startTestRedis();
  await using link = await openLink(server.port);
  await using recorder = await startRecorder();
  await using bus = openBus(server.url);
  const caller = await bus.caller({ redisUrl: link.url });
  await bus.child();
  const cancelling = new AbortController();
  const steps = { url: recorder.url, count: 200, pauseMs: STEP_MS };
  const { signal } = cancelling;
  const outcome = caller.call({ tenant: 'a', body: { steps }, deadline: inMs(30_000), signal });
  await until(() => recorder.times.length >= 3);
  link.cut();
  cancelling.abort();
  expect(failureOf(await outcome)).toBe('cancelled/unknown');
  link.leadTo(server.port);
  link.mend();
  await until(() => caller.isReady());
  const backAt = Date.now();
  await until(() => Date.now() > backAt + 2500);
  expect(sentAfter(recorder.times, backAt + 1500)).toEqual([]);
});
