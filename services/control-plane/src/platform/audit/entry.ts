import { canonicalJson, type Json, type JsonObject } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import type { MemberChange } from './changes-between.ts';

export const actorKinds = ['key', 'person', 'agent', 'token', 'anonymous', 'platform'] as const;
/** `begun` and `ended` are the start and the end of a change; an `event` is a single entry. */
export const entryKinds = ['begun', 'ended', 'event'] as const;

/**
 * The actor. `id` is the id of a `key`, `person` or `agent`, and the issuer and subject of a `token`; `platform` is the
 * service itself.
 */
export type AuditActor = { kind: (typeof actorKinds)[number]; id: string };

/** The record of something that happened. It never contains a secret, an argument or an output. */
export type AuditEvent = {
  kind: (typeof entryKinds)[number];
  /**
   * The start and the end of a change have the same id. Each `event` has its own id, so that it is written once even if
   * it is reported twice.
   */
  requestId?: string;
  workspaceId?: string;
  actor: AuditActor;
  /** The client address of the connection. */
  address?: string;
  /** The `operationId` of the REST API, or a name such as `sign-in.failed` or `call.denied`. */
  action: string;
  /** Ids and names of the affected resources. */
  target?: Record<string, string>;
  /** `done`, or the code of the error that prevented it. */
  outcome?: string;
  changes?: MemberChange[];
  details?: JsonObject;
};

/** An entry with its position in the chain of its organization. The hash covers the canonical JSON of all fields. */
export type AuditEntry = AuditEvent & {
  organizationId: string;
  /** Numbers start at 1 and have no gaps. */
  number: number;
  at: string;
  /** Hash of the previous entry; empty for the first one. */
  previousHash: string;
};

export type SealedEntry = { entry: AuditEntry; content: string; hash: string };

export function sealEntry(entry: AuditEntry): SealedEntry {
  return { entry, content: canonicalJson(entry as Json), hash: digestOf(entry as Json) };
}

/** The values by which lists filter and sort; they repeat fields of the content. */
export type EntryColumns = ReturnType<typeof columnsOf>;

export function columnsOf({ organizationId, number, at, kind, workspaceId, actor, action, outcome }: AuditEntry) {
  return {
    organizationId,
    number,
    at: new Date(at),
    kind,
    workspaceId: workspaceId ?? null,
    actorKind: actor.kind,
    actorId: actor.id,
    action,
    outcome: outcome ?? null,
  };
}

export type StoredEntry = EntryColumns & { content: string; hash: string };

/** Whether a stored entry follows the previous one, and its columns match its content. */
export function follows(stored: StoredEntry, before: { number: number; hash: string }): boolean {
  const entry = parseContent(stored.content);
  // Exports contain the text as it is stored, in which a duplicate name could be read in two ways.
  if (entry === undefined || canonicalJson(entry as Json) !== stored.content) return false;
  if (digestOf(entry as Json) !== stored.hash) return false;
  return entry.number === before.number + 1 && entry.previousHash === before.hash && isListedAs(entry, stored);
}

function isListedAs(entry: AuditEntry, stored: EntryColumns): boolean {
  const columns = columnsOf(entry);
  return (Object.keys(columns) as (keyof EntryColumns)[]).every(
    (name) => JSON.stringify(columns[name]) === JSON.stringify(stored[name]),
  );
}

/** Returns undefined if somebody has replaced the content with something that is not an entry. */
function parseContent(content: string): AuditEntry | undefined {
  try {
    return JSON.parse(content) as AuditEntry;
  } catch {
    return undefined;
  }
}
