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

/** Whether a stored entry follows the previous one. */
export function follows(
  { content, hash }: { content: string; hash: string },
  before: { number: number; hash: string },
): boolean {
  const entry = JSON.parse(content) as AuditEntry;
  return entry.number === before.number + 1 && entry.previousHash === before.hash && digestOf(entry as Json) === hash;
}
