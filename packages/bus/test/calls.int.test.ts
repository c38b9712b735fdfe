import { randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { CALL_BYTES_MAX } from '../src/calls/call-queue.ts';
import { KEEP_HEARD_BYTES, LARGE_REPLY_BYTES } from '../src/calls/reply-sender.ts';
import { keys } from '../src/keys.ts';
import { createHangingHandler, failureOf, inMs, openBus } from './test-bus.ts';
import { until } from './until.ts';

describe('a call', () => {
  test('carries its body to the worker and the outcome back', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(async ({ tenant, body }) => succeeded({ tenant, body }));
    const outcome = await caller.call({ tenant: 'a', body: { text: 'grüße', list: [1, null] }, deadline: inMs(5000) });
    expect(outcome).toEqual(succeeded({ tenant: 'a', body: { text: 'grüße', list: [1, null] } }));
    await bus.expectClean();
  });

  test('gets its own answer, even if many are made at once', async () => {
    await using bus = openBus();
    const [one, other] = [await bus.caller({ tenantInFlightMax: 100 }), await bus.caller({ tenantInFlightMax: 100 })];
    await bus.worker();
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, body) =>
        (body % 2 === 0 ? one : other).call({ tenant: `t${body % 3}`, body, deadline: inMs(5000) }),
      ),
    );
    expect(outcomes).toEqual(Array.from({ length: 60 }, (_, body) => succeeded(body)));
    expect(bus.runs.size).toBe(60);
    await bus.expectClean();
  });

  test('whose handler throws is unknown, and reveals nothing of what was thrown', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(async () => {
      throw new Error('canary-in-error');
    });
    const outcome = await caller.call({ tenant: 'a', body: 1, deadline: inMs(5000) });
    expect(failureOf(outcome)).toBe('internal/unknown');
    expect(JSON.stringify(outcome)).not.toContain('canary');
    expect(bus.events.some(({ type }) => type === 'handler_failed')).toBe(true);
  });

  test('leaves nothing of its body and outcome in the clear in Redis, and only expiring keys', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(async () => {
      const whileActive = await dumpOf(bus);
      expect(whileActive).toContain('sealed');
      expect(whileActive).not.toContain('canary');
      return succeeded('canary-in-result');
    });
    expect(await caller.call({ tenant: 'a', body: 'canary-in-body', deadline: inMs(5000) })).toMatchObject({
      ok: true,
    });
    const [callId = ''] = bus.runs.keys();
    await until(async () => (await bus.redis.exists(`tp:queue:${bus.queue}-2:${callId}`)) === 0);
    expect(await dumpOf(bus)).not.toContain('canary');
    expect(await bus.redis.pttl(keys.reply(bus.queue, callId))).toBeGreaterThan(0);
    expect(await bus.redis.pttl(keys.fence(bus.queue, callId))).toBeGreaterThan(0);
    await bus.expectClean();
  });

  test('leaves a large answer in Redis for a quarter of the time once its caller has heard it (T39)', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(async ({ body }) => succeeded('x'.repeat(body as number)));
    const keptMs = async (bytes: number) => {
      const callId = randomUUID();
      await caller.call({ callId, tenant: 'a', body: bytes, deadline: inMs(5000) });
      return bus.redis.pttl(keys.reply(bus.queue, callId));
    };
    const largeMs = await keptMs(LARGE_REPLY_BYTES);
    expect(largeMs).toBeGreaterThan(0);
    expect(largeMs).toBeLessThanOrEqual(15_000);
    expect(await keptMs(1000)).toBeGreaterThan(15_000);
  });

  test('leaves no more of the large answers of one organization than its share, and of others theirs (T39)', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(async () => succeeded('x'.repeat(1_000_000)));
    const callAs = async (organization: string) => {
      const callId = randomUUID();
      const outcome = await caller.call({ callId, tenant: organization, organization, body: 1, deadline: inMs(5000) });
      expect(outcome).toMatchObject({ ok: true });
      return keys.reply(bus.queue, callId);
    };
    const copies: string[] = [];
    for (let n = 0; n < 40; n += 1) copies.push(await callAs('greedy'));
    const sizes = await Promise.all(copies.map((copy) => bus.redis.strlen(copy)));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(KEEP_HEARD_BYTES / 2);
    expect(bytes).toBeLessThanOrEqual(KEEP_HEARD_BYTES);
    expect(await bus.redis.strlen(await callAs('other'))).toBeGreaterThan(1_000_000);
  });
});

describe('a deadline', () => {
  test('stops the handler and ends a call of 300 ms right after it', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const { handle, stopped } = createHangingHandler();
    await bus.worker(handle);
    const startedAt = Date.now();
    expect(failureOf(await caller.call({ tenant: 'a', body: 1, deadline: inMs(300) }))).toBe(
      'deadline_exceeded/unknown',
    );
    expect(Date.now() - startedAt).toBeLessThan(2300);
    expect(stopped).toMatchObject([{ reason: { code: 'deadline_exceeded' } }]);
    await bus.expectClean();
  });

  test('ends a call within a second although its handler does not stop', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker(() => new Promise(() => {}));
    const startedAt = Date.now();
    expect(failureOf(await caller.call({ tenant: 'a', body: 1, deadline: inMs(200) }))).toBe(
      'deadline_exceeded/unknown',
    );
    expect(Date.now() - startedAt).toBeLessThan(2200);
  });

  test('F6: without any worker ends the call as provably not started, and removes the job', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const outcomes = await Promise.all(
      [1, 2, 3].map((body) => caller.call({ tenant: 'a', body, deadline: inMs(200) })),
    );
    expect(outcomes.map(failureOf)).toEqual(Array(3).fill('deadline_exceeded/not_started'));
    expect(caller.isReady()).toBe(true);
    await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 0);
    await bus.worker();
    expect(await caller.call({ tenant: 'a', body: 4, deadline: inMs(5000) })).toEqual(succeeded(4));
    expect(bus.runs.size).toBe(1);
    await bus.expectClean();
  });

  test('with too little time left refuses a call that waited, as not started', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(1600) });
    await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 1);
    const dueAt = Date.now() + 900;
    await until(() => Date.now() > dueAt);
    await bus.worker();
    expect(failureOf(await call)).toBe('deadline_exceeded/not_started');
    expect(bus.runs.size).toBe(0);
  });

  test.each([
    ['that has passed', -1, 'deadline_exceeded/not_started'],
    ['more than 305 s ahead', 306_000, 'invalid_request/not_started'],
  ])('%s is refused at once', async (_name, ms, expected) => {
    await using bus = openBus();
    const caller = await bus.caller();
    expect(failureOf(await caller.call({ tenant: 'a', body: 1, deadline: inMs(ms) }))).toBe(expected);
    await bus.expectClean();
  });
});

describe('cancelling', () => {
  test('stops the handler and answers at once', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const { handle, started, stopped } = createHangingHandler();
    await bus.worker(handle);
    const controller = new AbortController();
    const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000), signal: controller.signal });
    await until(() => started.length === 1);
    controller.abort();
    expect(failureOf(await call)).toBe('cancelled/unknown');
    await until(() => stopped.length === 1);
    expect(stopped).toMatchObject([{ reason: { code: 'cancelled' } }]);
    await bus.expectClean();
  });

  test('before a worker has taken the call proves that it never starts', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const controller = new AbortController();
    const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000), signal: controller.signal });
    await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:wait`)) === 1);
    controller.abort();
    expect(failureOf(await call)).toBe('cancelled/not_started');
    await bus.expectClean();
  });

  test('before the call is made starts nothing', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000), signal: AbortSignal.abort() });
    expect(failureOf(await call)).toBe('cancelled/not_started');
  });

  test('between its admission and its turn in the queue leaves it not started, and nothing of it in Redis', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker();
    const callId = randomUUID();
    const controller = new AbortController();
    const { signal } = controller;
    const onAdmitted = () => controller.abort();
    const call = caller.call({ callId, tenant: 'a', body: 1, deadline: inMs(20_000), signal, onAdmitted });
    expect(failureOf(await call)).toBe('cancelled/not_started');
    expect(await caller.call({ tenant: 'a', body: 2, deadline: inMs(20_000) })).toEqual(succeeded(2));
    expect(await bus.redis.exists(keys.fence(bus.queue, callId))).toBe(0);
    await bus.expectClean();
  });

  test('leaves no listener on the signal of a call that ended', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker();
    const { signal } = new AbortController();
    expect(await caller.call({ tenant: 'a', body: 1, deadline: inMs(5000), signal })).toEqual(succeeded(1));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('admission', () => {
  test('refuses a tenant beyond its limit at once, even in a burst, and no other tenant', async () => {
    await using bus = openBus();
    const caller = await bus.caller({ tenantInFlightMax: 3 });
    const { handle } = createHangingHandler();
    await bus.worker(handle);
    const burst = Array.from({ length: 8 }, (_, body) => caller.call({ tenant: 'noisy', body, deadline: inMs(1500) }));
    const quiet = caller.call({ tenant: 'quiet', body: 1, deadline: inMs(1500) });
    const outcomes = (await Promise.all(burst)).map(failureOf);
    expect(outcomes.filter((outcome) => outcome === 'tenant_busy/not_started')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 'deadline_exceeded/unknown')).toHaveLength(3);
    expect(failureOf(await quiet)).toBe('deadline_exceeded/unknown');
    expect(bus.runs.size).toBe(4);
    await bus.expectClean();
  });

  test('applies the limits to all callers together', async () => {
    await using bus = openBus();
    const callers = [await bus.caller({ totalInFlightMax: 5 }), await bus.caller({ totalInFlightMax: 5 })];
    const calls = Array.from({ length: 9 }, (_, n) =>
      callers[n % 2]?.call({ tenant: `t${n}`, body: n, deadline: inMs(400) }),
    );
    const outcomes = (await Promise.all(calls)).map((outcome) => outcome && failureOf(outcome));
    expect(outcomes.filter((outcome) => outcome === 'queue_full/not_started')).toHaveLength(4);
    expect(outcomes.filter((outcome) => outcome === 'deadline_exceeded/not_started')).toHaveLength(5);
    await bus.expectClean();
  });

  test('never lets more than the limit run, however often calls follow each other', async () => {
    await using bus = openBus();
    const callers = [await bus.caller({ tenantInFlightMax: 4 }), await bus.caller({ tenantInFlightMax: 4 })];
    let running = 0;
    let runningMax = 0;
    await bus.worker(async () => {
      runningMax = Math.max(runningMax, ++running);
      await new Promise(setImmediate);
      running -= 1;
      return succeeded(1);
    });
    await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        for (let turn = 0; turn < 15; turn++) {
          await callers[n % 2]?.call({ tenant: 'a', body: n, deadline: inMs(3000 + turn * 1000) });
        }
      }),
    );
    expect(runningMax).toBeLessThanOrEqual(4);
    await bus.expectClean();
  });

  test('F9: lets the leases of a caller that died expire by themselves', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    const call = caller.call({ tenant: 'a', body: 1, deadline: inMs(500) });
    await until(async () => (await bus.redis.zcard(`tp:leases:${bus.queue}`)) === 1);
    const [, runsOutAt] = await bus.redis.zrange(`tp:leases:${bus.queue}`, '0', '-1', 'WITHSCORES');
    expect(Number(runsOutAt)).toBeLessThanOrEqual(inMs(500 + 3000));
    expect(await bus.redis.pttl(`tp:leases:${bus.queue}:a`)).toBeGreaterThan(0);
    await call;
    await bus.expectClean();
  });

  test('refuses a body that is too large, without affecting other calls', async () => {
    await using bus = openBus();
    const caller = await bus.caller();
    await bus.worker();
    const [large, small] = await Promise.all([
      caller.call({ tenant: 'a', body: 'x'.repeat(CALL_BYTES_MAX), deadline: inMs(5000) }),
      caller.call({ tenant: 'a', body: 'x', deadline: inMs(5000) }),
    ]);
    expect(failureOf(large)).toBe('payload_too_large/not_started');
    expect(small).toEqual(succeeded('x'));
    await bus.expectClean();
  });
});

/** Everything in Redis that belongs to the queue, as text. */
async function dumpOf({ redis, queue }: Pick<ReturnType<typeof openBus>, 'redis' | 'queue'>) {
  const found = await redis.keys(`tp:*${queue}*`);
  const contents = await Promise.all(
    found.map(async (key) => {
      switch (await redis.type(key)) {
        case 'hash':
          return redis.hgetall(key);
        case 'stream':
          return redis.xrange(key, '-', '+');
        case 'list':
          return redis.lrange(key, 0, -1);
        case 'zset':
          return redis.zrange(key, '0', '-1');
        default:
          return redis.get(key);
      }
    }),
  );
  return JSON.stringify(contents);
}
