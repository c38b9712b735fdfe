import { z } from 'zod';
import { keys } from './keys.ts';
import { createNoteReader, type NoteReader } from './note-reader.ts';
import { createNotes, type Note, type NoteKind, type NoteOptions, type Notes } from './sealed-notes.ts';

/** An API key or an agent that made a request. Edges note it, and the control plane collects it. */
export type SeenCaller = Note & { kind: 'key' | 'agent'; id: string };

export type SeenCallerNotes = Pick<Notes<SeenCaller>, 'flush' | 'close'> & {
  note(kind: SeenCaller['kind'], id: string): void;
};
export type SeenCallerReader = NoteReader<SeenCaller>;

const FLUSH_MS = 2000;
/** The time of the last use of a key need not be known more precisely. */
const AGAIN_MS = 60_000;
/** The maximum number of notes while no control plane collects them. */
const KEPT_MAX = 100_000;

/** Sealed with keys that are derived from the peppers. */
const kind: NoteKind<SeenCaller> = {
  hash: keys.seenCallers,
  name: 'seen-callers',
  purposes: { note: 'seen-caller', field: 'seen-caller-name' },
  schema: z.strictObject({ kind: z.enum(['key', 'agent']), id: z.string(), at: z.int().min(0) }),
  idOf: (caller) => `${caller.kind}/${caller.id}`,
  keptMax: KEPT_MAX,
  againMs: AGAIN_MS,
};

/** Used by the edge. */
export async function createSeenCallerNotes({
  flushMs = FLUSH_MS,
  ...options
}: NoteOptions & { flushMs?: number }): Promise<SeenCallerNotes> {
  const notes = await createNotes(kind, { ...options, flushMs });
  return { ...notes, note: (kind, id) => notes.note({ kind, id, at: Date.now() }) };
}

/** Used by the control plane. */
export function createSeenCallerReader(options: NoteOptions): Promise<SeenCallerReader> {
  return createNoteReader(kind, options);
}
