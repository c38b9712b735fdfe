import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/**
 * An external user on whose behalf a request was made. Edges note the user, and the control plane collects the notes.
 */
export type SeenUser = Note & { workspaceId: string; username: string };

export type SeenUserNotes = Pick<Notes<SeenUser>, 'flush' | 'close'> & {
  note(user: Pick<SeenUser, 'workspaceId' | 'username'>): void;
};
export type SeenUserReader = NoteReader<SeenUser>;

const FLUSH_MS = 2000;
/** The time at which a user was last seen need not be known more precisely. */
const AGAIN_MS = 60_000;
/** The maximum number of notes while no control plane collects them. */
const KEPT_MAX = 100_000;

/** Sealed with keys that are derived from the peppers. */
const kind: NoteKind<SeenUser> = {
  hash: keys.seenUsers,
  name: 'seen-users',
  purposes: { note: 'seen-user', field: 'seen-user-name' },
  schema: z.strictObject({ workspaceId: z.string(), username: z.string(), at: z.int().min(0) }),
  idOf: ({ workspaceId, username }) => `${workspaceId}/${username}`,
  keptMax: KEPT_MAX,
  againMs: AGAIN_MS,
};

/** Used by the edge. */
export async function createSeenUserNotes({
  flushMs = FLUSH_MS,
  ...options
}: NoteOptions & { flushMs?: number }): Promise<SeenUserNotes> {
  const notes = await createNotes(kind, { ...options, flushMs });
  return { ...notes, note: ({ workspaceId, username }) => notes.note({ workspaceId, username, at: Date.now() }) };
}

/** Used by the control plane. */
export function createSeenUserReader(options: NoteOptions): Promise<SeenUserReader> {
  return createNoteReader(kind, options);
}
