import { hash, timingSafeEqual } from 'node:crypto';

/** The hash that is stored of the token of a debug session, whose 256 random bits need no slow hash. */
export function hashDebugToken(token: string): string {
  return hash('sha256', token, 'hex');
}

export function isDebugTokenOf(token: string, tokenHash: string): boolean {
  return timingSafeEqual(hash('sha256', token, 'buffer'), Buffer.from(tokenHash, 'hex'));
}
