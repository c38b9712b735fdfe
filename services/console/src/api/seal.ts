import type { ApiClient, ConnectorCredential } from '@toolplane/api-client';
import type { SealedCredential, SealedSecret } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing/secrets';
import { ApiError } from './api-error.ts';

type Secret = { value: SealedSecret['value'] | SealedCredential['value']; hosts: readonly string[] };

/** The only purpose for which the value can be used, with the names of the route `/sealing-target`. */
export type SealingPurpose =
  | { server: string; secret: string }
  | { instance: string; scope: ConnectorCredential['scope']; subject?: string | undefined }
  | { url: string };

/**
 * Seals for the data planes that use the value: nothing in between can read it, or use it elsewhere. Throws `ApiError`.
 */
export async function seal(api: ApiClient, purpose: SealingPurpose, secret: Secret): Promise<string> {
  if (!isSecureContext) {
    const message = 'Open this page over https: nothing can be encrypted here.';
    throw new ApiError(0, { code: 'not_secure', message });
  }
  const { data: target } = await api.GET('/sealing-target', { params: { query: purpose } });
  return sealSecret(target, secret);
}
