import { hash, randomBytes } from 'node:crypto';

const VALID_MS = 15 * 60_000;

/** With which a browser comes back from a sign-in. */
export type SignInState = { state: string; stateHash: string; expiresAt: Date };

export function createSignInState(): SignInState {
  const state = randomBytes(32).toString('base64url');
  return { state, stateHash: hashOf(state), expiresAt: new Date(Date.now() + VALID_MS) };
}

/** Who reads the database must not be able to come back in somebody's place. */
export function hashOf(state: string): string {
  return hash('sha256', state, 'hex');
}
