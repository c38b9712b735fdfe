import type { SealingKey } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';

/** Seals a value without an audience, which can be sent for any purpose. For a fake data plane, which opens nothing. */
export function sealAnywhere(key: SealingKey, secret: Parameters<typeof sealSecret>[1]): Promise<string> {
  return sealSecret({ key, audience: undefined }, secret);
}
