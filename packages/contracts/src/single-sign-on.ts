import { z } from 'zod';
import { sourceLimits } from './source-limits.ts';

/** The secret of a client at an issuer is one of the connection, kept where secrets of servers are. */
export const SINGLE_SIGN_ON_SECRET = 'client_secret';

const idSchema = z.string().regex(/^\w[\w-]{0,127}$/, 'must be letters, digits, _ and -');

/** Whose connection it is. The egress rules of this workspace apply. */
const refSchema = z.strictObject({ workspaceId: idSchema, connectionId: idSchema });

/** Gives where the person signs in, and a session that only data planes can read. */
export const startSingleSignOnSchema = z.strictObject({
  command: z.literal('start_single_sign_on'),
  ref: refSchema,
  issuer: z.string().max(sourceLimits.urlLengthMax),
  clientId: z.string().min(1).max(500),
  /** A client without a secret is a public one: PKCE alone proves who began. */
  hasSecret: z.boolean(),
  redirectUri: z.string().max(sourceLimits.urlLengthMax),
  /** Comes back with the code. */
  state: z.string().min(16).max(256),
});

/** `session` is what `start_single_sign_on` gave. */
export const finishSingleSignOnSchema = z.strictObject({
  command: z.literal('finish_single_sign_on'),
  ref: refSchema,
  session: z.string().max(16_384),
  code: z.string().min(1).max(4096),
  /** Of RFC 9207. */
  iss: z.string().max(sourceLimits.urlLengthMax).optional(),
});

export const startedSingleSignOnSchema = z.strictObject({
  authorizationUrl: z.string(),
  /** Sealed for the data plane itself, good for 10 minutes. */
  session: z.string(),
});
export type StartedSingleSignOn = z.infer<typeof startedSingleSignOnSchema>;

/** What a verified ID token says of a person. */
export const signedOnSchema = z.strictObject({
  issuer: z.string(),
  subject: z.string(),
  email: z.string().optional(),
  /** True only when the issuer says so. */
  isEmailVerified: z.boolean(),
  name: z.string().optional(),
});
export type SignedOn = z.infer<typeof signedOnSchema>;
