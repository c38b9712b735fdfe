import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Hex HMAC-SHA-256 of a whole API key. Keys are 256 random bits, so a slow hash would add nothing but cost; the pepper
 * makes a stolen table useless for checking guesses.
 */
export function hashApiKey(pepper: string, key: string): string {
  return createHmac('sha256', pepper).update(key).digest('hex');
}

export function isApiKey(pepper: string, key: string, hash: string): boolean {
  const expected = Buffer.from(hash, 'hex');
  const actual = createHmac('sha256', pepper).update(key).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
