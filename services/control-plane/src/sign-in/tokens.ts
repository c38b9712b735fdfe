import { hash, randomBytes } from 'node:crypto';

/** What a browser or a person keeps: 256 random bits, of which only a hash is here. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Who reads the database must not be able to come in somebody's place. */
export function hashOfToken(token: string): string {
  return hash('sha256', token, 'hex');
}
