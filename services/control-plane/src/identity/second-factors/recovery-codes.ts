import { hash, randomBytes } from 'node:crypto';

const COUNT = 10;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Creates codes of 80 random bits each, so that storing a hash is enough. People write them down, hence the groups. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: COUNT }, () =>
    Array.from(randomBytes(16), (byte) => BASE32.charAt(byte % 32))
      .join('')
      .replaceAll(/(.{4})(?=.)/g, '$1-'),
  );
}

export function hashOfCode(code: string): string {
  return hash('sha256', code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''), 'hex');
}
