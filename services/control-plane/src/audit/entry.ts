import { canonicalJson, type Json, type JsonObject } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import type { MemberChange } from './changes-between.ts';

/** Who did something. Of `key`, `person`, `agent` the id; of `token` issuer and subject; `platform` is the service itself. */
export type AuditActor = { kind: 'key' | 'person' | 'agent' | 'token' | 'anonymous' | 'platform'; id: string };

/** What is written down of something that happened. Never a secret, an argument or an output. */
export type AuditEvent = {
  /** `begun` and `ended` are the two ends of a change; an `event` is whole. */
  kind: 'begun' | 'ended' | 'event';
  /** The same of both ends. Of an event its own: told twice, it is written once. */
  requestId?: string;
  workspaceId?: string;
  actor: AuditActor;
  /** As the connection tells it. */
  address?: string;
  /** `operationId` of the REST API, or `sign-in.failed`, `call.denied` and the like. */
  action: string;
  /** Ids and names of what it was about. */
  target?: Record<string, string>;
  /** `done`, or why not: an error code. */
  outcome?: string;
  changes?: MemberChange[];
  details?: JsonObject;
};

/** In the chain of its organization. The hash is of the canonical JSON of all that is before it. */
export type AuditEntry = AuditEvent & {
  organizationId: string;
  /** From 1, without gaps. */
  number: number;
  at: string;
  /** Of the entry before; empty of the first. */
  previousHash: string;
};

export type SealedEntry = { entry: AuditEntry; content: string; hash: string };

export function sealEntry(entry: AuditEntry): SealedEntry {
  return { entry, content: canonicalJson(entry as Json), hash: digestOf(entry as Json) };
}

/** Whether an entry as it is kept is the one that follows. */
export function follows(
  { content, hash }: { content: string; hash: string },
  before: { number: number; hash: string },
): boolean {
  const entry = JSON.parse(content) as AuditEntry;
  return entry.number === before.number + 1 && entry.previousHash === before.hash && digestOf(entry as Json) === hash;
}
