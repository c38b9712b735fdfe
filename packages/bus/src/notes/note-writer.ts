import { createHmac, randomUUID } from 'node:crypto';
import { setInterval as repeatEvery } from 'node:timers';
import { createCallCipher } from '@toolplane/sealing';
import { LRUCache } from 'lru-cache';
import { firstAttempt } from '../bus-connection.ts';
import type { InPool } from '../keys.ts';
import {
  bindingOf,
  type KeptNotes,
  type NewNote,
  type NoteKind,
  type NoteKindOf,
  type NoteOptions,
  noteKinds,
} from './note-kinds.ts';

export type NoteWriter<Name extends NoteKind> = {
  /** Costs next to nothing: the note is written some seconds later, or once Redis is back. */
  note(note: NewNote<Name>): void;
  /** Writes the pending notes. Closing the bus does so, too. */
  flush(): Promise<void>;
};

/** The maximum number of notes kept in memory while Redis is unavailable. Further ones are dropped. */
const NOTES_MAX = 10_000;
const LAST_NOTED_MAX = 10_000;

export async function createNoteWriter<Name extends NoteKind>(
  name: Name,
  { bus, keys, pool, flushMs = noteKinds[name].flushMs }: NoteOptions & InPool & { flushMs?: number },
): Promise<NoteWriter<Name>> {
  type Kept = KeptNotes[Name];
  const kind: NoteKindOf<Kept> = noteKinds[name];
  const { purposes, idOf, keptMax, againMs = 0, againIdOf = idOf, similarMax } = kind;
  const hash = kind.hash(pool);
  const redis = bus.documents;
  const cipher = createCallCipher(keys);
  const fieldKey = keys.derive(keys.sealingKid, purposes.field, '');
  let notes = new Map<string, Kept>();
  const lastNoted = new LRUCache<string, number>({ max: LAST_NOTED_MAX });
  const similar = new Map<string, { count: number }>();

  /** Keeps notes that could not be written, unless newer ones have replaced them. */
  async function flush(): Promise<void> {
    similar.clear();
    const noted = notes;
    if (noted.size === 0 || fieldKey === undefined) return;
    notes = new Map();
    const entries = [...noted].flatMap(([id, note]) => {
      const field = createHmac('sha256', fieldKey).update(id).digest('base64url');
      return [field, cipher.seal(bindingOf(purposes.note, field), JSON.stringify(note))];
    });
    try {
      if (keptMax !== undefined && (await redis.hlen(hash)) >= keptMax) return;
      await redis.hset(hash, ...entries);
    } catch {
      for (const [id, note] of noted) if (!notes.has(id) && notes.size < NOTES_MAX) notes.set(id, note);
    }
  }

  /** Returns undefined if the note is counted in a similar one, or there are too many. */
  function complete(note: NewNote<Name>, at: number): Kept | undefined {
    if (similarMax === undefined) return { ...note, at } as Kept;
    const text = JSON.stringify(note);
    const earlier = similar.get(text);
    if (earlier !== undefined) earlier.count += 1;
    if (earlier !== undefined || similar.size >= similarMax) return undefined;
    const counted = { ...note, id: randomUUID(), count: 1, at };
    similar.set(text, counted);
    return counted as unknown as Kept;
  }

  /** On the path of every call, so this decides before anything is made of the note. */
  function wasNoted(note: NewNote<Name>, at: number): boolean {
    if (againMs === 0) return false;
    const id = againIdOf(note as Omit<Kept, 'at'>);
    if (at - (lastNoted.get(id) ?? 0) < againMs) return true;
    lastNoted.set(id, at);
    return false;
  }

  const timer = repeatEvery(() => void flush(), flushMs).unref();
  bus.onClose(() => {
    clearInterval(timer);
    return flush();
  });
  await firstAttempt(redis);
  return {
    flush,
    note(noted) {
      const at = Date.now();
      const note = wasNoted(noted, at) ? undefined : complete(noted, at);
      if (note === undefined) return;
      const id = idOf(note);
      if (notes.size < NOTES_MAX || notes.has(id)) notes.set(id, note);
    },
  };
}
