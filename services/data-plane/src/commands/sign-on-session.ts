import { AppError } from '@toolplane/contracts';
import { z } from 'zod';
import { createOwnCipher } from '../secrets/own-cipher.ts';
import type { SealingKeyRing } from '../secrets/sealing-keys.ts';

/** The time that a person has to sign in. */
const SESSION_MS = 10 * 60_000;

const sessionSchema = z.strictObject({
  issuer: z.string(),
  clientId: z.string(),
  hasSecret: z.boolean(),
  redirectUri: z.string(),
  tokenUrl: z.string(),
  jwksUrl: z.string(),
  clientAuth: z.enum(['basic', 'body']),
  namesItself: z.boolean(),
  /** The PKCE verifier. */
  verifier: z.string(),
  /** The ID token must contain this nonce. */
  nonce: z.string(),
  expiresAt: z.number(),
});

/** The state of a sign-on from its start to its end. The control plane keeps it and cannot read it. */
export type SignOnSession = Omit<z.infer<typeof sessionSchema>, 'expiresAt'>;
export type ConnectionRef = { workspaceId: string; connectionId: string };

export function sealSignOn(keys: SealingKeyRing, ref: ConnectionRef, session: SignOnSession, nowMs: number): string {
  return cipherOf(keys).seal(bindingOf(ref), JSON.stringify({ ...session, expiresAt: nowMs + SESSION_MS }));
}

/** A session is valid only for the connection for which it was started. */
export function openSignOn(keys: SealingKeyRing, ref: ConnectionRef, sealed: string, nowMs: number): SignOnSession {
  const { expiresAt, ...session } = unseal(keys, ref, sealed);
  if (nowMs < expiresAt) return session;
  throw new AppError('credentials_refused', 'The sign-in took too long: start it again');
}

function unseal(keys: SealingKeyRing, ref: ConnectionRef, sealed: string): z.infer<typeof sessionSchema> {
  try {
    return sessionSchema.parse(JSON.parse(cipherOf(keys).open(bindingOf(ref), sealed)));
  } catch {
    throw new AppError('invalid_request', 'Not a session of a sign-in by this connection');
  }
}

function cipherOf(keys: SealingKeyRing) {
  return createOwnCipher(keys, 'toolplane single sign-ons');
}

function bindingOf({ workspaceId, connectionId }: ConnectionRef) {
  return { purpose: 'sign-in', party: '', aad: `single-sign-on ${workspaceId} ${connectionId}` } as const;
}
