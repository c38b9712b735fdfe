import { type ApprovalRequest, approvalRequestSchema } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/** Calls that wait for somebody's approval. Edges note them, and the control plane collects them. */
export type ApprovalRequestNotes = Pick<Notes<ApprovalRequest>, 'flush' | 'close'> & {
  note(approvalRequest: Omit<ApprovalRequest, 'at'>): void;
};
export type ApprovalRequestReader = NoteReader<ApprovalRequest>;

const FLUSH_MS = 1000;
/** Repeated attempts within this time count as one request. */
const AGAIN_MS = 10_000;
const REMEMBERED_MAX = 10_000;
/** The maximum number of notes while no control plane collects them. */
const KEPT_MAX = 10_000;

/** Sealed with keys that are derived from the peppers. */
const kind: NoteKind<ApprovalRequest> = {
  hash: keys.approvalRequests,
  name: 'approval-requests',
  purposes: { note: 'approval-request', field: 'approval-request-name' },
  schema: approvalRequestSchema,
  idOf: ({ workspaceId, requestDigest }) => `${workspaceId}/${requestDigest}`,
  keptMax: KEPT_MAX,
};

/** Used by the edge. */
export async function createApprovalRequestNotes({
  flushMs = FLUSH_MS,
  ...options
}: NoteOptions & { flushMs?: number }): Promise<ApprovalRequestNotes> {
  const notes = await createNotes(kind, { ...options, flushMs });
  const lastNoted = new LRUCache<string, number>({ max: REMEMBERED_MAX });
  return {
    ...notes,
    note(approvalRequest) {
      const at = Date.now();
      const id = `${kind.idOf({ ...approvalRequest, at })}/${approvalRequest.usedApprovalId ?? ''}`;
      if (at - (lastNoted.get(id) ?? 0) < AGAIN_MS) return;
      lastNoted.set(id, at);
      notes.note({ ...approvalRequest, at });
    },
  };
}

/** Used by the control plane. */
export function createApprovalRequestReader(options: NoteOptions): Promise<ApprovalRequestReader> {
  return createNoteReader(kind, options);
}
