import { hkdfSync } from 'node:crypto';
import { type CallCipher, createCallCipher, parseCallKeys } from '@toolplane/sealing';
import type { SealingKeyRing } from './sealing-keys.ts';

/**
 * Creates a cipher for data that others store for data planes and cannot read. Its keys are derived from keys that only
 * the data planes have: any of them can continue what another began.
 */
export function createOwnCipher({ privateJwks }: SealingKeyRing, use: string): CallCipher {
  const keys = privateJwks.map(({ kid, d }) => {
    const key = Buffer.from(hkdfSync('sha256', Buffer.from(String(d), 'base64url'), '', use, 32));
    return `${kid}:${key.toString('base64')}`;
  });
  return createCallCipher(parseCallKeys(keys.join()));
}

/** The `kid` of the sealing key from which the key of a sealed text was derived. */
export function ownKid(sealed: string): string {
  return sealed.split('.', 1)[0] ?? '';
}
