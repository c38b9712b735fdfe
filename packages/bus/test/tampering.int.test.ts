import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { createCallCipher, parseCallKeys } from '@toolplane/sealing';
import { type Envelope, sealCall, sealReply } from '../src/calls/envelope.ts';
import type { Caller } from '../src/index.ts';
import { channels, keys, QUEUE_PREFIX, queueName } from '../src/keys.ts';
import { openStranger, type Stranger } from './stranger.ts';
import { createHangingHandler, failureOf, inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

/** Returns an envelope that was never delivered and whose call has ended. */
async function captureCancelled(caller: Caller, stranger: Stranger, callId: string): Promise<Envelope> {
  const controller = new AbortController();
  const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(8000), signal: controller.signal });
  await until(async () => !(await stranger.isGone(callId)));
  const envelope = await stranger.capture(callId);
  controller.abort();
  expect(failureOf(await call)).toBe('cancelled/not_started');
  return envelope;
}

const rejections = (bus: TestBus) => bus.events.filter(({ type }) => type === 'envelope_rejected').length;

describe('B120: a job that no caller sent is dropped unexecuted', () => {
  test.each<[string, (bus: TestBus, callId: string) => unknown]>([
    ['forged', () => ({ v: 1, tenant: 'a', replyTo: 'x', deadline: inMs(5000), epoch: 'e', sealed: 'k1.AAAA' })],
    ['of another form', () => ({ callId: 'x' })],
    ['empty', () => null],
    [
      'sealed with a key of its own',
      ({ queue }, callId) => {
        const cipher = createCallCipher(parseCallKeys(`k1:${Buffer.alloc(32, 7).toString('base64')}`));
        const clear = { v: 1, tenant: 'a', replyTo: 'x', deadline: inMs(5000), epoch: 'e' };
        return sealCall(cipher, { ...clear, queue, callId }, '1');
      },
    ],
  ])('%s', async (_name, envelopeFor) => {
    await using bus = openBus();
    await using stranger = openStranger(bus);
    const callId = randomUUID();
    await bus.worker();
    await stranger.put(callId, envelopeFor(bus, callId));
    await until(() => rejections(bus) === 1);
    expect(bus.runs.size).toBe(0);
    expect(await bus.redis.exists(keys.reply(bus.queue, callId), keys.fence(bus.queue, callId))).toBe(0);
  });

  test.each<[string, (envelope: Envelope) => Envelope]>([
    ['tenant', (envelope) => ({ ...envelope, tenant: 'b' })],
    ['deadline', (envelope) => ({ ...envelope, deadline: envelope.deadline + 1000 })],
    ['replyTo', (envelope) => ({ ...envelope, replyTo: 'another-caller' })],
    ['epoch', (envelope) => ({ ...envelope, epoch: '0'.repeat(40) })],
    ['version', (envelope) => ({ ...envelope, v: envelope.v + 1 })],
    ['keeping time of its reply', (envelope) => ({ ...envelope, keepReplyMs: 3_600_000 })],
    ['keeping time of its reply that no caller can ask for', (envelope) => ({ ...envelope, keepReplyMs: 2 ** 40 })],
  ])('captured, with another %s', async (_name, change) => {
    await using bus = openBus();
    await using stranger = openStranger(bus);
    const caller = await bus.caller();
    const callId = randomUUID();
    const envelope = await captureCancelled(caller, stranger, callId);
    await until(() => stranger.isGone(callId));
    await bus.redis.del(keys.fence(bus.queue, callId));
    await bus.worker();
    await stranger.put(callId, change(envelope));
    await until(() => rejections(bus) === 1);
    expect(bus.runs.size).toBe(0);
  });

  test('captured, under another id or in another queue', async () => {
    await using bus = openBus();
    await using other = openBus();
    await using stranger = openStranger(bus);
    await using strangerElsewhere = openStranger(other);
    const caller = await bus.caller();
    const callId = randomUUID();
    const envelope = await captureCancelled(caller, stranger, callId);
    await bus.worker();
    await other.worker(undefined, { keys: parseCallKeys(bus.keyText) });
    await stranger.put(randomUUID(), envelope);
    await strangerElsewhere.put(callId, envelope);
    await until(() => rejections(bus) === 1 && rejections(other) === 1);
    expect(bus.runs.size + other.runs.size).toBe(0);
  });
});

describe('a call that is delivered twice', () => {
  test('F34: runs once, and the caller gets the outcome of that run', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const { promise, resolve: finish } = Promise.withResolvers<void>();
    await bus.worker(async () => {
      await promise;
      return succeeded('once');
    });
    const id = randomUUID();
    const call = caller.call({ callId: id, tenant: 'a', body: 1, deadline: inMs(8000) });
    await until(() => bus.runs.size === 1);
    const name = queueName(bus.queue);
    await bus.redis.lpush(`${QUEUE_PREFIX}:${name}:wait`, id);
    await bus.redis.zadd(`${QUEUE_PREFIX}:${name}:marker`, 0, '0');
    await until(() => bus.events.some(({ type }) => type === 'already_started'));
    finish();
    expect(await call).toEqual(succeeded('once'));
    expect(bus.runs.get(id)).toBe(1);
    await bus.expectClean();
  });

  test('B120: replayed after it ended, even at once and on the same worker, does not run again', async () => {
    await using bus = openBus();
    await using stranger = openStranger(bus);
    const caller = await bus.caller();
    let envelope: Envelope | undefined;
    await bus.worker(
      async ({ callId, body }) => {
        envelope = await stranger.capture(callId);
        return succeeded(body);
      },
      { concurrency: 1 },
    );
    const id = randomUUID();
    await caller.call({ callId: id, tenant: 'a', body: 1, deadline: inMs(8000) });
    await until(() => stranger.isGone(id));
    await stranger.put(id, envelope);
    await until(() => bus.events.some(({ type }) => type === 'already_started'));
    expect(bus.runs.get(id)).toBe(1);
    await bus.expectClean();
  });

  test('replayed when its fence is gone, does not run again, and the event says why', async () => {
    await using bus = openBus();
    await using stranger = openStranger(bus);
    const caller = await bus.caller();
    let envelope: Envelope | undefined;
    await bus.worker(async ({ callId, body }) => {
      envelope = await stranger.capture(callId);
      return succeeded(body);
    });
    const id = randomUUID();
    await caller.call({ callId: id, tenant: 'a', body: 1, deadline: inMs(8000) });
    await until(() => stranger.isGone(id));
    await bus.redis.del(keys.fence(bus.queue, id));
    await stranger.put(id, envelope);
    await until(() => bus.events.some(({ type }) => type === 'fence_missing'));
    expect(bus.events.filter(({ type }) => type === 'already_started')).toEqual([]);
    expect(bus.runs.get(id)).toBe(1);
  });
});

describe('B121: a reply that no worker sent is ignored', () => {
  test.each<[string, (bus: TestBus, callId: string, replyTo: string) => string]>([
    ['forged', (_bus, callId) => `${callId} k1.AAAA`],
    ['without anything sealed', (_bus, callId) => `${callId} `],
    [
      'from a worker, but for another call',
      ({ queue, keyText }, callId, replyTo) => {
        const cipher = createCallCipher(parseCallKeys(keyText));
        const reply = sealReply(
          cipher,
          { queue, callId: 'other', tenant: 'a', replyTo },
          { outcome: succeeded('forged') },
        );
        return reply.replace('other', callId);
      },
    ],
    [
      'from a worker, but for another tenant',
      ({ queue, keyText }, callId, replyTo) => {
        const cipher = createCallCipher(parseCallKeys(keyText));
        return sealReply(cipher, { queue, callId, tenant: 'b', replyTo }, { outcome: succeeded('forged') });
      },
    ],
  ])('%s', async (_name, forge) => {
    await using bus = openBus();
    await using stranger = openStranger(bus);
    const caller = await bus.caller();
    const { handle, started } = createHangingHandler();
    await bus.worker(handle);
    const callId = randomUUID();
    const controller = new AbortController();
    const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(8000), signal: controller.signal });
    await until(() => started.length === 1);
    const { replyTo } = await stranger.capture(callId);
    await bus.redis.publish(channels.replies(bus.queue, replyTo), forge(bus, callId, replyTo));
    await until(() => bus.events.some(({ type }) => type === 'reply_rejected'));
    controller.abort();
    expect(failureOf(await call)).toBe('cancelled/unknown');
  });
});

test('a call of a release unknown to the worker is refused as incompatible, provably not started', async () => {
  await using bus = openBus();
  await using stranger = openStranger(bus);
  const caller = await bus.caller();
  const callId = randomUUID();
  const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(4000) });
  await until(async () => !(await stranger.isGone(callId)));
  await sealAnew(bus, stranger, callId, { v: 4 });
  await bus.worker();
  expect(failureOf(await call)).toBe('incompatible/not_started');
  expect(bus.runs.size).toBe(0);
  await bus.expectClean();
});

test('a worker whose clock puts the deadline too far ahead refuses the call, provably not started', async () => {
  await using bus = openBus();
  await using stranger = openStranger(bus);
  const caller = await bus.caller();
  const callId = randomUUID();
  const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(4000) });
  await until(async () => !(await stranger.isGone(callId)));
  await sealAnew(bus, stranger, callId, { deadline: inMs(310_000) });
  await bus.worker();
  expect(failureOf(await call)).toBe('invalid_request/not_started');
  expect(bus.runs.size).toBe(0);
});

/** Replaces the call as somebody with the keys of the bus would send it, with other routing. */
async function sealAnew(bus: TestBus, stranger: Stranger, callId: string, changes: Partial<Envelope>): Promise<void> {
  const { sealed: _sealed, ...clear } = await stranger.capture(callId);
  const cipher = createCallCipher(parseCallKeys(bus.keyText));
  const envelope = sealCall(cipher, { ...clear, ...changes, queue: bus.queue, callId }, '1');
  await bus.redis.hset(`${QUEUE_PREFIX}:${queueName(bus.queue)}:${callId}`, 'data', JSON.stringify(envelope));
}
