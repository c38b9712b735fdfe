import { type SealingKey, sealingKeySchema } from '@toolplane/contracts';
import type { Api } from './api.ts';

/** Of the data planes of a pool; `null`: the default one. */
export async function getSealingKey(api: Api, pool: string | null): Promise<SealingKey> {
  const query = pool === null ? {} : { pool };
  return (await api('GET', '/sealing-key', sealingKeySchema, { query })).data;
}
