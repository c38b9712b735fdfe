import { z } from 'zod';
import { credentialFieldSchema, credentialRefSchema } from './connection.ts';
import { secretHostSchema } from './host-pattern.ts';
import { planSchema } from './plan.ts';
import { externalHeadersSchema, externalQuestions, externalTransports } from './plan-external.ts';
import { finishSingleSignOnSchema, startSingleSignOnSchema } from './single-sign-on.ts';
import { sourceLimits } from './source-limits.ts';

/** Secret names of documents: a letter, then letters, digits, underscores (Flower §2). */
export const secretNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,127}$/, 'must be a letter, then letters, digits or _');

/** What a sealed value holds once the data plane has opened it. */
export const sealedSecretSchema = z.strictObject({
  value: z.string().min(1).max(65_536),
  hosts: z.array(secretHostSchema).min(1).max(32),
});
export type SealedSecret = z.infer<typeof sealedSecretSchema>;

/** What the sealed credentials of a connector's instance hold: the values by the keys of the fields. */
export const sealedCredentialSchema = sealedSecretSchema.extend({
  value: z.record(z.string(), z.union([z.string().max(65_536), z.number(), z.boolean()])),
});
export type SealedCredential = z.infer<typeof sealedCredentialSchema>;

/** No separator fits in, so a reference names one secret in every store. */
const ownerIdSchema = z.string().regex(/^\w[\w-]{0,127}$/, 'must be letters, digits, _ and -');

/** A secret of a server. Names and times live in the control plane, the value only in the secret store. */
export const secretRefSchema = z.strictObject({
  workspaceId: ownerIdSchema,
  serverId: ownerIdSchema,
  name: secretNameSchema,
  /** A version that is kept in addition to the one in use; absent: the one in use. */
  version: z.int().min(1).optional(),
});
export type SecretRef = z.infer<typeof secretRefSchema>;

/** OAuth 2.0 authorization code with PKCE (RFC 6749, 4.1; RFC 7636), as the descriptor says. */
const authorizationSchema = z.strictObject({
  authenticationId: z.string(),
  /** Workspace whose client is used when the scope does not have its own. */
  workspaceId: z.string(),
  authorizationUrl: z.string(),
  tokenUrl: z.string(),
  scopes: z.array(z.string()),
  clientAuth: z.enum(['basic', 'body']),
  redirectUri: z.string(),
});
export type Authorization = z.infer<typeof authorizationSchema>;

/** What the control plane may ask of the data plane. Answers are the schemas beside. */
export const commandSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('get_sealing_key') }),
  z.strictObject({
    command: z.literal('store_secret'),
    ref: secretRefSchema,
    sealed: z.string().max(131_072),
    /** What the value must be sealed for; absent: the secret of this reference. */
    audience: z.string().max(4096).optional(),
    /** The number of the new version. */
    version: z.int().min(1),
    /** False: the new version is stored, and the version in use stays in use. */
    isUsed: z.boolean(),
    /**
     * How long requests may fall back to the version that it replaces, in milliseconds; 0: not at all. The replaced
     * version is kept until it is deleted.
     */
    overlapMs: z.int().min(0),
  }),
  /** Makes a version that is kept the one in use, and keeps the one that was. */
  z.strictObject({
    command: z.literal('use_secret_version'),
    ref: secretRefSchema,
    version: z.int().min(1),
    /** How long requests may fall back to the one that it replaces, in milliseconds; absent: not at all. */
    overlapMs: z.int().min(0).optional(),
  }),
  /** With a version only that one; without, the one in use. */
  z.strictObject({ command: z.literal('delete_secret'), ref: secretRefSchema }),
  z.strictObject({
    command: z.literal('store_credential'),
    ref: credentialRefSchema,
    /** Of the descriptor. */
    authenticationId: z.string(),
    /** All that it may and must have. */
    fields: z.array(credentialFieldSchema),
    /** OAuth 2.0 authorization code: usable only after a person has signed in. */
    needsSignIn: z.literal(true).optional(),
    sealed: z.string().max(131_072),
  }),
  z.strictObject({ command: z.literal('delete_credential'), ref: credentialRefSchema }),
  /**
   * Runs the one step of the plan with the credentials of this scope, or with those that a caller without a name has.
   */
  z.strictObject({ command: z.literal('test_connection'), plan: planSchema, ref: credentialRefSchema.optional() }),
  /** Runs a recorded call again with its recorded answers: no upstream is asked, and no secret is read. */
  z.strictObject({
    command: z.literal('replay_call'),
    /** JSON of `replayRequestSchema`, gzipped, in base64. */
    gzipped: z.string().max(1024 * 1024),
  }),
  z.strictObject({
    command: z.literal('start_authorization'),
    ref: credentialRefSchema,
    authorization: authorizationSchema,
    /** Comes back with the code. */
    state: z.string().min(16).max(256),
  }),
  /** Begins to sign the platform in to an external MCP server; answers as `start_authorization`. */
  z.strictObject({
    command: z.literal('start_external_sign_in'),
    ref: credentialRefSchema,
    url: z.string().max(sourceLimits.urlLengthMax),
    transport: z.enum(externalTransports).optional(),
    redirectUri: z.string(),
    /** Where a metadata document of this client can be read. */
    clientMetadataUrl: z.string().optional(),
    /** Of a client that was registered by hand. */
    clientId: z.string().min(1).max(512).optional(),
    sealedClientSecret: z.string().max(131_072).optional(),
    /** In addition to those that the server asks for. */
    scopes: z.array(z.string().min(1).max(128)).max(100),
    /** Comes back with the code. */
    state: z.string().min(16).max(256),
  }),
  z.strictObject({
    command: z.literal('finish_external_sign_in'),
    ref: credentialRefSchema,
    url: z.string().max(sourceLimits.urlLengthMax),
    session: z.string().max(65_536),
    code: z.string().min(1).max(4096),
    /** Who answered (RFC 9207). */
    iss: z.string().max(2048).optional(),
  }),
  /** `session` is what `start_authorization` gave. */
  z.strictObject({
    command: z.literal('finish_authorization'),
    ref: credentialRefSchema,
    session: z.string().max(16_384),
    code: z.string().min(1).max(4096),
  }),
  startSingleSignOnSchema,
  finishSingleSignOnSchema,
  /** `token` is of a link that a plan has given. */
  z.strictObject({ command: z.literal('open_connect_link'), token: z.string().max(4096) }),
  z.strictObject({
    command: z.literal('fetch_document'),
    url: z.string().max(sourceLimits.urlLengthMax),
    /**
     * Metadata of an OAuth client, of which nothing but the document at this address counts: a redirect is refused.
     * Anybody may have it fetched, so this neither waits for other documents nor holds them up.
     */
    refusesRedirects: z.literal(true).optional(),
    /** Sent by control planes of the previous release, and now part of `clientDocumentLimits`. */
    bytesMax: z.int().min(1).max(sourceLimits.bytesMax).optional(),
  }),
  /** Lists what an external MCP server declares. Nothing is called there. */
  z.strictObject({
    command: z.literal('inspect_external_server'),
    url: z.string().max(sourceLimits.urlLengthMax),
    /** Absent: Streamable HTTP, then HTTP+SSE where that is not supported. */
    transport: z.enum(externalTransports).optional(),
    headers: externalHeadersSchema,
    /** The server whose secrets the headers refer to; without it, they refer to none. */
    owner: secretRefSchema.pick({ workspaceId: true, serverId: true }).optional(),
    /** The sign-in whose token is sent; absent: none. */
    signIn: credentialRefSchema.optional(),
    /** Further headers, sealed like a secret: its value is the JSON of an object of them. */
    sealedHeaders: z.string().max(131_072).optional(),
    /** What the client behind a call may be asked for: a server may offer tools only to such clients. Absent: nothing. */
    allow: z.array(z.enum(externalQuestions)).optional(),
  }),
]);
export type Command = z.infer<typeof commandSchema>;

/** What `fetch_document` brings: a text in UTF-8 without U+0000, of at most `sourceLimits.bytesMax`. */
export const fetchedDocumentSchema = z.strictObject({
  /** Base64 of the gzipped bytes, because an answer stays in Redis for a minute. */
  gzipped: z.string(),
  /** Of the bytes themselves, in hex. */
  sha256: z.string(),
});
export type FetchedDocument = z.infer<typeof fetchedDocumentSchema>;

/** Public half of the data plane's key pair, as a JWK (RFC 7517) for ECDH-ES+A256KW on P-256. */
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

/** What a value is sealed for: the key that opens it, and the one place where it can be stored or used. */
export const sealingTargetSchema = z.strictObject({
  key: sealingKeySchema,
  /** The protected header `aud` of the seal. */
  audience: z.string(),
});
export type SealingTarget = z.infer<typeof sealingTargetSchema>;

export const storedSecretSchema = z.strictObject({
  /** Counts the writes of this name, from 1. */
  version: z.int().min(1),
  hosts: z.array(z.string()),
  /** Values under 8 characters cannot be told apart from ordinary text, so they are not redacted. */
  isRedactable: z.boolean(),
});
export type StoredSecret = z.infer<typeof storedSecretSchema>;

export const storedCredentialSchema = z.strictObject({
  version: z.int().min(1),
  hosts: z.array(z.string()),
  /** Keys of the fields that have a value. */
  fields: z.array(z.string()),
  /** A person has signed in, or the fields are all that is needed. */
  isUsable: z.boolean(),
});
export type StoredCredential = z.infer<typeof storedCredentialSchema>;

/** How a test of a connection went: the status of the answer and one sentence, nothing of what it said. */
export const connectionTestSchema = z.strictObject({
  isSuccess: z.boolean(),
  status: z.int().optional(),
  message: z.string(),
});
export type ConnectionTest = z.infer<typeof connectionTestSchema>;

/** Answer of `finish_external_sign_in`. */
export const finishedSignInSchema = z.strictObject({
  version: z.int().min(1),
  scope: z.string().optional(),
  issuer: z.string().optional(),
  /** Of the access token, in Unix milliseconds. */
  expiresAt: z.number().optional(),
});
export type FinishedSignIn = z.infer<typeof finishedSignInSchema>;

export const startedAuthorizationSchema = z.strictObject({
  /** Where the person signs in. */
  url: z.string(),
  /** Sealed for the data plane itself, good for 15 minutes. */
  session: z.string(),
});
export type StartedAuthorization = z.infer<typeof startedAuthorizationSchema>;

/** Whose connection a link makes. */
export const connectLinkSchema = z.strictObject({
  /** Distinguishes it from all other links. */
  id: z.string().min(16).max(64),
  ref: credentialRefSchema,
  /** Of the descriptor. */
  authenticationId: z.string(),
  /** Unix milliseconds. */
  expiresAt: z.int(),
  /** It may replace an account that works. `requestedBy` is the agent, key or user that asked for it. */
  replaces: z.strictObject({ requestedBy: z.string() }).optional(),
});
export type ConnectLink = z.infer<typeof connectLinkSchema>;
