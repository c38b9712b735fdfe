import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { Redis } from 'ioredis';

/**
 * A Redis for the tests of one file, empty before each of them. It is stopped after everything in `stack` is closed.
 */
export function useOwnRedis(): { url(): string; redis(): Redis; stack: AsyncDisposableStack } {
  const stack = new AsyncDisposableStack();
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = stack.use(await startTestRedis());
    redis = stack.adopt(new Redis(server.url), (it) => it.disconnect());
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  afterAll(() => stack.disposeAsync());
  return { url: () => server.url, redis: () => redis, stack };
}
