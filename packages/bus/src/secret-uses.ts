import { type SecretRef, secretRefSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/** The time at which a version of a secret was last used. Data planes note it, and the control plane collects it. */
export type SecretUse = Note & { ref: Required<SecretRef> };

export type SecretUseNotes = Pick<Notes<SecretUse>, 'flush' | 'close'> & { note(ref: Required<SecretRef>): void };
export type SecretUseReader = NoteReader<SecretUse>;

const FLUSH_MS = 10_000;

/** The pool of the data planes that note uses. Absent for the default pool. */
type InPool = { pool?: string | undefined };

/** Sealed with the keys of the pool's commands. */
const kindIn = (pool: string | undefined): NoteKind<SecretUse> => ({
  hash: keys.secretUses(pool),
  name: 'secret-uses',
  purposes: { note: 'secret-use', field: 'secret-use-name' },
  schema: z.strictObject({ ref: secretRefSchema.required({ version: true }), at: z.int().min(0) }),
  idOf: ({ ref: { workspaceId, serverId, name, version } }) => `${workspaceId}/${serverId}/${name}@${version}`,
});

/** Used by the data plane. */
export async function createSecretUseNotes({
  flushMs = FLUSH_MS,
  pool,
  ...options
}: NoteOptions & InPool & { flushMs?: number }): Promise<SecretUseNotes> {
  const notes = await createNotes(kindIn(pool), { ...options, flushMs });
  return { ...notes, note: (ref) => notes.note({ ref, at: Date.now() }) };
}

/** Used by the control plane. */
export function createSecretUseReader({ pool, ...options }: NoteOptions & InPool): Promise<SecretUseReader> {
  return createNoteReader(kindIn(pool), options);
}
