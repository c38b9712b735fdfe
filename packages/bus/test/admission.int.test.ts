import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { keys } from '../src/keys.ts';
import { createHangingHandler, failureOf, inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

const LEASES = 60;
const limits = { tenantInFlightMax: 10, totalInFlightMax: LEASES };
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
const leasesOf = (bus: TestBus, organization: string) =>
  bus.redis.zcard(keys.organizationLeases(bus.queue, organization));

/** Makes calls of many workspaces of one organization that hang until they are stopped, and returns the refusals. */
async function flood(
  bus: TestBus,
  caller: Awaited<ReturnType<TestBus['caller']>>,
  organization: string,
  count: number,
) {
  const stop = new AbortController();
  const refusals: string[] = [];
  const calls = numbers(count).map(async (n) => {
    const request = { tenant: `${organization}-${n % 27}`, organization, body: n, deadline: inMs(30_000) };
    const outcome = await caller.call({ ...request, signal: stop.signal });
    if (!outcome.ok && outcome.error.code !== 'cancelled') refusals.push(outcome.error.message);
  });
  await until(async () => refusals.length + (await leasesOf(bus, organization)) === count);
  const end = async () => {
    stop.abort();
    await Promise.all(calls);
  };
  return { refusals, end };
}

test('an organization has at most twice as many leases as are free, however many workspaces it has, and hears that it is its own limit (T38)', async () => {
  await using bus = openBus();
  const caller = await bus.caller(limits);
  const noisy = await flood(bus, caller, 'noisy', 100);
  expect(await leasesOf(bus, 'noisy')).toBe(40);
  expect(noisy.refusals).toEqual(Array(60).fill(expect.stringContaining('of this organization')));
  const other = await flood(bus, caller, 'other', 20);
  // Twice as many as are left of the leases that were free.
  expect(await leasesOf(bus, 'other')).toBe(13);
  await Promise.all([noisy.end(), other.end()]);
  await bus.expectClean();
});

test('no organization without a call is refused while others send all that they may, to any edge (T38)', async () => {
  await using bus = openBus();
  const callers = [await bus.caller(limits), await bus.caller(limits)] as const;
  const floods = [];
  for (const organization of ['a', 'b', 'c']) {
    floods.push(await flood(bus, callers[floods.length % 2] as (typeof callers)[0], organization, 60));
  }
  await bus.worker(async ({ body }) => succeeded(body), { concurrency: 500 });
  const quiet = { tenant: 'quiet', organization: 'quiet', body: 1, deadline: inMs(20_000) };
  for (const caller of callers) expect(await caller.call(quiet)).toEqual(succeeded(1));
  for (const { end } of floods) await end();
  await bus.expectClean();
});

test('an organization with a greater weight gets more of them; the cap of an organization applies besides', async () => {
  await using bus = openBus();
  const weights = new Map([['heavy', 7]]);
  const caller = await bus.caller({ ...limits, weights });
  const heavy = await flood(bus, caller, 'heavy', 60);
  expect(await leasesOf(bus, 'heavy')).toBe(56);
  await heavy.end();
  await until(async () => (await leasesOf(bus, 'heavy')) === 0);
  const capped = await flood(bus, await bus.caller({ ...limits, weights, organizationInFlightMax: 30 }), 'heavy', 60);
  expect(await leasesOf(bus, 'heavy')).toBe(30);
  await capped.end();
  await bus.expectClean();
});

test('the lease of a call that outlives its caller ends with the call (F4)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const end = Promise.withResolvers<void>();
  await bus.worker(async () => {
    await end.promise;
    return succeeded('ended');
  });
  const deadline = inMs(60_000);
  const call = caller.call({ tenant: 'a', organization: 'o', body: 1, deadline, keepReplyMs: 60_000 });
  await until(() => bus.runs.size === 1);
  await caller.close();
  expect(failureOf(await call)).toBe('shutting_down/unknown');
  expect(await leasesOf(bus, 'o')).toBe(1);
  end.resolve();
  await until(async () => (await leasesOf(bus, 'o')) === 0);
  await bus.expectClean();
});

test('a lease is not used again by a caller that did not hear the reply, because its worker has given it back (F4)', async () => {
  await using bus = openBus();
  const caller = await bus.caller({ tenantInFlightMax: 1 });
  const { handle: hang, started } = createHangingHandler();
  const first = Promise.withResolvers<void>();
  await bus.worker(async (call) => {
    if (call.body !== 'first') return hang(call);
    await first.promise;
    return succeeded(1);
  });
  const call = caller.call({ tenant: 'a', body: 'first', deadline: inMs(20_000) });
  await until(() => bus.runs.size === 1);
  const isSubscribed = async () => {
    const [channel] = (await bus.redis.pubsub('CHANNELS', `tp:replies:${bus.queue}:*`)) as string[];
    return channel !== undefined;
  };
  await cutSubscriber(bus);
  first.resolve();
  expect(await call).toEqual(succeeded(1));
  await until(isSubscribed);
  const stop = new AbortController();
  const next = caller.call({ tenant: 'a', body: 'next', deadline: inMs(20_000), signal: stop.signal });
  await until(() => started.length === 1);
  expect(await bus.redis.zcard(keys.tenantLeases(bus.queue, 'a'))).toBe(1);
  expect(failureOf(await caller.call({ tenant: 'a', body: 'third', deadline: inMs(5000) }))).toBe(
    'tenant_busy/not_started',
  );
  stop.abort();
  await next;
  await bus.expectClean();
});

/** Ends the connection on which the caller of the bus receives replies. */
async function cutSubscriber({ redis, queue }: TestBus): Promise<void> {
  const clients = String(await redis.call('CLIENT', 'LIST', 'TYPE', 'pubsub'));
  const line = clients.split('\n').find((text) => text.includes(`name=toolplane:replies:${queue}`));
  const id = /\bid=(\d+)/.exec(line ?? '')?.[1] ?? '';
  await redis.call('CLIENT', 'KILL', 'ID', id);
}
