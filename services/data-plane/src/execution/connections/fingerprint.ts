import { createHmac, type KeyObject } from 'node:crypto';

/** Stands for a value where others may look. The value cannot be found by trying values. */
export type Fingerprint = (text: string) => string;

/** Workers with the same key compute the same fingerprint. */
export function createFingerprint(key: KeyObject): Fingerprint {
  return (text) => createHmac('sha256', key).update(text).digest('base64url');
}
