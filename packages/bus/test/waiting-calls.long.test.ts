import { expect, test } from '@jest/globals';
import { type Json, type Outcome, succeeded } from '@toolplane/contracts';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import { failureOf, inMs, openBus, received } from './test-bus.ts';
import { until } from './until.ts';

/** The call `wait` leaves its slot (twice: the second time has no effect) and ends when it is told to, or stopped. */
function createWaitingHandler() {
  const ends: ((outcome: Outcome) => void)[] = [];
  const handle: HandleCall = async ({ body, signal, leaveSlot }) => {
    if (body !== 'wait') return succeeded(body);
    leaveSlot();
    leaveSlot();
    return new Promise((resolve, reject) => {
      ends.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };
  return { handle, ends };
}

test('a waiting call lets others run in its place, and is answered when it ends', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, ends } = createWaitingHandler();
  await bus.worker(handle, { concurrency: 1 });
  const waiting = [1, 2, 3].map(() => caller.call({ tenant: 'a', body: 'wait', deadline: inMs(20_000) }));
  await until(() => ends.length === 3);
  expect(await caller.call({ tenant: 'b', body: 'other', deadline: inMs(5000) })).toEqual(succeeded('other'));
  for (const [index, end] of ends.entries()) end(succeeded(index));
  expect(await Promise.all(waiting)).toEqual(expect.arrayContaining([0, 1, 2].map((index) => succeeded(index))));
  await bus.expectClean();
});

test('at most four times as many calls as can run wait outside their slots; further calls keep theirs', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, ends } = createWaitingHandler();
  await bus.worker(handle, { concurrency: 1 });
  const wait = () => caller.call({ tenant: 'a', body: 'wait', deadline: inMs(20_000) });
  const waiting = [wait(), wait(), wait(), wait()];
  await until(() => ends.length === 4);
  const free = await caller.call({ tenant: 'b', body: 'other', deadline: inMs(5000) });
  expect(free).toEqual(succeeded('other'));
  waiting.push(wait());
  await until(() => ends.length === 5);
  const held = await caller.call({ tenant: 'a', body: 'other', deadline: inMs(500) });
  expect(failureOf(held)).toBe('deadline_exceeded/not_started');
  for (const end of ends) end(succeeded('ended'));
  expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => succeeded('ended')));
  expect(await caller.call({ tenant: 'b', body: 'other', deadline: inMs(5000) })).toEqual(succeeded('other'));
  await bus.expectClean();
});

test('an answer that cannot be sent is reported, also of a call that left its slot', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, ends } = createWaitingHandler();
  const worker = await bus.worker(handle);
  const call = caller.call({ tenant: 'a', body: 'wait', deadline: inMs(1500) });
  await until(() => ends.length === 1);
  const endless: Json[] = [];
  endless.push(endless);
  ends[0]?.(succeeded(endless));
  expect(failureOf(await call)).toBe('deadline_exceeded/unknown');
  expect(bus.events.filter(({ type }) => type === 'queue_error')).toEqual([
    { type: 'queue_error', error: expect.any(TypeError) },
  ]);
  await worker.close({ graceMs: 10_000 });
});

test('a waiting call ends at once when it is cancelled', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, ends } = createWaitingHandler();
  await bus.worker(handle, { concurrency: 1 });
  const controller = new AbortController();
  const call = caller.call({ tenant: 'a', body: 'wait', deadline: inMs(20_000), signal: controller.signal });
  await until(() => ends.length === 1);
  controller.abort();
  expect(failureOf(await call)).toBe('cancelled/unknown');
  await bus.expectClean();
});

test('a worker that shuts down waits for the calls that wait', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, ends } = createWaitingHandler();
  const worker = await bus.worker(handle);
  const call = caller.call({ tenant: 'a', body: 'wait', deadline: inMs(20_000) });
  await until(() => ends.length === 1);
  const closed = worker.close({ graceMs: 10_000 });
  ends[0]?.(succeeded('ended'));
  expect(await call).toEqual(succeeded('ended'));
  await closed;
  await bus.expectClean();
});

test('a waiting call is stopped when the grace period of its worker is over', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle, ends } = createWaitingHandler();
  const worker = await bus.worker(handle);
  const call = caller.call({ tenant: 'a', body: 'wait', deadline: inMs(20_000) });
  await until(() => ends.length === 1);
  await worker.close({ graceMs: 0 });
  expect(failureOf(await call)).toBe('shutting_down/unknown');
  await bus.expectClean();
});

test('a call whose worker dies while it waits is unknown at its deadline, and does not run again', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const child = await bus.child();
  const deadline = inMs(2500);
  const call = caller.call({ tenant: 'a', body: { leaves: true, waitMs: 30_000 }, deadline });
  await received(child, 'started');
  await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:active`)) === 0);
  child.kill('SIGKILL');
  await bus.worker();
  expect(failureOf(await call)).toBe('deadline_exceeded/unknown');
  expect(Date.now() - deadline).toBeLessThan(2000);
  await bus.expectClean();
});
