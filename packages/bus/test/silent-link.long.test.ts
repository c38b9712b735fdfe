import { expect, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import { connectBus, createCaller, createCallSlots, createLocks, createRateLimits } from '../src/index.ts';
import { openLink } from './tcp-link.ts';
import { failureOf, inMs, openBus } from './test-bus.ts';
import { until } from './until.ts';

test('on a silent link all that a call waits for fails in little more than the time of one command (F8)', async () => {
  await using server = await startTestRedis();
  await using link = await openLink(server.port);
  await using bus = openBus(server.url);
  await bus.worker();
  await using edge = connectBus({ redisUrl: link.url });
  const { queue, keyText } = bus;
  const caller = await createCaller({ bus: edge, queue, keys: parseCallKeys(keyText) });
  const options = { bus: edge };
  const rates = await createRateLimits({ ...options, of: 'calls' });
  const [places, locks] = [await createCallSlots(options), await createLocks(options)];
  const place = { key: 'k', max: 1, holdMs: 1000 };
  const window = { key: 'k', limit: 100, intervalMs: 1000 };
  const ask = async () => {
    const since = Date.now();
    const failed = [
      await places.take([place]).then(
        () => 'taken',
        () => 'failed',
      ),
      await rates.take([window]).then(
        () => 'taken',
        () => 'failed',
      ),
      await locks.acquire('l', { holdMs: 100, waitMs: 0 }).then(
        () => 'taken',
        () => 'failed',
      ),
      failureOf(await caller.call({ tenant: 'a', body: 1, deadline: inMs(8000) })),
    ];
    return { failed, ms: Date.now() - since };
  };
  link.cut();
  const silent = ['failed', 'failed', 'failed', 'queue_unavailable/not_started'];
  const first = await ask();
  expect(first.failed).toEqual(silent);
  expect(first.ms).toBeLessThan(3500);
  const second = await ask();
  expect(second.failed).toEqual(silent);
  expect(second.ms).toBeLessThan(1500);
  link.mend();
  await until(async () => (await ask()).failed[3] === 'done', 20_000);
});
