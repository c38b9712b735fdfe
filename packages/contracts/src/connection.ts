import { z } from 'zod';
import { planRequestSchema } from './plan-request.ts';
import { templateSchema } from './template.ts';

/*
 * What a plan of a connector says about the credentials that its requests carry. They are chosen again for each call,
 * from the scopes of the connector's instance. A scope that has credentials is used as a whole.
 */

/** From the nearest to the caller to the widest. The first scope that has credentials is used. */
export const credentialScopes = ['agent', 'user', 'workspace', 'organization'] as const;
export type CredentialScope = (typeof credentialScopes)[number];

/** The name of an external user. Both `x-username` and the users for whom credentials are stored must match it. */
export const usernamePattern = /^[A-Za-z0-9._@+-]{1,255}$/;

/** The user of calls with a key that name no user. All such calls share the connections of this user. */
export const DEFAULT_USERNAME = 'project_default_user';

/**
 * The subject of a user's credentials. Each workspace has its own users. If an instance of the organization is used by
 * a workspace other than its home, the subject begins with that workspace, in a form that no username can have.
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
 * The name of the credentials of one scope of an instance. `ownerId` is the instance's workspace, or else its
 * organization.
 */
export const credentialRefSchema = z.strictObject({
  ownerId: z.string(),
  instanceId: z.string(),
  scope: z.enum(credentialScopes),
  /** The workspace, user (`toUserSubject`) or agent. Absent for the organization. */
  subject: z.string().min(1).max(350).optional(),
});
export type CredentialRef = z.infer<typeof credentialRefSchema>;

export const credentialFieldSchema = z.strictObject({
  key: z.string(),
  /**
   * If true, its values are masked wherever they appear. Applies to all fields that a descriptor does not mark as
   * public.
   */
  isSecret: z.boolean(),
  isRequired: z.boolean(),
  default: z.string().optional(),
  /** What type its value, a text, must have. Absent: any. */
  type: z.enum(['string', 'secret', 'number', 'boolean', 'url', 'select']).optional(),
  /** Only for `select`. */
  options: z.array(z.string()).optional(),
});
export type CredentialField = z.infer<typeof credentialFieldSchema>;

/** OAuth 2.0: how an access token is obtained for the fields `client_id` and `client_secret`. */
const tokenSchema = z.strictObject({
  grant: z.enum(['client_credentials', 'authorization_code', 'token_exchange']),
  tokenUrl: z.string(),
  scopes: z.array(z.string()),
  /** Where the request for a token carries the client's id and secret (RFC 6749, 2.3.1). */
  clientAuth: z.enum(['basic', 'body']),
  /**
   * Only for `token_exchange` (RFC 8693): the type of the caller's own token, and what the token received in exchange
   * is for.
   */
  exchange: z
    .strictObject({ subjectTokenType: z.string(), audience: z.string().optional(), resource: z.string().optional() })
    .optional(),
});
export type ConnectionToken = z.infer<typeof tokenSchema>;

/** A sign-in of several requests. The values that it extracts are kept for `ttlMs`. */
const chainSchema = z.strictObject({
  id: z.string(),
  ttlMs: z.int().min(0),
  steps: z.array(
    z.strictObject({
      request: planRequestSchema,
      /** Evaluated in the scope of the answer. Each value becomes the secret `chain.<name>`. */
      extract: z.array(z.tuple([z.string(), templateSchema])),
    }),
  ),
});
export type ConnectionChain = z.infer<typeof chainSchema>;

/** How requests are authenticated. Templates refer to the resulting values as secrets: `$secrets.<key>`. */
const authenticationSchema = z.strictObject({
  /** Its id in the descriptor. Credentials are stored for one authentication. */
  id: z.string(),
  /** The fields that the requests, the token and the chains use. */
  fields: z.array(credentialFieldSchema),
  /** These two, joined by a colon in base64, are the secret `basic` (RFC 7617). */
  basic: z.strictObject({ username: z.string(), password: z.string() }).optional(),
  /** Yields the secret `access_token`. */
  token: tokenSchema.optional(),
  chains: z.array(chainSchema).optional(),
  /** The secret that the credentials in `X-Upstream-Authorization` become. Absent: they are sent to no API. */
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
  /** The slug of the connector, for messages. */
  connector: z.string(),
  /** The name of the instance that is shown to people. Absent in plans from before it was published. */
  instanceName: z.string().optional(),
  /** The workspace whose users call, for tools that are lent to it. Absent: the home of the instance. */
  usersOf: z.string().optional(),
  /** Absent if the requests carry no credentials. */
  authentication: authenticationSchema.optional(),
  rateLimits: z.array(rateLimitSchema).optional(),
});
export type PlanConnection = z.infer<typeof planConnectionSchema>;

/**
 * `failed`: the credentials could not be looked up. `initiated`: none exist yet, and a link to a page where a person
 * can connect has been issued. `requires_parameters`: some exist, and more values are needed.
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
  /** The keys of required fields that have no value. */
  missingFields: z.array(z.string()).optional(),
  /** Present if it was requested. Anybody who has the link can connect this user, once. */
  link: z
    .strictObject({
      token: z.string(),
      /** Identifies the link after it was used. */
      hash: z.string(),
      /** Unix milliseconds. */
      expiresAt: z.int(),
    })
    .optional(),
});
export type ConnectionReport = z.infer<typeof connectionReportSchema>;
