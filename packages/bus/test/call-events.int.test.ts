import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type CallEvent, succeeded } from '@toolplane/contracts';
import { createCallCipher, parseCallKeys } from '@toolplane/sealing';
import { sealEvent } from '../src/calls/call-events.ts';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import type { ReplyRouting } from '../src/calls/envelope.ts';
import { channels, keys } from '../src/keys.ts';
import { inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

const progress = (count: number): CallEvent => ({ kind: 'progress', progress: count });

/** Reports three events, waits until it may continue, reports one more and answers. */
function createReportingHandler(): { handle: HandleCall; goOn(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle: HandleCall = async ({ body, notify }) => {
    for (const count of [1, 2, 3]) notify(progress(count));
    await promise;
    notify({ kind: 'log', level: 'info', data: { text: 'canary' } });
    return succeeded(body);
  };
  return { handle, goOn: resolve };
}

/** Records what every authorized listener receives on the reply channels. */
async function intercept(bus: TestBus): Promise<string[]> {
  const received: string[] = [];
  const listener = bus.redis.duplicate();
  listener.on('pmessage', (_pattern, _channel, message: string) => received.push(message));
  await listener.psubscribe(channels.replies(bus.queue, '*'));
  bus.redis.once('end', () => listener.disconnect());
  return received;
}

describe('what a handler reports', () => {
  test('reaches its own caller in order, all of it before the outcome, for many calls at once', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(async ({ body, notify }) => {
      for (let count = 1; count <= 8; count++) {
        notify({ kind: 'progress', progress: count, message: `${body}` });
        if (count % 3 === 0) await new Promise(setImmediate);
      }
      return succeeded(body);
    });
    const reported = await Promise.all(
      Array.from({ length: 12 }, async (_, body) => {
        const events: CallEvent[] = [];
        const onEvent = (event: CallEvent) => void events.push(event);
        expect(await caller.call({ tenant: 'a', body, deadline: inMs(5000), onEvent })).toEqual(succeeded(body));
        return [...events];
      }),
    );
    const expected = (body: number) =>
      Array.from({ length: 8 }, (_, index) => ({ kind: 'progress', progress: index + 1, message: `${body}` }));
    expect(reported).toEqual(Array.from({ length: 12 }, (_, body) => expected(body)));
    await bus.expectClean();
  });

  test('arrives sealed while the call still runs, and leaves no key in Redis', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const intercepted = await intercept(bus);
    const { handle, goOn } = createReportingHandler();
    await bus.worker(handle);
    const events: CallEvent[] = [];
    const callId = randomUUID();
    const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(5000), onEvent: (e) => events.push(e) });
    await until(() => events.length === 3);
    goOn();
    await call;
    expect(events).toEqual([
      progress(1),
      progress(2),
      progress(3),
      { kind: 'log', level: 'info', data: { text: 'canary' } },
    ]);
    const own = () => intercepted.filter((message) => message.includes(callId));
    await until(() => own().length === 5);
    expect(own().join()).not.toMatch(/canary|progress/);
    await until(async () => (await bus.redis.keys(`*${callId}*`)).length === 2);
    expect(await bus.redis.exists(keys.fence(bus.queue, callId), keys.reply(bus.queue, callId))).toBe(2);
    await bus.expectClean();
  });

  test('costs nothing if there is nothing to report: one message per call, the reply', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const intercepted = await intercept(bus);
    await bus.worker();
    const callIds = [1, 2, 3].map(() => randomUUID());
    await Promise.all(callIds.map((callId) => caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(5000) })));
    await until(() => callIds.every((callId) => intercepted.some((message) => message.startsWith(callId))));
    expect(intercepted.filter((message) => callIds.some((callId) => message.includes(callId)))).toHaveLength(3);
  });

  test('after the call has its outcome is not delivered', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const intercepted = await intercept(bus);
    const { handle, goOn } = createReportingHandler();
    await bus.worker(handle);
    const events: CallEvent[] = [];
    const controller = new AbortController();
    const [callId, onEvent] = [randomUUID(), (event: CallEvent) => void events.push(event)];
    const { signal } = controller;
    const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(5000), signal, onEvent });
    await until(() => events.length === 3);
    controller.abort();
    await call;
    goOn();
    await until(() => intercepted.some((message) => message.startsWith(`+${callId} 4 `)));
    expect(await caller.call({ tenant: 'a', body: 2, deadline: inMs(5000) })).toEqual(succeeded(2));
    expect(events).toHaveLength(3);
  });
});

describe('an event that the worker of the call did not just send is ignored:', () => {
  const genuine = (bus: TestBus, routing: Partial<ReplyRouting>, seq: number) => {
    const cipher = createCallCipher(parseCallKeys(bus.keyText));
    const { queue } = bus;
    return sealEvent(cipher, { queue, callId: '', tenant: 'a', replyTo: '', ...routing }, seq, progress(99));
  };
  type Known = { callId: string; replyTo: string; first: string };

  test.each<[string, (bus: TestBus, known: Known) => string]>([
    ['forged', (_bus, { callId }) => `+${callId} 9 k1.AAAA`],
    ['without anything sealed', (_bus, { callId }) => `+${callId} 9`],
    ['without a place', (_bus, { callId }) => `+${callId}`],
    ['of another tenant', (bus, { callId, replyTo }) => genuine(bus, { callId, replyTo, tenant: 'b' }, 9)],
    [
      'of another call',
      (bus, { callId, replyTo }) => genuine(bus, { callId: 'other', replyTo }, 9).replace('other', callId),
    ],
    ['of another caller', (bus, { callId }) => genuine(bus, { callId, replyTo: 'other' }, 9)],
    ['moved to a later place', (_bus, { first }) => first.replace(' 1 ', ' 9 ')],
    [
      'sealed as a reply',
      (bus, { callId, replyTo }) => {
        const binding = { purpose: 'reply', party: replyTo, aad: JSON.stringify([bus.queue, callId, 'a', replyTo, 9]) };
        const cipher = createCallCipher(parseCallKeys(bus.keyText));
        return `+${callId} 9 ${cipher.seal({ ...binding, purpose: 'reply' }, JSON.stringify(progress(99)))}`;
      },
    ],
  ])('%s', async (_name, forge) => {
    await using bus = openBus();
    const { publish, events, finish } = await openReported(bus);
    await publish(forge);
    await until(() => bus.events.some(({ type }) => type === 'reply_rejected'));
    await finish();
    expect(events.map((event) => event.kind)).toEqual(['progress', 'progress', 'progress', 'log']);
  });

  test('sent again, or of a call that is not under way', async () => {
    await using bus = openBus();
    const { publish, events, finish } = await openReported(bus);
    await publish((_bus, { first }) => first);
    await publish((_bus, { replyTo }) => genuine(bus, { callId: randomUUID(), replyTo }, 1));
    await finish();
    expect(events.map((event) => event.kind)).toEqual(['progress', 'progress', 'progress', 'log']);
    expect(bus.events.filter(({ type }) => type === 'reply_rejected')).toEqual([]);
  });

  /** A call that has reported three events and waits for `finish`. */
  async function openReported(bus: TestBus) {
    const caller = await bus.caller();
    const intercepted = await intercept(bus);
    const { handle, goOn } = createReportingHandler();
    await bus.worker(handle);
    const events: CallEvent[] = [];
    const [callId, deadline] = [randomUUID(), inMs(5000)];
    const { replyTo } = caller.describe(callId, 'a', deadline);
    const call = caller.call({ callId, tenant: 'a', body: 1, deadline, onEvent: (event) => void events.push(event) });
    await until(() => events.length === 3);
    const first = intercepted.find((message) => message.startsWith(`+${callId} 1 `)) ?? '';
    return {
      events,
      publish: (forge: (bus: TestBus, known: Known) => string) =>
        bus.redis.publish(channels.replies(bus.queue, replyTo), forge(bus, { callId, replyTo, first })),
      async finish() {
        goOn();
        expect(await call).toEqual(succeeded(1));
      },
    };
  }
});

describe('onQueued', () => {
  test('is called once when the call is in the queue, before any worker has it', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const queued: number[] = [];
    const onQueued = async () => void queued.push(await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`));
    const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(5000), onQueued });
    await until(() => queued.length === 1);
    await bus.worker();
    expect(await call).toEqual(succeeded(1));
    expect(queued).toEqual([1]);
  });

  test('is not called for a call that is refused', async () => {
    await using bus = openBus();
    const caller = await bus.caller({ tenantInFlightMax: 0 });
    let isQueued = false;
    const onQueued = () => {
      isQueued = true;
    };
    expect((await caller.call({ tenant: 'a', body: 1, deadline: inMs(5000), onQueued })).ok).toBe(false);
    expect(isQueued).toBe(false);
  });
});
