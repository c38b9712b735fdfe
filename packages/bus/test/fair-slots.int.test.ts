import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { createHangingHandler, failureOf, type Handle, inMs, openBus } from './test-bus.ts';
import { until } from './until.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

test('calls of another organization run at once while all places of a worker hang and many calls wait for one (T38)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const { handle: hang, started } = createHangingHandler();
  const handle: Handle = (call) => (call.body === 'hang' ? hang(call) : Promise.resolve(succeeded(call.body)));
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
  // The flood has not gained a place by that.
  expect(started).toHaveLength(8);
  stop.abort();
  const ends = (await Promise.all(noisy)).map(failureOf);
  expect(ends.filter((end) => end === 'cancelled/not_started')).toHaveLength(252);
  await bus.expectClean();
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
