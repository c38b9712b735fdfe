import { type SecretRef, secretRefSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/** When a version of a secret was last used: data planes note it, the control plane takes it over. */
export type SecretUse = Note & { ref: Required<SecretRef> };

export type SecretUseNotes = Pick<Notes<SecretUse>, 'flush' | 'close'> & { note(ref: Required<SecretRef>): void };
export type SecretUseReader = NoteReader<SecretUse>;

const FLUSH_MS = 10_000;

/** Of the data planes that note them; absent: the default pool. */
type InPool = { pool?: string | undefined };

/** Sealed with the keys of the pool's commands. */
const kindIn = (pool: string | undefined): NoteKind<SecretUse> => ({
  hash: keys.secretUses(pool),
  name: 'secret-uses',
  purposes: { note: 'secret-use', field: 'secret-use-name' },
  schema: z.strictObject({ ref: secretRefSchema.required({ version: true }), at: z.int().min(0) }),
  idOf: ({ ref: { workspaceId, serverId, name, version } }) => `${workspaceId}/${serverId}/${name}@${version}`,
});

/** For the data plane. */
export async function createSecretUseNotes({
  flushMs = FLUSH_MS,
  pool,
  ...options
}: NoteOptions & InPool & { flushMs?: number }): Promise<SecretUseNotes> {
  const notes = await createNotes(kindIn(pool), { ...options, flushMs });
  return { ...notes, note: (ref) => notes.note({ ref, at: Date.now() }) };
}

/** For the control plane. */
export function createSecretUseReader({ pool, ...options }: NoteOptions & InPool): Promise<SecretUseReader> {
  return createNoteReader(kindIn(pool), options);
}
