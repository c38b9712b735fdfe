import { expect, test } from '@jest/globals';
import { type Outcome, succeeded } from '@toolplane/contracts';
import { Worker as BullWorker } from 'bullmq';
import type { HandleCall } from '../src/calls/deliver-call.ts';
import type { DeliveredCall } from '../src/index.ts';
import { createHangingHandler, failureOf, inMs, openBus } from './test-bus.ts';
import { until } from './until.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

test('calls of another organization run at once while all places of a worker hang and many calls wait for one (T38)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle: hang, started } = createHangingHandler();
  const handle: HandleCall = (call) => (call.body === 'hang' ? hang(call) : Promise.resolve(succeeded(call.body)));
  await bus.worker(handle, { concurrency: 8 });
  const stop = new AbortController();
  const noisy = numbers(260).map((n) =>
    caller.call({
      tenant: `w${n % 27}`,
      organization: 'noisy',
      body: 'hang',
      deadline: inMs(30_000),
      signal: stop.signal,
    }),
  );
  await until(() => started.length === 8);
  for (const body of numbers(20)) {
    const outcome = await caller.call({ tenant: 'q', organization: 'quiet', body, deadline: inMs(20_000) });
    expect(outcome).toEqual(succeeded(body));
  }
  // The flood has not gained a slot in this way.
  expect(started).toHaveLength(8);
  stop.abort();
  const ends = (await Promise.all(noisy)).map(failureOf);
  expect(ends.filter((end) => end === 'cancelled/not_started')).toHaveLength(252);
  await bus.expectClean();
});

test('a worker without room that took jobs out of their order leaves the others to a worker that has room (T38)', async () => {
  await using bus = openBus();
  const caller = await bus.caller({ tenantInFlightMax: 100 });
  const ends = new Map<string, () => void>();
  const begun: string[] = [];
  const run = async (call: DeliveredCall) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(call.callId, resolve);
    begun.push(call.tenant);
    await promise;
    return succeeded('ended');
  };
  const send = (tenant: string) => caller.call({ tenant, body: 1, deadline: inMs(20_000) });
  await bus.worker(run, { concurrency: 8 });
  const calls: Promise<Outcome>[] = [];
  for (let count = 1; count <= 8; count += 1) {
    calls.push(send('noisy'));
    await until(() => begun.length === count);
  }
  const [endFirst] = ends.values();
  for (let count = 0; count < 20; count += 1) {
    calls.push(send('noisy'));
    await caller.depth();
  }
  calls.push(send('quiet'), send('other'));
  await until(() => begun.length === 10);
  endFirst?.();
  await calls[0];
  const { handle: hang, started } = createHangingHandler();
  await bus.worker(hang, { concurrency: 8 });
  await until(() => started.length === 8);
  expect(begun).toHaveLength(10);
});

test('a worker that is closed ends the calls that it took out of their order', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const end = Promise.withResolvers<void>();
  let running = 0;
  const worker = await bus.worker(
    async () => {
      running += 1;
      await end.promise;
      return succeeded('ended');
    },
    { concurrency: 1 },
  );
  const first = caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000) });
  await until(() => running === 1);
  const second = caller.call({ tenant: 'b', body: 2, deadline: inMs(20_000) });
  await until(() => running === 2);
  const closed = worker.close({ graceMs: 10_000 });
  end.resolve();
  expect(await Promise.all([first, second])).toEqual([succeeded('ended'), succeeded('ended')]);
  await closed;
  await bus.expectClean();
});

test('a worker that is closed while it takes a call out of its order ends that call', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const end = Promise.withResolvers<void>();
  let running = 0;
  const worker = await bus.worker(
    async () => {
      running += 1;
      await end.promise;
      return succeeded('ended');
    },
    { concurrency: 1 },
  );
  const calls = [caller.call({ tenant: 'a', body: 1, deadline: inMs(20_000) })];
  await until(() => running === 1);
  const taken = Promise.withResolvers<void>();
  const fetched = Promise.withResolvers<void>();
  const bull = BullWorker.prototype as unknown as { moveToActive(token: string): Promise<unknown> };
  const { moveToActive } = bull;
  bull.moveToActive = async function (token) {
    const job = await moveToActive.call(this, token);
    if (job === undefined || !token.includes('beside')) return job;
    fetched.resolve();
    await taken.promise;
    return job;
  };
  try {
    calls.push(caller.call({ tenant: 'b', body: 2, deadline: inMs(20_000) }));
    await fetched.promise;
    const closed = worker.close({ graceMs: 10_000 });
    end.resolve();
    await calls[0];
    // BullMQ itself has ended.
    await until(() => !worker.isReady());
    taken.resolve();
    expect(await Promise.all(calls)).toEqual([succeeded('ended'), succeeded('ended')]);
    await closed;
  } finally {
    bull.moveToActive = moveToActive;
  }
  await bus.expectClean();
});
