import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import { CALLS_PER_JOB_MAX } from '../src/calls/job-calls.ts';
import type { Caller } from '../src/index.ts';
import { openStranger } from './stranger.ts';
import { createHangingHandler, failureOf, inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

/** Makes all calls in one event-loop turn. */
const callAll = (caller: Caller, bodies: readonly (string | number)[], deadline = inMs(10_000)) =>
  bodies.map((body) => caller.call({ tenant: 'a', body, deadline }));
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
const key = (bus: TestBus, part: string) => `tp:queue:${bus.queue}-2:${part}`;
const jobIds = (bus: TestBus) => bus.redis.lrange(key(bus, 'wait'), 0, -1);

test('calls of one turn share jobs of limited size; a large call has its own', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const bodies = [...numbers(CALLS_PER_JOB_MAX), 'x'.repeat(100_000), ...numbers(3)];
  const calls = callAll(caller, bodies);
  await until(async () => (await caller.depth()).waiting === bodies.length);
  expect(await jobIds(bus)).toHaveLength(3);
  expect((await caller.depth()).oldestMs).toBeGreaterThanOrEqual(0);
  await bus.worker();
  expect(await Promise.all(calls)).toEqual(bodies.map((body) => succeeded(body)));
  await until(async () => (await caller.depth()).active === 0);
  await bus.expectClean();
});

test('a worker runs as many calls at once as it is set to, however its jobs are filled', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  let running = 0;
  let most = 0;
  const handle: HandleCall = async ({ body }) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    return succeeded(body);
  };
  const bodies = numbers(20);
  const calls = callAll(caller, bodies);
  await until(async () => (await caller.depth()).waiting === bodies.length);
  await bus.worker(handle, { concurrency: 3 });
  expect(await Promise.all(calls)).toEqual(bodies.map((body) => succeeded(body)));
  expect(most).toBe(3);
  await bus.expectClean();
});

test('a slow call keeps only its own place, not those of the calls that share its job', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle: hang, started } = createHangingHandler();
  const handle: HandleCall = (call) => (call.body === 'slow' ? hang(call) : Promise.resolve(succeeded(call.body)));
  const stop = new AbortController();
  const slow = caller.call({ tenant: 'a', body: 'slow', deadline: inMs(20_000), signal: stop.signal });
  const fast = callAll(caller, numbers(3));
  await until(async () => (await caller.depth()).waiting === 4);
  await bus.worker(handle, { concurrency: 4 });
  expect(await Promise.all(fast)).toEqual(numbers(3).map((body) => succeeded(body)));
  expect(started).toHaveLength(1);
  // No job has ended, so BullMQ would not look for another one on its own.
  expect(await Promise.all(callAll(caller, [4, 5, 6]))).toEqual([4, 5, 6].map((body) => succeeded(body)));
  stop.abort();
  expect(failureOf(await slow)).toBe('cancelled/unknown');
  await bus.expectClean();
});

test('a worker that has enough to do leaves jobs to others', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle: hang, started } = createHangingHandler();
  await bus.worker(hang, { concurrency: 2 });
  const stop = new AbortController();
  const slow = numbers(5).map((body) =>
    caller.call({ tenant: 'a', body, deadline: inMs(20_000), signal: stop.signal }),
  );
  await until(() => started.length === 2);
  await bus.worker();
  expect(await Promise.all(callAll(caller, numbers(10)))).toEqual(numbers(10).map((body) => succeeded(body)));
  stop.abort();
  // Three calls had not started, as their fences prove.
  const ends = (await Promise.all(slow)).map(failureOf);
  expect(ends.filter((end) => end === 'cancelled/not_started')).toHaveLength(3);
  expect(ends.filter((end) => end === 'cancelled/unknown')).toHaveLength(2);
  await until(async () => (await caller.depth()).active === 0);
  expect(bus.events.filter(({ type }) => type === 'already_started')).toEqual([]);
  await bus.expectClean();
});

test('a worker that starts with a backlog takes what it has room for, and leaves the rest', async () => {
  await using bus = openBus();
  const caller = await bus.caller({ tenantInFlightMax: 100 });
  const stop = new AbortController();
  const calls = numbers(40).map((body) =>
    caller.call({ tenant: 'a', body, deadline: inMs(20_000), signal: stop.signal }),
  );
  await until(async () => (await caller.depth()).waiting === 40);
  const first = createHangingHandler();
  await bus.worker(first.handle, { concurrency: 10 });
  await until(() => first.started.length === CALLS_PER_JOB_MAX);
  const second = createHangingHandler();
  await bus.worker(second.handle, { concurrency: 50 });
  await until(() => second.started.length === 40 - CALLS_PER_JOB_MAX);
  expect(first.started).toHaveLength(CALLS_PER_JOB_MAX);
  stop.abort();
  expect((await Promise.all(calls)).map(failureOf)).toEqual(Array(40).fill('cancelled/unknown'));
  await bus.expectClean();
});

test('a worker that is closed refuses the calls that wait in it for a place', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, started } = createHangingHandler();
  const worker = await bus.worker(handle, { concurrency: 1 });
  const calls = callAll(caller, numbers(3));
  await until(() => started.length === 1);
  await worker.close({ graceMs: 0 });
  const ends = (await Promise.all(calls)).map(failureOf).sort();
  expect(ends).toEqual(['shutting_down/not_started', 'shutting_down/not_started', 'shutting_down/unknown']);
  await bus.expectClean();
});

test('a job is removed when the last of its calls is cancelled, not before', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const stops = numbers(3).map(() => new AbortController());
  const calls = stops.map(({ signal }, body) => caller.call({ tenant: 'a', body, deadline: inMs(20_000), signal }));
  await until(async () => (await jobIds(bus)).length === 1);
  for (const stop of stops.slice(1)) stop.abort();
  expect((await Promise.all(calls.slice(1))).map(failureOf)).toEqual(Array(2).fill('cancelled/not_started'));
  expect(await jobIds(bus)).toHaveLength(1);
  stops[0]?.abort();
  expect(failureOf(await (calls[0] as Promise<never>))).toBe('cancelled/not_started');
  await until(async () => (await jobIds(bus)).length === 0);
  await bus.expectClean();
});

test('whatever is not a call in a job is dropped, and the calls beside it run', async () => {
  await using bus = openBus();
  await using stranger = openStranger(bus);
  const caller = await bus.caller();
  const calls = callAll(caller, numbers(2));
  await until(async () => (await jobIds(bus)).length === 1);
  const [jobId = ''] = await jobIds(bus);
  const shared = (await stranger.capture(jobId)) as unknown as { calls: Record<string, unknown>[] };
  const [first, second] = shared.calls;
  // The same call twice, a call with another id, and nonsense; then more calls than a job may contain.
  const forged = [first, { ...second, callId: 'another' }, { callId: 'x' }, first];
  await stranger.put('forged', { calls: forged });
  await stranger.put('too-many', { calls: Array(CALLS_PER_JOB_MAX + 1).fill(first) });
  await bus.worker();
  expect(await Promise.all(calls)).toEqual([succeeded(0), succeeded(1)]);
  const rejected = () => bus.events.flatMap((event) => (event.type === 'envelope_rejected' ? [event.callId] : []));
  await until(() => rejected().length === 3);
  expect(rejected().sort()).toEqual(['another', 'too-many', 'x']);
  await bus.expectClean();
});
