import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Json, succeeded } from '@toolplane/contracts';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import type { Caller, FoundCall, SentCall } from '../src/index.ts';
import { keys } from '../src/keys.ts';
import { createHangingHandler, failureOf, inMs, openBus, received } from './test-bus.ts';
import { until } from './until.ts';

const foundAs = (found: FoundCall) => (found.state === 'settled' ? failureOf(found.outcome) : found.state);

/** A call that is kept, and the record of it. */
function send(
  caller: Caller,
  { body = 1, ms = 8000, keepReplyMs = 600_000 }: { body?: Json; ms?: number; keepReplyMs?: number } = {},
) {
  const sent = caller.describe(randomUUID(), 'a', inMs(ms));
  const { callId, tenant, deadline } = sent;
  return { sent, outcome: caller.call({ callId, tenant, deadline, body, keepReplyMs }) };
}

describe('another process with the same keys', () => {
  test('finds a call pending while it runs, then its outcome, for as long as the reply is kept', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const { promise, resolve } = Promise.withResolvers<void>();
    await bus.worker(async ({ body }) => {
      await promise;
      return succeeded(body);
    });
    const { sent, outcome } = send(caller, { body: { text: 'grüße' } });
    await until(() => bus.runs.size === 1);
    expect(await other.find(sent)).toEqual({ state: 'pending' });
    resolve();
    await outcome;
    expect(await other.find(sent)).toEqual({
      state: 'settled',
      outcome: succeeded({ text: 'grüße' }),
      isReported: true,
    });
    const keptMs = await bus.redis.pttl(keys.reply(bus.queue, sent.callId));
    expect(keptMs).toBeGreaterThan(590_000);
    expect(keptMs).toBeLessThanOrEqual(600_000);
    await bus.expectClean();
  });

  test('finds an outcome although its caller is gone and only reported it as unknown', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const { promise, resolve } = Promise.withResolvers<void>();
    await bus.worker(async () => {
      await promise;
      return succeeded('finished');
    });
    const { sent, outcome } = send(caller);
    await until(() => bus.runs.size === 1);
    await caller.close();
    expect(failureOf(await outcome)).toBe('shutting_down/unknown');
    expect(await other.find(sent)).toEqual({ state: 'pending' });
    resolve();
    await until(async () => (await other.find(sent)).state === 'settled');
    expect(await other.find(sent)).toEqual({ state: 'settled', outcome: succeeded('finished'), isReported: true });
  });

  test('cancels a running call: its handler is stopped and its caller is told', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const { handle, started, stopped } = createHangingHandler();
    await bus.worker(handle);
    const { sent, outcome } = send(caller);
    await until(() => started.length === 1);
    await other.cancel(sent);
    await until(() => stopped.length === 1);
    expect(stopped).toMatchObject([{ callId: sent.callId, reason: { code: 'cancelled' } }]);
    expect(failureOf(await outcome)).toBe('cancelled/unknown');
    expect(foundAs(await other.find(sent))).toBe('cancelled/unknown');
    await bus.expectClean();
  });

  test('cancels a waiting call: it provably never starts, and its caller is told at once', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const { sent, outcome } = send(caller, { ms: 20_000 });
    await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 1);
    await other.cancel(sent);
    expect(failureOf(await outcome)).toBe('cancelled/not_started');
    expect(foundAs(await other.find(sent))).toBe('cancelled/not_started');
    await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 0);
    await bus.expectClean();
  });

  test('changes nothing by cancelling a call that is over', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    await bus.worker();
    const { sent, outcome } = send(caller);
    await outcome;
    await other.cancel(sent);
    expect(await other.find(sent)).toEqual({ state: 'settled', outcome: succeeded(1), isReported: true });
  });
});

describe('a call without a reply', () => {
  test('is worker_lost when another worker has noticed the loss', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const child = await bus.child();
    const { sent, outcome } = send(caller, { body: { waitMs: 30_000 }, ms: 20_000 });
    await received(child, 'started');
    child.kill('SIGKILL');
    await bus.worker();
    expect(failureOf(await outcome)).toBe('worker_lost/unknown');
    expect(foundAs(await other.find(sent))).toBe('worker_lost/unknown');
    await bus.expectClean();
  });

  test('is pending until its deadline and unknown a second later, if its worker died and nobody noticed', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const child = await bus.child({ lockDurationMs: 60_000, stalledIntervalMs: 60_000 });
    const { sent, outcome } = send(caller, { body: { waitMs: 30_000 }, ms: 1500 });
    await received(child, 'started');
    child.kill('SIGKILL');
    await caller.close();
    await outcome;
    expect(await other.find(sent)).toEqual({ state: 'pending' });
    await until(() => Date.now() > sent.deadline + 1000);
    expect(foundAs(await other.find(sent))).toBe('deadline_exceeded/unknown');
  });

  test('has provably not started if nobody has taken it a second after its deadline', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const { sent } = send(caller, { ms: 1500 });
    await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 1);
    void caller.close();
    await until(() => Date.now() > sent.deadline + 1000);
    expect(foundAs(await other.find(sent))).toBe('deadline_exceeded/not_started');
    expect(await bus.redis.get(keys.fence(bus.queue, sent.callId))).toBe('cancelled');
  });

  test.each([-1100, -50_500])('is unknown without its fence, because that proves nothing: %d ms (F1)', async (ms) => {
    await using bus = openBus();
    const other = await bus.caller();
    const sent: SentCall = { ...other.describe(randomUUID(), 'a', inMs(ms)), replyTo: 'somebody' };
    expect(foundAs(await other.find(sent))).toBe('deadline_exceeded/unknown');
    await other.cancel(sent);
    expect(foundAs(await other.find(sent))).toBe('deadline_exceeded/unknown');
  });

  test('that was cancelled before it was queued is not queued any more', async () => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const sent = caller.describe(randomUUID(), 'a', inMs(5000));
    await other.cancel(sent);
    await bus.worker();
    expect(failureOf(await caller.call({ ...sent, body: 1 }))).toBe('cancelled/not_started');
    expect(bus.runs.size).toBe(0);
    await bus.expectClean();
  });

  test.each<[string, (epoch: string) => string]>([
    ['an earlier run of Redis', () => '2:'.padEnd(42, '0')],
    // The fence of an earlier release has another name, so it would seem free.
    ['an earlier release', (epoch) => epoch.replace(/^2:/, '')],
  ])('of %s is unknown, and can still be stopped', async (_what, epochOf) => {
    await using bus = openBus();
    const [caller, other] = [await bus.caller(), await bus.caller()];
    const { handle, started, stopped } = createHangingHandler();
    await bus.worker(handle);
    const neverSent = caller.describe(randomUUID(), 'a', inMs(5000));
    // Workers may still report to a Redis that has only just come back.
    await until(async () => foundAs(await other.find({ ...neverSent, epoch: epochOf(neverSent.epoch) })) !== 'pending');
    const { sent, outcome } = send(caller);
    await until(() => started.length === 1);
    const earlier = { ...sent, epoch: epochOf(sent.epoch) };
    await bus.redis.del(keys.fence(bus.queue, sent.callId));
    expect(foundAs(await other.find(earlier))).toBe('queue_restarted/unknown');
    await other.cancel(earlier);
    await until(() => stopped.length === 1);
    expect(failureOf(await outcome)).toBe('cancelled/unknown');
  });
});

test('a worker that is back a moment after Redis still tells how a call ended', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { promise, resolve } = Promise.withResolvers<void>();
  await bus.worker(async () => {
    await promise;
    return succeeded('finished');
  });
  const { sent } = send(caller);
  await until(() => bus.runs.size === 1);
  const earlier = { ...sent, epoch: '2:'.padEnd(42, '0') };
  const restarted = await bus.caller();
  expect(await restarted.find(earlier)).toEqual({ state: 'pending' });
  resolve();
  await until(async () => (await restarted.find(earlier)).state === 'settled');
  expect(await restarted.find(earlier)).toEqual({ state: 'settled', outcome: succeeded('finished'), isReported: true });
});

describe('a kept reply', () => {
  test.each<[string, Partial<SentCall>]>([
    ['another tenant', { tenant: 'b' }],
    ['another caller', { replyTo: 'somebody' }],
  ])('is not found for %s', async (_name, change) => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker();
    const { sent, outcome } = send(caller);
    await outcome;
    expect(await caller.find({ ...sent, ...change })).toEqual({ state: 'pending' });
    expect(bus.events).toContainEqual({ type: 'reply_rejected', callId: sent.callId });
  });

  test('is not found for another call, nor without the keys', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const stranger = await bus.caller({ keys: parseCallKeys(`k1:${Buffer.alloc(32, 9).toString('base64')}`) });
    await bus.worker();
    const [one, two] = [send(caller), send(caller)];
    await Promise.all([one.outcome, two.outcome]);
    await bus.redis.set(
      keys.reply(bus.queue, one.sent.callId),
      (await bus.redis.get(keys.reply(bus.queue, two.sent.callId))) ?? '',
    );
    expect(await caller.find(one.sent)).toEqual({ state: 'pending' });
    expect(await stranger.find(two.sent)).toEqual({ state: 'pending' });
  });
});

test('without Redis finding and cancelling reject at once with queue_unavailable', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const caller = await bus.caller();
  const sent = caller.describe(randomUUID(), 'a', inMs(5000));
  await server.kill();
  await until(() => !caller.isReady());
  for (const ask of [() => caller.find(sent), () => caller.cancel(sent), async () => caller.describe('x', 'a', 1)]) {
    await expect(ask()).rejects.toMatchObject({ name: 'AppError', code: 'queue_unavailable' });
  }
});
