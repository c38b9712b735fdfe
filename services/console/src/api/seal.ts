import type { SealedCredential, SealedSecret, SealingKey } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing/secrets';
import { ApiError } from './api-error.ts';
import type { Api } from './use-api.ts';

type Secret = { value: SealedSecret['value'] | SealedCredential['value']; hosts: readonly string[] };

/**
 * Seals for the data planes of a pool, or of the default one with `null`: nothing on the way can read the value. Throws
 * `ApiError`.
 */
export async function seal(api: Api, pool: string | null, secret: Secret): Promise<string> {
  if (!isSecureContext) {
    const message = 'Open this page over https: nothing can be encrypted here.';
    throw new ApiError(0, { code: 'not_secure', message });
  }
  const { data: key } = await api<SealingKey>('GET', '/sealing-key', { query: { pool: pool ?? undefined } });
  return sealSecret(key, secret);
}
