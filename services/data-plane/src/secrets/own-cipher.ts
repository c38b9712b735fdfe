import { hkdfSync } from 'node:crypto';
import { type CallCipher, createCallCipher, parseCallKeys } from '@toolplane/sealing';
import type { SealingKeyRing } from './sealing-keys.ts';

/**
 * For what others keep for data planes and cannot read. Derived from what only data planes have, and all of them: any
 * may go on with what another began.
 */
export function createOwnCipher({ privateJwks }: SealingKeyRing, use: string): CallCipher {
  const keys = privateJwks.map(({ kid, d }) => {
    const key = Buffer.from(hkdfSync('sha256', Buffer.from(String(d), 'base64url'), '', use, 32));
    return `${kid}:${key.toString('base64')}`;
  });
  return createCallCipher(parseCallKeys(keys.join()));
}

/** Of the sealing key that a text was sealed beside. */
export function ownKid(sealed: string): string {
  return sealed.split('.', 1)[0] ?? '';
}
