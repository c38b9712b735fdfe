import { hash, randomBytes } from 'node:crypto';

/** The page to which browsers return from a sign-in to a provider of a connector or to an external server. */
export const CALLBACK_PATH = '/api/v1/oauth/callback';

const VALID_MS = 15 * 60_000;

/** The state with which a browser returns from a sign-in. */
export type SignInState = { state: string; stateHash: string; expiresAt: Date };

export function createSignInState(): SignInState {
  const state = randomBytes(32).toString('base64url');
  return { state, stateHash: hashOf(state), expiresAt: new Date(Date.now() + VALID_MS) };
}

/** Hashes a state, so that somebody who reads the database cannot complete another person's sign-in. */
export function hashOf(state: string): string {
  return hash('sha256', state, 'hex');
}
