import { hash, randomBytes } from 'node:crypto';

/** A token for a browser or a person: 256 random bits, of which only a hash is stored. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Hashes a token, so that somebody who reads the database cannot impersonate anybody. */
export function hashOfToken(token: string): string {
  return hash('sha256', token, 'hex');
}
