/*
 * Notes that edges and data planes leave in Redis for the control plane, which collects them. They are sealed, so that a
 * reader of Redis learns no names and a writer cannot forge a note. Restoring an old note changes nothing, because the
 * control plane only accepts later times. Each kind is a row of one table, and a hash in Redis.
 */
import {
  type ApprovalRequest,
  approvalRequestSchema,
  callerKindSchema,
  type SecretRef,
  secretRefSchema,
} from '@toolplane/contracts';
import type { CallKeys, EnvelopeBinding, EnvelopePurpose } from '@toolplane/sealing';
import { z } from 'zod';
import type { BusConnection } from '../bus-connection.ts';
import { keys as redisKeys } from '../keys.ts';

/** `at` is in Unix milliseconds. */
type Note = { at: number };

/** An API key or an agent that made a request. */
export type SeenCaller = Note & { kind: 'key' | 'agent'; id: string };
/** An external user on whose behalf a request was made. */
export type SeenUser = Note & { workspaceId: string; username: string };
/** The time at which a version of a secret was last used. */
export type SecretUse = Note & { ref: Required<SecretRef> };
/** A call that an edge refused; the control plane writes it to the audit log. */
export type RefusedCall = Note & z.infer<typeof decisionSchema>;

const at = z.int().min(0);
const decisionSchema = z.strictObject({
  /** The id of this note: many similar decisions become one note. */
  id: z.string(),
  workspaceId: z.string(),
  serverId: z.string(),
  tool: z.string(),
  action: z.enum(['call.denied', 'call.approval_required', 'call.declined', 'call.limited']),
  /** The rule of the policy that decided. Absent if nothing allowed the call. */
  rule: z.string().optional(),
  caller: z.strictObject({
    kind: callerKindSchema,
    /** The id of the key, or the issuer and the subject of the token. */
    id: z.string(),
    agentId: z.string().optional(),
    username: z.string().optional(),
  }),
  /** The number of similar decisions since the previous note. */
  count: z.int().min(1),
  at,
});

export type NoteKindOf<Kept extends Note> = {
  /** The key of the hash. */
  hash(pool?: string): string;
  purposes: { note: EnvelopePurpose; field: EnvelopePurpose };
  schema: z.ZodType<Kept>;
  /** A later note with the same id replaces an earlier one. */
  idOf(note: Omit<Kept, 'at'>): string;
  /** How often the pending notes are written. */
  flushMs: number;
  /** The number of notes in Redis at which no further ones are written. Absent if there cannot be that many. */
  keptMax?: number;
  /** How long the same note is not recorded again. If absent, it is recorded each time. */
  againMs?: number;
  /** What is the same note in that time, if that is not its id. */
  againIdOf?(note: Omit<Kept, 'at'>): string;
  /** Similar notes between two flushes become one, which counts them: at most this many different ones. */
  similarMax?: number;
};

/** What a writer of a note leaves to this module. */
type Completed = { decisions: 'id' | 'count' };
export type KeptNotes = {
  /** Edges leave these four, sealed with keys that are derived from the peppers. */
  decisions: RefusedCall;
  'approval-requests': ApprovalRequest;
  'seen-callers': SeenCaller;
  'seen-users': SeenUser;
  /** Data planes leave these, sealed with the keys of their pool's commands. */
  'secret-uses': SecretUse;
};
export type NoteKind = keyof KeptNotes;
export type NewNote<Name extends NoteKind> = Omit<
  KeptNotes[Name],
  'at' | (Name extends keyof Completed ? Completed[Name] : never)
>;

/** The time of the last use of a key, or by a user, need not be known more precisely. */
const SEEN_AGAIN_MS = 60_000;

export const noteKinds: { [Name in NoteKind]: NoteKindOf<KeptNotes[Name]> } = {
  decisions: {
    hash: () => redisKeys.decisions,
    purposes: { note: 'decision', field: 'decision-name' },
    schema: decisionSchema,
    idOf: ({ id }) => id,
    flushMs: 2000,
    keptMax: 100_000,
    similarMax: 1000,
  },
  'approval-requests': {
    hash: () => redisKeys.approvalRequests,
    purposes: { note: 'approval-request', field: 'approval-request-name' },
    schema: approvalRequestSchema,
    idOf: ({ workspaceId, requestDigest }) => `${workspaceId}/${requestDigest}`,
    flushMs: 1000,
    keptMax: 10_000,
    // Repeated attempts within this time count as one request, but not those after its approval was used up.
    againMs: 10_000,
    againIdOf: ({ workspaceId, requestDigest, usedApprovalId = '' }) =>
      `${workspaceId}/${requestDigest}/${usedApprovalId}`,
  },
  'seen-callers': {
    hash: () => redisKeys.seenCallers,
    purposes: { note: 'seen-caller', field: 'seen-caller-name' },
    schema: z.strictObject({ kind: z.enum(['key', 'agent']), id: z.string(), at }),
    idOf: ({ kind, id }) => `${kind}/${id}`,
    flushMs: 2000,
    keptMax: 100_000,
    againMs: SEEN_AGAIN_MS,
  },
  'seen-users': {
    hash: () => redisKeys.seenUsers,
    purposes: { note: 'seen-user', field: 'seen-user-name' },
    schema: z.strictObject({ workspaceId: z.string(), username: z.string(), at }),
    idOf: ({ workspaceId, username }) => `${workspaceId}/${username}`,
    flushMs: 2000,
    keptMax: 100_000,
    againMs: SEEN_AGAIN_MS,
  },
  'secret-uses': {
    hash: redisKeys.secretUses,
    purposes: { note: 'secret-use', field: 'secret-use-name' },
    schema: z.strictObject({ ref: secretRefSchema.required({ version: true }), at }),
    idOf: ({ ref: { workspaceId, serverId, name, version } }) => `${workspaceId}/${serverId}/${name}@${version}`,
    flushMs: 10_000,
  },
};

export type NoteOptions = { bus: BusConnection; keys: CallKeys };

export function bindingOf(purpose: EnvelopePurpose, field: string): EnvelopeBinding {
  return { purpose, party: '', aad: field };
}
