import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { type Json, succeeded } from '@toolplane/contracts';
import { Queue } from 'bullmq';
import { callsOf } from '../src/calls/call-job.ts';
import type { Caller } from '../src/index.ts';
import { QUEUE_PREFIX, queueName } from '../src/keys.ts';
import { failureOf, heard, inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

/* Calls that share a job share the way, and nothing else: neither their outcomes nor their ends. */

const COUNT = 40;
const manyAtOnce = { tenantInFlightMax: 100 };

/** All in one turn, while so many are under way that they share jobs. */
function callMany(caller: Caller, bodyOf: (n: number) => Json = (n) => n, signal?: AbortSignal) {
  const signals = signal === undefined ? {} : { signal };
  return Array.from({ length: COUNT }, (_, n) =>
    caller.call({ callId: `call-${n}`, tenant: 't', body: bodyOf(n), deadline: inMs(20_000), ...signals }),
  );
}

async function waitingJobs(bus: TestBus) {
  const queue = new Queue(queueName(bus.queue), { connection: bus.redis, prefix: QUEUE_PREFIX });
  try {
    return await queue.getWaiting();
  } finally {
    await queue.close();
  }
}

/** Before any worker takes them. Resolves when all are queued. */
async function queueMany(bus: TestBus, caller: Caller, ...rest: [((n: number) => Json)?, AbortSignal?]) {
  const outcomes = callMany(caller, ...rest);
  await until(async () => (await waitingJobs(bus)).flatMap(callsOf).length === COUNT);
  return outcomes;
}

test('many calls of one turn have fewer jobs than there are calls, and each has its own answer', async () => {
  await using bus = openBus();
  const outcomes = await queueMany(bus, await bus.caller(manyAtOnce));
  expect((await waitingJobs(bus)).length).toBeLessThanOrEqual(COUNT / 2);
  await bus.worker();
  expect(await Promise.all(outcomes)).toEqual(Array.from({ length: COUNT }, (_, n) => succeeded(n)));
  expect(bus.runs.size).toBe(COUNT);
  await bus.expectClean();
});

test('few calls under way have a job each, so that all workers can take part', async () => {
  await using bus = openBus();
  const caller = await bus.caller(manyAtOnce);
  const calls = [1, 2, 3, 4].map((body) => caller.call({ tenant: 't', body, deadline: inMs(20_000) }));
  await until(async () => (await waitingJobs(bus)).length === 4);
  await bus.worker();
  expect(await Promise.all(calls)).toEqual([1, 2, 3, 4].map((body) => succeeded(body)));
});

test('an answer waits for no other call of its job', async () => {
  await using bus = openBus();
  const caller = await bus.caller(manyAtOnce);
  const release = Promise.withResolvers<void>();
  const outcomes = await queueMany(bus, caller);
  await bus.worker(async ({ body }) => {
    if (body === 0) await release.promise;
    return succeeded(body);
  });
  expect(await Promise.all(outcomes.slice(1))).toHaveLength(COUNT - 1);
  release.resolve();
  expect(await outcomes[0]).toEqual(succeeded(0));
  await bus.expectClean();
});

test('calls that were given up in the queue never start, and the others of their job do', async () => {
  await using bus = openBus();
  const caller = await bus.caller({ tenantInFlightMax: 200 });
  const leaving = new AbortController();
  const staying = Array.from({ length: COUNT }, (_, n) =>
    caller.call({ callId: `stays-${n}`, tenant: 't', body: n, deadline: inMs(20_000) }),
  );
  const given = callMany(caller, () => 'given up', leaving.signal);
  await until(async () => (await waitingJobs(bus)).flatMap(callsOf).length === 2 * COUNT);
  leaving.abort();
  for (const outcome of await Promise.all(given)) expect(failureOf(outcome)).toBe('cancelled/not_started');
  await bus.worker();
  expect(await Promise.all(staying)).toEqual(Array.from({ length: COUNT }, (_, n) => succeeded(n)));
  expect([...bus.runs.keys()].every((callId) => callId.startsWith('stays-'))).toBe(true);
  await bus.expectClean();
});

test('a worker that is lost leaves answered calls of a job as they were answered, and the others unknown, run by nobody else', async () => {
  await using bus = openBus();
  const caller = await bus.caller(manyAtOnce);
  const outcomes = await queueMany(bus, caller, (n) => (n % 2 === 0 ? {} : { waitMs: 30_000 }));
  const child = await bus.child();
  await Promise.all(outcomes.filter((_, n) => n % 2 === 0));
  await until(() => bus.runs.size === COUNT);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await bus.worker();
  const ended = (await Promise.all(outcomes)).map((outcome) => (outcome.ok ? 'answered' : failureOf(outcome)));
  expect(ended).toEqual(Array.from({ length: COUNT }, (_, n) => (n % 2 === 0 ? 'answered' : 'worker_lost/unknown')));
  const lost = () => bus.events.filter(({ type }) => type === 'worker_lost').length;
  await until(() => lost() === COUNT / 2);
  await bus.expectClean();
  expect(lost()).toBe(COUNT / 2);
});

test('a worker that is lost before it took any fence leaves calls that provably did not start', async () => {
  await using bus = openBus();
  const caller = await bus.caller(manyAtOnce);
  const outcomes = await queueMany(bus, caller);
  const child = await bus.child({ fetchOnly: true });
  await heard(child, 'started');
  child.kill('SIGKILL');
  await bus.worker();
  const ended = (await Promise.all(outcomes)).map((outcome) => (outcome.ok ? 'answered' : failureOf(outcome)));
  expect(new Set(ended)).toEqual(new Set(['answered', 'worker_lost/not_started']));
  await bus.expectClean();
});

test('an envelope that nobody sealed spoils none of the others in its job', async () => {
  await using bus = openBus();
  const caller = await bus.caller(manyAtOnce);
  const outcomes = await queueMany(bus, caller);
  const [job] = (await waitingJobs(bus)).filter(({ data }) => Array.isArray(data.calls));
  const forged = job?.data.calls.map(([id, envelope]: [string, { sealed: string }], n: number) =>
    n === 0 ? [id, { ...envelope, sealed: 'k1.AAAA' }] : [id, envelope],
  );
  await job?.updateData({ calls: forged });
  await bus.worker();
  const spoiled = forged?.[0]?.[0];
  const others = outcomes.filter((_, n) => `call-${n}` !== spoiled);
  expect((await Promise.all(others)).every(({ ok }) => ok)).toBe(true);
  expect(bus.events).toContainEqual({ type: 'envelope_rejected', callId: spoiled });
  expect(bus.runs.has(spoiled)).toBe(false);
});
