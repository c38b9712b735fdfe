import { type ApprovalWish, approvalWishSchema } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/** Calls that wait for somebody's approval. Edges note them, and the control plane collects them. */
export type ApprovalWishNotes = Pick<Notes<ApprovalWish>, 'flush' | 'close'> & {
  note(wish: Omit<ApprovalWish, 'at'>): void;
};
export type ApprovalWishReader = NoteReader<ApprovalWish>;

const FLUSH_MS = 1000;
/** Repeated attempts within this time count as one request. */
const AGAIN_MS = 10_000;
const REMEMBERED_MAX = 10_000;
/** The maximum number of notes while no control plane collects them. */
const KEPT_MAX = 10_000;

/** Sealed with keys that are derived from the peppers. */
const kind: NoteKind<ApprovalWish> = {
  hash: keys.approvalWishes,
  name: 'approval-wishes',
  purposes: { note: 'approval-wish', field: 'approval-wish-name' },
  schema: approvalWishSchema,
  idOf: ({ workspaceId, requestDigest }) => `${workspaceId}/${requestDigest}`,
  keptMax: KEPT_MAX,
};

/** Used by the edge. */
export async function createApprovalWishNotes({
  flushMs = FLUSH_MS,
  ...options
}: NoteOptions & { flushMs?: number }): Promise<ApprovalWishNotes> {
  const notes = await createNotes(kind, { ...options, flushMs });
  const lastNoted = new LRUCache<string, number>({ max: REMEMBERED_MAX });
  return {
    ...notes,
    note(wish) {
      const at = Date.now();
      const id = `${kind.idOf({ ...wish, at })}/${wish.usedApprovalId ?? ''}`;
      if (at - (lastNoted.get(id) ?? 0) < AGAIN_MS) return;
      lastNoted.set(id, at);
      notes.note({ ...wish, at });
    },
  };
}

/** Used by the control plane. */
export function createApprovalWishReader(options: NoteOptions): Promise<ApprovalWishReader> {
  return createNoteReader(kind, options);
}
