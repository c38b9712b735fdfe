import { z } from 'zod';
import { planRequestSchema } from './plan-request.ts';
import { templateSchema } from './template.ts';

/*
 * What a plan of a connector says about the credentials that its requests carry. They are chosen anew for
 * each call, from the scopes of the connector's instance; a scope that has credentials is used as a whole.
 */

/** From the nearest to the caller to the widest: the first that has credentials is used. */
export const credentialScopes = ['agent', 'user', 'workspace', 'organization'] as const;
export type CredentialScope = (typeof credentialScopes)[number];

/** Name of an external user: what `x-username` may say, and whose credentials can be stored. */
export const usernamePattern = /^[A-Za-z0-9._@+-]{1,255}$/;

/** The user for calls with a key that name nobody: its connections are for all of them. */
export const DEFAULT_USERNAME = 'project_default_user';

/**
 * The subject of a user's credentials. Each workspace has its own users: for an instance of the organization, those of
 * another workspace than its home are named with that workspace, which no username can look like.
 */
export function toUserSubject(username: string, usersOf: string | undefined): string {
  return usersOf === undefined ? username : `${usersOf}/${username}`;
}

/** `usersOf` is undefined for a user of the instance's home. */
export function readUserSubject(subject: string): { username: string; usersOf: string | undefined } {
  const slash = subject.indexOf('/');
  return slash === -1
    ? { username: subject, usersOf: undefined }
    : { username: subject.slice(slash + 1), usersOf: subject.slice(0, slash) };
}

/**
 * Names the credentials of one scope of an instance. `ownerId` is the instance's workspace, or else its organization.
 */
export const credentialRefSchema = z.strictObject({
  ownerId: z.string(),
  instanceId: z.string(),
  scope: z.enum(credentialScopes),
  /** The workspace, user (`toUserSubject`) or agent; the organization has none. */
  subject: z.string().min(1).max(350).optional(),
});
export type CredentialRef = z.infer<typeof credentialRefSchema>;

export const credentialFieldSchema = z.strictObject({
  key: z.string(),
  /** Its values are masked wherever they come out; this applies to all that a descriptor does not mark as public. */
  isSecret: z.boolean(),
  isRequired: z.boolean(),
  default: z.string().optional(),
  /** What its value must be, as text. Absent: any. */
  type: z.enum(['string', 'secret', 'number', 'boolean', 'url', 'select']).optional(),
  /** Of a `select`. */
  options: z.array(z.string()).optional(),
});
export type CredentialField = z.infer<typeof credentialFieldSchema>;

/** OAuth 2.0: how an access token is got for the fields `client_id` and `client_secret`. */
const tokenSchema = z.strictObject({
  grant: z.enum(['client_credentials', 'authorization_code', 'token_exchange']),
  tokenUrl: z.string(),
  scopes: z.array(z.string()),
  /** Where the request for a token carries the client's id and secret (RFC 6749, 2.3.1). */
  clientAuth: z.enum(['basic', 'body']),
  /**
   * Of `token_exchange` (RFC 8693): the type of the caller's own token, and what the token received in exchange is for.
   */
  exchange: z
    .strictObject({ subjectTokenType: z.string(), audience: z.string().optional(), resource: z.string().optional() })
    .optional(),
});
export type ConnectionToken = z.infer<typeof tokenSchema>;

/** A sign-in of several requests. What it extracts is kept for a while. */
const chainSchema = z.strictObject({
  id: z.string(),
  ttlMs: z.int().min(0),
  steps: z.array(
    z.strictObject({
      request: planRequestSchema,
      /** From the scope of the answer; each becomes the secret `chain.<name>`. */
      extract: z.array(z.tuple([z.string(), templateSchema])),
    }),
  ),
});
export type ConnectionChain = z.infer<typeof chainSchema>;

/** Templates name what it gives as secrets: `$secrets.<key>`. */
const authenticationSchema = z.strictObject({
  /** Of the descriptor; credentials are stored for one. */
  id: z.string(),
  /** Those that the requests, the token and the chains use. */
  fields: z.array(credentialFieldSchema),
  /** These two, joined by a colon in base64, are the secret `basic` (RFC 7617). */
  basic: z.strictObject({ username: z.string(), password: z.string() }).optional(),
  /** Gives the secret `access_token`. */
  token: tokenSchema.optional(),
  chains: z.array(chainSchema).optional(),
  /** The secret that the credentials in `X-Upstream-Authorization` become; absent: they are sent to no API. */
  ownToken: z.string().optional(),
});
export type ConnectionAuthentication = z.infer<typeof authenticationSchema>;

export const rateLimitScopes = ['per_account', 'per_instance', 'per_user', 'per_token'] as const;

/** A sliding window that all workers share. */
const rateLimitSchema = z.strictObject({
  scope: z.enum(rateLimitScopes),
  limit: z.int().min(1),
  intervalMs: z.int().min(1),
});
export type ConnectionRateLimit = z.infer<typeof rateLimitSchema>;

export const planConnectionSchema = z.strictObject({
  ownerId: z.string(),
  instanceId: z.string(),
  /** Slug, for messages. */
  connector: z.string(),
  /** What people call the instance. Absent in plans from before it was published. */
  instanceName: z.string().optional(),
  /** The workspace whose users call, for tools that are lent to it. Absent: the home of the instance. */
  usersOf: z.string().optional(),
  /** Absent: the requests carry no credentials. */
  authentication: authenticationSchema.optional(),
  rateLimits: z.array(rateLimitSchema).optional(),
});
export type PlanConnection = z.infer<typeof planConnectionSchema>;

/**
 * `failed`: they could not be looked up. `initiated`: none yet, and a link to a page where a person can connect is out.
 * `requires_parameters`: there are some, and more is needed.
 */
export const connectionStatuses = [
  'active',
  'no_auth_required',
  'not_connected',
  'initiated',
  'requires_parameters',
  'failed',
  'expired',
] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

/** The result of a plan that reports a connection: only whether a call of this caller would have credentials. */
export const connectionReportSchema = z.strictObject({
  status: z.enum(['active', 'no_auth_required', 'not_connected', 'requires_parameters', 'expired']),
  /** Distinguishes these credentials from others: the value of a field that anybody may see. */
  label: z.string().optional(),
  scope: z.enum(credentialScopes).optional(),
  /** Keys of the fields that are needed and have no value. */
  missingFields: z.array(z.string()).optional(),
  /** If it was requested: whoever has it can connect this user, once. */
  link: z
    .strictObject({
      token: z.string(),
      /** Identifies it after it was used. */
      hash: z.string(),
      /** Unix milliseconds. */
      expiresAt: z.int(),
    })
    .optional(),
});
export type ConnectionReport = z.infer<typeof connectionReportSchema>;
