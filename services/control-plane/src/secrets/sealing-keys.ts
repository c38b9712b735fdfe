import { AppError, type SealingKey, sealingKeySchema } from '@toolplane/contracts';
import type { Commands } from '../commands.ts';
import type { Database } from '../database/database.ts';
import * as store from './store.ts';

/** The public key that values are sealed for. Kept here, so that people can seal while the data plane is away. */
export type SealingKeys = {
  get(): Promise<SealingKey>;
  /** Asks the data plane, which may have a new key by now. */
  refresh(): Promise<SealingKey>;
};

export function createSealingKeys({ database, commands }: { database: Database; commands: Commands }): SealingKeys {
  async function refresh(): Promise<SealingKey> {
    const key = sealingKeySchema.parse(await commands.send('platform', { command: 'get_sealing_key' }));
    await database.asPlatform((tx) => store.saveSealingKey(tx, key));
    return key;
  }

  return {
    refresh,
    async get() {
      const known = await database.asPlatform(store.findSealingKey);
      if (known !== undefined) return known;
      return refresh().catch((cause) => {
        // There is nothing to seal for: secrets are set where the data plane is deployed.
        if (cause instanceof AppError && cause.code === 'secret_store_read_only') throw cause;
        throw new AppError('config_unavailable', 'No data plane has told its sealing key yet', { cause });
      });
    },
  };
}
