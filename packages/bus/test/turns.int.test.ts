import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { watchRedis } from '@toolplane/loopback/redis-monitor';
import { keys } from '../src/keys.ts';
import { inMs, openBus, type TestBus } from './test-bus.ts';
import { until } from './until.ts';

const CALLS = 10;

test('calls that end in one turn of the event loop are answered by one command, each before its job ends', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const gate = Promise.withResolvers<void>();
  await bus.worker(async ({ body }) => {
    await gate.promise;
    // No two calls end in the same microtask, as after answers of upstreams.
    for (let step = 0; step < 10 * Number(body); step += 1) await undefined;
    return succeeded(body);
  });
  const bodies = Array.from({ length: CALLS }, (_, body) => body);
  const calls = bodies.map((body) => caller.call({ tenant: 'a', body, deadline: inMs(5000) }));
  await until(async () => bus.runs.size === CALLS);

  const jobIds = await bus.redis.lrange(`tp:queue:${bus.queue}-2:active`, 0, -1);
  using watch = await watchCommands(bus);
  gate.resolve();
  expect(await Promise.all(calls)).toEqual(bodies.map((body) => succeeded(body)));
  await until(async () => (await bus.redis.llen(`tp:queue:${bus.queue}-2:active`)) === 0);
  const commands = await watch.commands();
  const replyKeys = [...bus.runs.keys()].map((callId) => keys.reply(bus.queue, callId));
  const answering = commands.filter((command) => replyKeys.some((key) => command.includes(key)));
  expect(answering).toHaveLength(1);
  expect(answering[0]).toEqual(expect.arrayContaining(replyKeys));
  // The last command that BullMQ sends for a job ends that job; earlier ones may have renewed its lock.
  const ending = jobIds.map((jobId) => commands.findLastIndex((command) => command.includes(jobId)));
  expect(Math.min(...ending)).toBeGreaterThan(commands.indexOf(answering[0] ?? []));
});

/** What clients send to Redis from now on, in order. */
async function watchCommands({ redis, redisUrl }: TestBus) {
  const seen: string[][] = [];
  const watch = await watchRedis(redisUrl, ({ words, source }) => {
    if (source !== 'lua') seen.push(words);
  });
  return {
    async commands() {
      await redis.echo('last');
      await until(async () => seen.some(([name, text]) => name === 'echo' && text === 'last'));
      return seen;
    },
    [Symbol.dispose]: watch.stop,
  };
}
