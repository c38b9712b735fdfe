import { createHmac, type KeyObject } from 'node:crypto';

/** Returns a text that stands for a value where others may see it. The value cannot be found by trial. */
export type Fingerprint = (text: string) => string;

/** Workers with the same key compute the same fingerprint. */
export function createFingerprint(key: KeyObject): Fingerprint {
  return (text) => createHmac('sha256', key).update(text).digest('base64url');
}
