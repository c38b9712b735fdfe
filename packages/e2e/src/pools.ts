import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** The values that each pool has of its own: keys, a Redis password, a secret store. */
export type TestPool = {
  name: string;
  callKeys: string;
  commandKeys: string;
  password: string;
  secretsFolder: string;
  secretsKey: string;
};

export function createTestPool(name: string, folder: string): TestPool {
  const newKeys = () => `k1:${randomBytes(32).toString('base64')}`;
  const password = randomBytes(24).toString('base64url');
  const secretsFolder = join(folder, `secrets-${name}`);
  const secretsKey = randomBytes(32).toString('base64');
  return { name, callKeys: newKeys(), commandKeys: newKeys(), password, secretsFolder, secretsKey };
}

/** The settings about all pools for the edge and the control plane. */
export function describePools(pools: readonly TestPool[]): Record<string, Record<string, string>> {
  if (pools.length === 0) return {};
  const toText = (keysOf: (pool: TestPool) => string) =>
    JSON.stringify(Object.fromEntries(pools.map((pool) => [pool.name, keysOf(pool)])));
  return {
    edge: { POOL_CALL_KEYS: toText(({ callKeys }) => callKeys) },
    'control-plane': { POOL_COMMAND_KEYS: toText(({ commandKeys }) => commandKeys) },
  };
}

/** The settings for a data plane of the pool that differ from those of the default pool. */
export function describePool(pool: TestPool, redisUrl: string): Record<string, string> {
  return {
    POOL: pool.name,
    REDIS_URL: redisUrl,
    CALL_KEYS: pool.callKeys,
    COMMAND_KEYS: pool.commandKeys,
    SECRETS_DIR: pool.secretsFolder,
    SECRETS_KEYS: pool.secretsKey,
  };
}
