import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { Redis } from 'ioredis';
import { type BusConnection, connectBus } from '../src/index.ts';

/**
 * A Redis for the tests of one file, empty before each of them. It is stopped after everything in `stack` is closed.
 */
export function useOwnRedis(): {
  server(): TestRedis;
  redis(): Redis;
  /** Each connection stands for a process. */
  connect(): BusConnection;
  stack: AsyncDisposableStack;
} {
  const stack = new AsyncDisposableStack();
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = stack.use(await startTestRedis());
    redis = stack.adopt(new Redis(server.url, { maxRetriesPerRequest: null }), (it) => it.disconnect());
    redis.on('error', () => {});
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  afterAll(() => stack.disposeAsync());
  const connect = () => stack.use(connectBus({ redisUrl: server.url }));
  return { server: () => server, redis: () => redis, connect, stack };
}
