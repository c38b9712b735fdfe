import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/** An external user in whose name a request was made: edges note it, the control plane takes it over. */
export type SeenUser = Note & { workspaceId: string; username: string };

export type SeenUserNotes = Pick<Notes<SeenUser>, 'flush' | 'close'> & {
  note(user: Pick<SeenUser, 'workspaceId' | 'username'>): void;
};
export type SeenUserReader = NoteReader<SeenUser>;

const FLUSH_MS = 2000;
/** Nobody needs to know more exactly when a user was last seen. */
const AGAIN_MS = 60_000;
/** How many are kept while no control plane takes them over. */
const KEPT_MAX = 100_000;

/** Sealed with keys of the peppers. */
const kind: NoteKind<SeenUser> = {
  hash: keys.seenUsers,
  name: 'seen-users',
  purposes: { note: 'seen-user', field: 'seen-user-name' },
  schema: z.strictObject({ workspaceId: z.string(), username: z.string(), at: z.int().min(0) }),
  idOf: ({ workspaceId, username }) => `${workspaceId}/${username}`,
  keptMax: KEPT_MAX,
  againMs: AGAIN_MS,
};

/** For the edge. */
export async function createSeenUserNotes({
  flushMs = FLUSH_MS,
  ...options
}: NoteOptions & { flushMs?: number }): Promise<SeenUserNotes> {
  const notes = await createNotes(kind, { ...options, flushMs });
  return { ...notes, note: ({ workspaceId, username }) => notes.note({ workspaceId, username, at: Date.now() }) };
}

/** For the control plane. */
export function createSeenUserReader(options: NoteOptions): Promise<SeenUserReader> {
  return createNoteReader(kind, options);
}
