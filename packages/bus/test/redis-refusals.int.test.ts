import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

const reported = (bus: TestBus) => bus.events.filter(({ type }) => type !== 'redis_ready');

test('a worker without the right to take calls reports this once, is not ready, and recovers once it may', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const setRights = (...rights: string[]) => bus.redis.call('ACL', 'SETUSER', 'worker', ...rights);
  await setRights('on', '>secret', 'allkeys', 'allchannels', '+@all', '-bzpopmin');
  const worker = await bus.worker(undefined, { redisUrl: server.url.replace('redis://', 'redis://worker:secret@') });
  const tries = async () =>
    Number(/cmdstat_bzpopmin:.*rejected_calls=(\d+)/.exec(await bus.redis.info('commandstats'))?.[1] ?? 0);
  await until(async () => (await tries()) >= 3);
  expect(await tries()).toBeLessThan(20);
  expect(worker.isReady()).toBe(false);
  expect(reported(bus)).toEqual([{ type: 'redis_refused', reason: 'NOPERM', command: 'bzpopmin' }]);
  await setRights('+bzpopmin');
  await until(() => worker.isReady());
  const caller = await bus.caller();
  expect(await caller.call({ tenant: 'a', body: 'now', deadline: inMs(5000) })).toEqual(succeeded('now'));
});

test('a wrong password is reported by its code', async () => {
  await using server = await startTestRedis();
  await using bus = openBus(server.url);
  const worker = await bus.worker(undefined, { redisUrl: server.url.replace('redis://', 'redis://nobody:canary@') });
  await until(() => reported(bus).length > 0);
  expect(reported(bus)).toEqual([{ type: 'redis_refused', reason: 'WRONGPASS', command: 'hello' }]);
  expect(worker.isReady()).toBe(false);
});
