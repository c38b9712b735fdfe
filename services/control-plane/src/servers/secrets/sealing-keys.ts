import { AppError, type SealingKey, sealingKeySchema } from '@toolplane/contracts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Pools } from '../../platform/commands/pools.ts';
import type { Database } from '../../platform/database/database.ts';
import * as store from './store.ts';

/**
 * Provides the public key for which values are sealed. It is stored here, so that people can seal while the data plane
 * is unavailable.
 */
export type SealingKeys = {
  /** The key of a pool's data planes. Null means the default pool. Throws `invalid_request` for an unknown pool. */
  get(pool: string | null): Promise<SealingKey>;
  /**
   * Requests the keys from the data planes of every pool, because they may be new. Rejects if a pool did not answer.
   */
  refresh(): Promise<void>;
};

export function createSealingKeys({
  database,
  commands,
  pools,
}: {
  database: Database;
  commands: Commands;
  pools: Pools;
}): SealingKeys {
  async function ask(pool: string | null): Promise<SealingKey> {
    const key = sealingKeySchema.parse(
      await commands.send({ tenant: 'platform', pool }, { command: 'get_sealing_key' }),
    );
    await database.asPlatform((tx) => store.saveSealingKey(tx, key, pool));
    return key;
  }

  return {
    async refresh() {
      const asked = await Promise.allSettled([null, ...pools.names].map(ask));
      const failed = asked.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    async get(pool) {
      pools.check(pool, 'query.pool');
      const known = await database.asPlatform((tx) => store.findSealingKey(tx, pool));
      if (known !== undefined) return known;
      return ask(pool).catch((cause) => {
        // Values cannot be sealed here: secrets are configured where the data plane is deployed.
        if (cause instanceof AppError && cause.code === 'secret_store_read_only') throw cause;
        throw new AppError('config_unavailable', 'No data plane has announced its sealing key yet', { cause });
      });
    },
  };
}
