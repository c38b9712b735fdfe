import { canonicalJson, type Json, type JsonObject } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import type { MemberChange } from './changes-between.ts';

export const actorKinds = ['key', 'person', 'agent', 'token', 'anonymous', 'platform'] as const;
/** `begun` and `ended` are the start and the end of a change; an `event` is a single entry. */
export const entryKinds = ['begun', 'ended', 'event'] as const;

/**
 * The actor. For `key`, `person` and `agent` the id; for `token` the issuer and the subject; `platform` is the service
 * itself.
 */
export type AuditActor = { kind: (typeof actorKinds)[number]; id: string };

/** The record of something that happened. It never contains a secret, an argument or an output. */
export type AuditEvent = {
  kind: (typeof entryKinds)[number];
  /**
   * The same for the start and the end of a change. An event has its own: if it is reported twice, it is written once.
   */
  requestId?: string;
  workspaceId?: string;
  actor: AuditActor;
  /** As reported by the connection. */
  address?: string;
  /** `operationId` of the REST API, or `sign-in.failed`, `call.denied` and the like. */
  action: string;
  /** Ids and names of the affected things. */
  target?: Record<string, string>;
  /** `done`, or why not: an error code. */
  outcome?: string;
  changes?: MemberChange[];
  details?: JsonObject;
};

/** Position in the chain of its organization. The hash covers the canonical JSON of all fields before it. */
export type AuditEntry = AuditEvent & {
  organizationId: string;
  /** From 1, without gaps. */
  number: number;
  at: string;
  /** Hash of the previous entry; empty for the first one. */
  previousHash: string;
};

export type SealedEntry = { entry: AuditEntry; content: string; hash: string };

export function sealEntry(entry: AuditEntry): SealedEntry {
  return { entry, content: canonicalJson(entry as Json), hash: digestOf(entry as Json) };
}

/** What lists filter and sort by; it repeats what the content says. */
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

/** Whether a stored entry follows the previous one, and is listed as what it says. */
export function follows(stored: StoredEntry, before: { number: number; hash: string }): boolean {
  const entry = parseContent(stored.content);
  // Exports pass the text on, in which a name that is there twice would be read in two ways.
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

/** Undefined: somebody has replaced it with something that no entry is. */
function parseContent(content: string): AuditEntry | undefined {
  try {
    return JSON.parse(content) as AuditEntry;
  } catch {
    return undefined;
  }
}
