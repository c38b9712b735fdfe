/*
 * A debug session lets one person see what runs of a server's tools do, for a limited time. Its grant is a document
 * that the control plane signs and the data plane checks, so an edge alone can neither open a session nor read a trace.
 */
import { z } from 'zod';
import { checksumOf, toBase62 } from './base62.ts';
import { debugCallerKindSchema } from './caller-kind.ts';

export const debugLimits = {
  minutesDefault: 30,
  minutesMax: 240,
  /** The limit of a body, of inputs and of outputs, as they are shown; the rest is cut off. */
  bodyBytesMax: 16 * 1024,
  /** A larger body is not read: only its size is shown. */
  bodyBytesReadMax: 1024 * 1024,
  urlLengthMax: 4 * 1024,
  /** The limit of one call. Events beyond it are counted, but not shown. */
  eventsPerCallMax: 1000,
  /** The limit of one session, for all calls together. The oldest events are removed first. */
  eventsMax: 10_000,
  /** The size of the sealed events. */
  streamBytesMax: 16 * 1024 * 1024,
  /** The limit of a trace in the answer of the run endpoint, as JSON. Bodies are left out of a larger trace. */
  traceBytesMax: 1024 * 1024,
} as const;

/** The hosts and secrets that runs of the debugger use in place of those in the document. */
export const debugEnvironmentSchema = z.strictObject({
  /** Replacements of origins: for instance, `https://api.example.com` is replaced by `https://staging.example.com`. */
  hosts: z.record(z.string(), z.string()).optional(),
  /** Replacements of names of secrets by other names. All are secrets of the same server. */
  secrets: z.record(z.string(), z.string()).optional(),
});
export type DebugEnvironment = z.infer<typeof debugEnvironmentSchema>;

/** SHA-256 of the whole token, in hex. It reveals nothing, because the token has 256 random bits. */
const tokenHashSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const debugGrantSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('debug-grant'),
  sessionId: z.string().regex(/^dbg_[A-Za-z0-9_-]{1,64}$/),
  workspaceId: z.string(),
  /** The server whose endpoint is debugged. */
  serverId: z.string(),
  /**
   * Other servers of the workspace whose tools this server offers. Calls to them through this server are also shown.
   */
  origins: z.array(z.string()).max(1000).optional(),
  tokenHash: tokenHashSchema,
  /** Runs of this session may not name a user, because the person who opened it may not. */
  mayAssertUser: z.literal(false).optional(),
  /** Unix milliseconds. */
  expiresAt: z.int(),
  environment: debugEnvironmentSchema.optional(),
});
export type DebugGrant = z.infer<typeof debugGrantSchema>;

/** Present in a manifest while somebody debugs its server. */
export const manifestDebugSchema = z.strictObject({
  /** The signed document, as text. It is sent with each call. */
  grant: z.string().max(128 * 1024),
  sessionId: z.string(),
  expiresAt: z.int(),
  tokenHash: tokenHashSchema,
  /** The same as in the grant. */
  mayAssertUser: z.literal(false).optional(),
});
export type ManifestDebug = z.infer<typeof manifestDebugSchema>;

/** Sent with a call if a debug session is open at the endpoint. */
export const callDebugSchema = z.strictObject({
  grant: z.string(),
  /**
   * Proves that the debugger is calling. The trace is then part of the reply, and the environment of the grant applies.
   */
  token: z.string().optional(),
  caller: debugCallerKindSchema,
  /** JSON Pointers of inputs that are passwords; `*` matches any member. */
  hiddenInputs: z.array(z.string()).max(100).optional(),
});
export type CallDebug = z.infer<typeof callDebugSchema>;

const TOKEN_PREFIX = 'tpd';
const SECRET_LENGTH = 43;
const TOKEN = new RegExp(`^(${TOKEN_PREFIX}_[0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{6})$`);

/** The random bytes come from the caller's cryptographic random source. */
export const DEBUG_TOKEN_BYTES = 32;

/** `tpd_<secret>_<checksum>`: secret scanners can find it, and a mistyped one is recognized without a lookup. */
export function formatDebugToken(secret: Uint8Array): string {
  if (secret.length !== DEBUG_TOKEN_BYTES) throw new RangeError('a debug token consists of 32 bytes');
  const body = `${TOKEN_PREFIX}_${toBase62(secret, SECRET_LENGTH)}`;
  return `${body}_${checksumOf(body)}`;
}

/** True if the text could be a debug token. Which session it belongs to is decided by that session's hash. */
export function isDebugToken(text: string): boolean {
  const [, body = '', found] = TOKEN.exec(text) ?? [];
  return found !== undefined && checksumOf(body) === found;
}
