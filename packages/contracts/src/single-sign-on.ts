import { z } from 'zod';
import { sourceLimits } from './source-limits.ts';

/**
 * The name of the secret of a client at an issuer. It belongs to the connection, and is stored like the secrets of
 * servers.
 */
export const SINGLE_SIGN_ON_SECRET = 'client_secret';

const idSchema = z.string().regex(/^\w[\w-]{0,127}$/, 'must be letters, digits, _ and -');

/** The connection, and its workspace, whose egress rules apply. */
const refSchema = z.strictObject({ workspaceId: idSchema, connectionId: idSchema });

/** Returns the URL at which the person signs in, and a session that only data planes can read. */
export const startSingleSignOnSchema = z.strictObject({
  command: z.literal('start_single_sign_on'),
  ref: refSchema,
  issuer: z.string().max(sourceLimits.urlLengthMax),
  clientId: z.string().min(1).max(500),
  /** False for a public client, which has no secret: then PKCE alone proves who started the sign-in. */
  hasSecret: z.boolean(),
  redirectUri: z.string().max(sourceLimits.urlLengthMax),
  /** Returned by the issuer together with the code. */
  state: z.string().min(16).max(256),
});

/** `session` is the one that `start_single_sign_on` returned. */
export const finishSingleSignOnSchema = z.strictObject({
  command: z.literal('finish_single_sign_on'),
  ref: refSchema,
  session: z.string().max(16_384),
  code: z.string().min(1).max(4096),
  /** The issuer that answered (RFC 9207). */
  iss: z.string().max(sourceLimits.urlLengthMax).optional(),
});

export const startedSingleSignOnSchema = z.strictObject({
  authorizationUrl: z.string(),
  /** Sealed for the data plane itself. It expires after 10 minutes. */
  session: z.string(),
});
export type StartedSingleSignOn = z.infer<typeof startedSingleSignOnSchema>;

/** What a verified ID token says about a person. */
export const signedOnSchema = z.strictObject({
  issuer: z.string(),
  subject: z.string(),
  email: z.string().optional(),
  /** True only if the issuer says so. */
  isEmailVerified: z.boolean(),
  name: z.string().optional(),
});
export type SignedOn = z.infer<typeof signedOnSchema>;
