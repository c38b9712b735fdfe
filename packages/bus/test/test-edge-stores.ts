import { randomBytes, randomUUID } from 'node:crypto';
import { watchRedis } from '@toolplane/loopback/redis-monitor';
import { parseCallKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { connectBus, createEdgeStore, type EdgeStore } from '../src/index.ts';

/** Edges with the same keys, each with its own store. Disposing them closes everything that a test opened. */
export type TestEdges = AsyncDisposable & {
  readonly redis: Redis;
  store(options?: { redisUrl?: string; keyText?: string; bytesPerOrganizationMax?: number }): Promise<EdgeStore>;
  /** Makes ids unique, because other tests use the same Redis. */
  unique(name: string): string;
  /** Everything that is sent to Redis from now on, as text. */
  record(): Promise<string[]>;
};

export function openEdges(redisUrl = process.env['REDIS_URL'] ?? ''): TestEdges {
  const ownKeyText = newKeyText();
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null, disconnectTimeout: 100 });
  redis.on('error', () => {});
  const run = randomUUID();
  const closing: (() => unknown)[] = [() => redis.disconnect()];
  return {
    redis,
    store({ redisUrl: url = redisUrl, keyText = ownKeyText, ...options } = {}) {
      const bus = connectBus({ redisUrl: url });
      closing.push(() => bus[Symbol.asyncDispose]());
      return createEdgeStore({ bus, keys: parseCallKeys(keyText), ...options });
    },
    unique: (name) => `${name}-${run}`,
    async record() {
      const commands: string[] = [];
      const watch = await watchRedis(redisUrl, ({ words }) => commands.push(words.join(' ')));
      closing.push(watch.stop);
      return commands;
    },
    async [Symbol.asyncDispose]() {
      for (const close of closing.reverse()) await close();
    },
  };
}

export const newKeyText = () => `k1:${randomBytes(32).toString('base64')}`;
