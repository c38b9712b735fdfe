import { AppError, type CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { z } from 'zod';
import { createOwnCipher } from '../secrets/own-cipher.ts';
import type { SealingKeyRing } from '../secrets/sealing-keys.ts';
import { secretPath } from '../secrets/secret-store.ts';

/** The time that a person has to sign in. */
const SESSION_MS = 15 * 60_000;

const sessionSchema = z.strictObject({
  authenticationId: z.string(),
  workspaceId: z.string(),
  tokenUrl: z.string(),
  clientAuth: z.enum(['basic', 'body']),
  redirectUri: z.string(),
  /** The PKCE verifier. Anybody who has both this and the code can get the token of a public client. */
  verifier: z.string(),
  expiresAt: z.number(),
});

/** The state of a sign-in from its start to its end. The control plane keeps it and cannot read it. */
export type SignInSession = Omit<z.infer<typeof sessionSchema>, 'expiresAt'>;

export function sealSession(keys: SealingKeyRing, ref: CredentialRef, session: SignInSession, nowMs: number): string {
  return createOwnCipher(keys, USE).seal(bindingOf(ref), JSON.stringify({ ...session, expiresAt: nowMs + SESSION_MS }));
}

/** A session is valid only for the credentials for which it was started. */
export function openSession(keys: SealingKeyRing, ref: CredentialRef, sealed: string, nowMs: number): SignInSession {
  const { expiresAt, ...session } = unseal(keys, ref, sealed);
  if (nowMs < expiresAt) return session;
  throw new AppError('credentials_refused', 'The sign-in took too long: start it again');
}

function unseal(keys: SealingKeyRing, ref: CredentialRef, sealed: string): z.infer<typeof sessionSchema> {
  try {
    return sessionSchema.parse(JSON.parse(createOwnCipher(keys, USE).open(bindingOf(ref), sealed)));
  } catch {
    throw new AppError('invalid_request', 'Not a session of a sign-in to this connection');
  }
}

function bindingOf(ref: CredentialRef) {
  return { purpose: 'sign-in', party: '', aad: secretPath(toSecretRef(ref)) } as const;
}

const USE = 'toolplane sign-in sessions';
