import type { SealingKey } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';

/** For a fake data plane, which opens nothing: a value without an audience can be sent to any place. */
export function sealAnywhere(key: SealingKey, secret: Parameters<typeof sealSecret>[1]): Promise<string> {
  return sealSecret({ key, audience: undefined }, secret);
}
