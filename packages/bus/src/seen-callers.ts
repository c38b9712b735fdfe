import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/** An API key or an agent that made a request: edges note it, the control plane takes it over. */
export type SeenCaller = Note & { kind: 'key' | 'agent'; id: string };

export type SeenCallerNotes = Pick<Notes<SeenCaller>, 'flush' | 'close'> & {
  note(kind: SeenCaller['kind'], id: string): void;
};
export type SeenCallerReader = NoteReader<SeenCaller>;

const FLUSH_MS = 2000;
/** Nobody needs to know more exactly when a key was last used. */
const AGAIN_MS = 60_000;
/** How many are kept while no control plane takes them over. */
const KEPT_MAX = 100_000;

/** Sealed with keys of the peppers. */
const kind: NoteKind<SeenCaller> = {
  hash: keys.seenCallers,
  name: 'seen-callers',
  purposes: { note: 'seen-caller', field: 'seen-caller-name' },
  schema: z.strictObject({ kind: z.enum(['key', 'agent']), id: z.string(), at: z.int().min(0) }),
  idOf: (caller) => `${caller.kind}/${caller.id}`,
  keptMax: KEPT_MAX,
  againMs: AGAIN_MS,
};

/** For the edge. */
export async function createSeenCallerNotes({
  flushMs = FLUSH_MS,
  ...options
}: NoteOptions & { flushMs?: number }): Promise<SeenCallerNotes> {
  const notes = await createNotes(kind, { ...options, flushMs });
  return { ...notes, note: (kind, id) => notes.note({ kind, id, at: Date.now() }) };
}

/** For the control plane. */
export function createSeenCallerReader(options: NoteOptions): Promise<SeenCallerReader> {
  return createNoteReader(kind, options);
}
