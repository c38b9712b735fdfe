import { z } from 'zod';
import { credentialFieldSchema, credentialRefSchema } from './connection.ts';
import { secretHostSchema } from './host-pattern.ts';
import { planSchema } from './plan.ts';
import { externalHeadersSchema, externalQuestions, externalTransports } from './plan-external.ts';
import { finishSingleSignOnSchema, startSingleSignOnSchema } from './single-sign-on.ts';
import { sourceLimits } from './source-limits.ts';

/** Names of secrets in documents: a letter, then letters, digits, underscores (Flower §2). */
export const secretNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,127}$/, 'must be a letter, then letters, digits or _');

/** What a sealed value contains once the data plane has opened it. */
export const sealedSecretSchema = z.strictObject({
  value: z.string().min(1).max(65_536),
  hosts: z.array(secretHostSchema).min(1).max(32),
});
export type SealedSecret = z.infer<typeof sealedSecretSchema>;

/** The content of sealed credentials of a connector's instance: values by the keys of the fields. */
export const sealedCredentialSchema = sealedSecretSchema.extend({
  value: z.record(z.string(), z.union([z.string().max(65_536), z.number(), z.boolean()])),
});
export type SealedCredential = z.infer<typeof sealedCredentialSchema>;

/** It cannot contain a separator, so a reference names the same single secret in every store. */
const ownerIdSchema = z.string().regex(/^\w[\w-]{0,127}$/, 'must be letters, digits, _ and -');

/** A secret of a server. Its names and times are in the control plane, its value only in the secret store. */
export const secretRefSchema = z.strictObject({
  workspaceId: ownerIdSchema,
  serverId: ownerIdSchema,
  name: secretNameSchema,
  /** A version that is kept in addition to the one in use. Absent: the version in use. */
  version: z.int().min(1).optional(),
});
export type SecretRef = z.infer<typeof secretRefSchema>;

/** OAuth 2.0 authorization code with PKCE (RFC 6749, 4.1; RFC 7636), as declared by the descriptor. */
const authorizationSchema = z.strictObject({
  authenticationId: z.string(),
  /** The workspace whose client is used if the scope does not have its own. */
  workspaceId: z.string(),
  authorizationUrl: z.string(),
  tokenUrl: z.string(),
  scopes: z.array(z.string()),
  clientAuth: z.enum(['basic', 'body']),
  redirectUri: z.string(),
});
export type Authorization = z.infer<typeof authorizationSchema>;

/** The commands that the control plane can send to the data plane. The schemas of the answers are below. */
export const commandSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('get_sealing_key') }),
  z.strictObject({
    command: z.literal('store_secret'),
    ref: secretRefSchema,
    sealed: z.string().max(131_072),
    /** What the value must be sealed for. Absent: for the secret of this reference. */
    audience: z.string().max(4096).optional(),
    /** The number of the new version. */
    version: z.int().min(1),
    /** If false, the new version is stored, and the version in use remains in use. */
    isUsed: z.boolean(),
    /**
     * Milliseconds during which requests may fall back to the replaced version. 0: they may not. The replaced version
     * is kept until it is deleted.
     */
    overlapMs: z.int().min(0),
  }),
  /** Makes a kept version the one in use, and keeps the version that was in use. */
  z.strictObject({
    command: z.literal('use_secret_version'),
    ref: secretRefSchema,
    version: z.int().min(1),
    /** Milliseconds during which requests may fall back to the replaced version. Absent: they may not. */
    overlapMs: z.int().min(0).optional(),
  }),
  /** Deletes the given version only; without a version, the one in use. */
  z.strictObject({ command: z.literal('delete_secret'), ref: secretRefSchema }),
  z.strictObject({
    command: z.literal('store_credential'),
    ref: credentialRefSchema,
    /** The id of the authentication in the descriptor. */
    authenticationId: z.string(),
    /** All fields that the credentials may have, and which of them they must have. */
    fields: z.array(credentialFieldSchema),
    /** Set for the OAuth 2.0 authorization code: the credentials are usable only after a person has signed in. */
    needsSignIn: z.literal(true).optional(),
    sealed: z.string().max(131_072),
  }),
  z.strictObject({ command: z.literal('delete_credential'), ref: credentialRefSchema }),
  /**
   * Runs the one step of the plan with the credentials of this scope; without `ref`, with those of a caller without a
   * name.
   */
  z.strictObject({ command: z.literal('test_connection'), plan: planSchema, ref: credentialRefSchema.optional() }),
  /** Runs a recorded call again with its recorded answers. No upstream is called, and no secret is read. */
  z.strictObject({
    command: z.literal('replay_call'),
    /** The JSON of `replayRequestSchema`, gzipped, in base64. */
    gzipped: z.string().max(1024 * 1024),
  }),
  z.strictObject({
    command: z.literal('start_authorization'),
    ref: credentialRefSchema,
    authorization: authorizationSchema,
    /** Returned by the provider together with the code. */
    state: z.string().min(16).max(256),
  }),
  /** Starts the sign-in of the platform to an external MCP server. The answer is that of `start_authorization`. */
  z.strictObject({
    command: z.literal('start_external_sign_in'),
    ref: credentialRefSchema,
    url: z.string().max(sourceLimits.urlLengthMax),
    transport: z.enum(externalTransports).optional(),
    redirectUri: z.string(),
    /** The URL of the metadata document of this client. */
    clientMetadataUrl: z.string().optional(),
    /** The id of a client that was registered manually. */
    clientId: z.string().min(1).max(512).optional(),
    sealedClientSecret: z.string().max(131_072).optional(),
    /** In addition to the scopes that the server asks for. */
    scopes: z.array(z.string().min(1).max(128)).max(100),
    /** Returned by the provider together with the code. */
    state: z.string().min(16).max(256),
  }),
  z.strictObject({
    command: z.literal('finish_external_sign_in'),
    ref: credentialRefSchema,
    url: z.string().max(sourceLimits.urlLengthMax),
    session: z.string().max(65_536),
    code: z.string().min(1).max(4096),
    /** The issuer that answered (RFC 9207). */
    iss: z.string().max(2048).optional(),
  }),
  /** `session` is the one that `start_authorization` returned. */
  z.strictObject({
    command: z.literal('finish_authorization'),
    ref: credentialRefSchema,
    session: z.string().max(16_384),
    code: z.string().min(1).max(4096),
  }),
  startSingleSignOnSchema,
  finishSingleSignOnSchema,
  /** `token` is that of a link that a plan has returned. */
  z.strictObject({ command: z.literal('open_connect_link'), token: z.string().max(4096) }),
  z.strictObject({
    command: z.literal('fetch_document'),
    url: z.string().max(sourceLimits.urlLengthMax),
    /**
     * Set for the metadata of an OAuth client. Only the document at this very address counts, so a redirect is refused.
     * Anybody can cause such a fetch, so it neither waits for other documents nor delays them.
     */
    refusesRedirects: z.literal(true).optional(),
    /** Sent by control planes of the previous release. Now it is part of `clientDocumentLimits`. */
    bytesMax: z.int().min(1).max(sourceLimits.bytesMax).optional(),
  }),
  /** Lists what an external MCP server declares. Nothing is called there. */
  z.strictObject({
    command: z.literal('inspect_external_server'),
    url: z.string().max(sourceLimits.urlLengthMax),
    /** Absent: Streamable HTTP is tried first, then HTTP+SSE if the former is not supported. */
    transport: z.enum(externalTransports).optional(),
    headers: externalHeadersSchema,
    /** The server whose secrets the headers refer to. Absent: the headers refer to no secrets. */
    owner: secretRefSchema.pick({ workspaceId: true, serverId: true }).optional(),
    /** The sign-in whose token is sent. Absent: no token is sent. */
    signIn: credentialRefSchema.optional(),
    /** Further headers, sealed like a secret. The value is a JSON object of headers. */
    sealedHeaders: z.string().max(131_072).optional(),
    /**
     * What the client behind a call may be asked for, because a server may offer some tools only to such clients.
     * Absent: nothing.
     */
    allow: z.array(z.enum(externalQuestions)).optional(),
  }),
]);
export type Command = z.infer<typeof commandSchema>;

/** The result of `fetch_document`: a text in UTF-8 without U+0000, of at most `sourceLimits.bytesMax`. */
export const fetchedDocumentSchema = z.strictObject({
  /** Base64 of the gzipped bytes, because an answer stays in Redis for a minute. */
  gzipped: z.string(),
  /** SHA-256 of the bytes themselves, in hex. */
  sha256: z.string(),
});
export type FetchedDocument = z.infer<typeof fetchedDocumentSchema>;

/** The public half of the data plane's key pair, as a JWK (RFC 7517) for ECDH-ES+A256KW on P-256. */
export const sealingKeySchema = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  alg: z.literal('ECDH-ES+A256KW'),
  use: z.literal('enc'),
});
export type SealingKey = z.infer<typeof sealingKeySchema>;

/** What a value is sealed for: the key that opens it, and the only purpose for which it can be stored or used. */
export const sealingTargetSchema = z.strictObject({
  key: sealingKeySchema,
  /** The protected header `aud` of the seal. */
  audience: z.string(),
});
export type SealingTarget = z.infer<typeof sealingTargetSchema>;

export const storedSecretSchema = z.strictObject({
  /** The number of writes to this name, from 1. */
  version: z.int().min(1),
  hosts: z.array(z.string()),
  /**
   * False for values shorter than 8 characters: they cannot be distinguished from ordinary text, so they are not
   * redacted.
   */
  isRedactable: z.boolean(),
});
export type StoredSecret = z.infer<typeof storedSecretSchema>;

export const storedCredentialSchema = z.strictObject({
  version: z.int().min(1),
  hosts: z.array(z.string()),
  /** The keys of the fields that have a value. */
  fields: z.array(z.string()),
  /** True if a person has signed in, or if no sign-in is needed in addition to the fields. */
  isUsable: z.boolean(),
});
export type StoredCredential = z.infer<typeof storedCredentialSchema>;

/**
 * The result of a test of a connection: the status of the answer and one sentence. It contains nothing of the answer
 * itself.
 */
export const connectionTestSchema = z.strictObject({
  isSuccess: z.boolean(),
  status: z.int().optional(),
  message: z.string(),
});
export type ConnectionTest = z.infer<typeof connectionTestSchema>;

/** The answer to `finish_external_sign_in`. */
export const finishedSignInSchema = z.strictObject({
  version: z.int().min(1),
  scope: z.string().optional(),
  issuer: z.string().optional(),
  /** When the access token expires, in Unix milliseconds. */
  expiresAt: z.number().optional(),
});
export type FinishedSignIn = z.infer<typeof finishedSignInSchema>;

export const startedAuthorizationSchema = z.strictObject({
  /** The URL at which the person signs in. */
  url: z.string(),
  /** Sealed for the data plane itself. It expires after 15 minutes. */
  session: z.string(),
});
export type StartedAuthorization = z.infer<typeof startedAuthorizationSchema>;

/** The connection that a link makes. */
export const connectLinkSchema = z.strictObject({
  /** A unique id of the link. */
  id: z.string().min(16).max(64),
  ref: credentialRefSchema,
  /** The id of the authentication in the descriptor. */
  authenticationId: z.string(),
  /** Unix milliseconds. */
  expiresAt: z.int(),
  /**
   * Set if the link may replace an account that works. `requestedBy` is the agent, key or user that asked for the link.
   */
  replaces: z.strictObject({ requestedBy: z.string() }).optional(),
});
export type ConnectLink = z.infer<typeof connectLinkSchema>;
