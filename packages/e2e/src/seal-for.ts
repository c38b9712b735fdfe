import type { SealedCredential, SealedSecret, SealingTarget } from '@toolplane/contracts';
import type { RestClient } from '@toolplane/local/rest-client';
import { sealSecret } from '@toolplane/sealing';

/** Seals a secret as people do: for the one purpose that the platform names. */
export async function sealFor(
  rest: Pick<RestClient, 'call'>,
  purpose: Readonly<Record<string, string>>,
  secret: { value: SealedSecret['value'] | SealedCredential['value']; hosts: readonly string[] },
): Promise<string> {
  const target = await rest.call<SealingTarget>('GET', `/sealing-target?${new URLSearchParams(purpose)}`);
  if (target === undefined) throw new Error(`There is no sealing target for ${JSON.stringify(purpose)}`);
  return sealSecret(target, secret);
}
