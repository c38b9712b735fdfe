/*
 * A debug session lets one person see what runs of a server's tools do, for a while. Its grant is a document that the
 * control plane signs and the data plane checks, so an edge alone can neither open a session nor read a trace.
 */
import { z } from 'zod';
import { checksumOf, toBase62 } from './base62.ts';
import { debugCallerKindSchema } from './caller-kind.ts';

export const debugLimits = {
  minutesDefault: 30,
  minutesMax: 240,
  /** Of a body, of inputs and of outputs, as they are shown; the rest is cut off. */
  bodyBytesMax: 16 * 1024,
  /** A larger body is not even looked at: only its size is shown. */
  bodyBytesReadMax: 1024 * 1024,
  urlLengthMax: 4 * 1024,
  /** Of one call; what comes after them is counted, and not shown. */
  eventsPerCallMax: 1000,
  /** Of one session, all calls together: the oldest go first. */
  eventsMax: 10_000,
  /** As sealed. */
  streamBytesMax: 16 * 1024 * 1024,
  /** Of a trace in the answer of the run endpoint, as JSON: bodies are left out of a larger one. */
  traceBytesMax: 1024 * 1024,
} as const;

/** Where a run of the debugger goes instead of what the document says. */
export const debugEnvironmentSchema = z.strictObject({
  /** Origins by origins, such as `https://api.example.com` by `https://staging.example.com`. */
  hosts: z.record(z.string(), z.string()).optional(),
  /** Names of secrets of the same server by names. */
  secrets: z.record(z.string(), z.string()).optional(),
});
export type DebugEnvironment = z.infer<typeof debugEnvironmentSchema>;

/** SHA-256 of the whole token, in hex. Of 256 random bits it gives nothing away. */
const tokenHashSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const debugGrantSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('debug-grant'),
  sessionId: z.string().regex(/^dbg_[A-Za-z0-9_-]{1,64}$/),
  workspaceId: z.string(),
  /** At whose endpoint. */
  serverId: z.string(),
  /** Other servers of the workspace whose tools that one offers: calls to them through it are also shown. */
  origins: z.array(z.string()).max(1000).optional(),
  tokenHash: tokenHashSchema,
  /** Its runs may not name a user, because whoever opened it may not. */
  mayAssertUser: z.literal(false).optional(),
  /** Unix milliseconds. */
  expiresAt: z.int(),
  environment: debugEnvironmentSchema.optional(),
});
export type DebugGrant = z.infer<typeof debugGrantSchema>;

/** Present in a manifest while somebody debugs its server. */
export const manifestDebugSchema = z.strictObject({
  /** Signed, as text: it goes with each call. */
  grant: z.string().max(128 * 1024),
  sessionId: z.string(),
  expiresAt: z.int(),
  tokenHash: tokenHashSchema,
  /** As in the grant. */
  mayAssertUser: z.literal(false).optional(),
});
export type ManifestDebug = z.infer<typeof manifestDebugSchema>;

/** With a call at whose endpoint a debug session is open. */
export const callDebugSchema = z.strictObject({
  grant: z.string(),
  /** Proves that the debugger asks: then the trace goes into the reply, and the environment of the grant counts. */
  token: z.string().optional(),
  caller: debugCallerKindSchema,
  /** JSON Pointers of inputs that are passwords; `*` matches any member. */
  hiddenInputs: z.array(z.string()).max(100).optional(),
});
export type CallDebug = z.infer<typeof callDebugSchema>;

const TOKEN_PREFIX = 'tpd';
const SECRET_LENGTH = 43;
const TOKEN = new RegExp(`^(${TOKEN_PREFIX}_[0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{6})$`);

/** Of the caller's cryptographic random source. */
export const DEBUG_TOKEN_BYTES = 32;

/** `tpd_<secret>_<checksum>`: secret scanners find it, and a mistyped one is recognized without a look-up. */
export function formatDebugToken(secret: Uint8Array): string {
  if (secret.length !== DEBUG_TOKEN_BYTES) throw new RangeError('a debug token consists of 32 bytes');
  const body = `${TOKEN_PREFIX}_${toBase62(secret, SECRET_LENGTH)}`;
  return `${body}_${checksumOf(body)}`;
}

/** Whether it could be one; the session's hash decides which session it belongs to. */
export function isDebugToken(text: string): boolean {
  const [, body = '', found] = TOKEN.exec(text) ?? [];
  return found !== undefined && checksumOf(body) === found;
}
