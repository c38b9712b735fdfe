import { createCallCipher } from '@toolplane/sealing';
import { firstAttempt } from '../bus-connection.ts';
import type { InPool } from '../keys.ts';
import { defineScript } from '../redis-script.ts';
import {
  bindingOf,
  type KeptNotes,
  type NoteKind,
  type NoteKindOf,
  type NoteOptions,
  noteKinds,
} from './note-kinds.ts';

export type NoteReader<Name extends NoteKind> = {
  /** Passes all notes in Redis to `save`, and deletes those that were saved. */
  collect(save: (notes: KeptNotes[Name][]) => Promise<void>): Promise<void>;
};

const PAGE = 500;

/** KEYS: the hash. ARGV: fields and values, alternating. Keeps fields that were written after they were read. */
const FORGET = `
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end`;

/** Used by the control plane. */
export async function createNoteReader<Name extends NoteKind>(
  name: Name,
  { bus, keys, pool }: NoteOptions & InPool,
): Promise<NoteReader<Name>> {
  type Kept = KeptNotes[Name];
  const { purposes, schema, ...kind }: NoteKindOf<Kept> = noteKinds[name];
  const hash = kind.hash(pool);
  const redis = bus.documents;
  const forget = defineScript(redis, 'toolplaneForgetNotes', FORGET);
  const cipher = createCallCipher(keys);

  /** Returns undefined for anything that was not sealed for this field with these keys. */
  function open(field: string, sealed: string): Kept | undefined {
    try {
      return schema.parse(JSON.parse(cipher.open(bindingOf(purposes.note, field), sealed)));
    } catch {
      return undefined;
    }
  }

  await firstAttempt(redis);
  return {
    async collect(save) {
      let cursor = '0';
      do {
        const [next, entries] = await redis.hscan(hash, cursor, 'COUNT', PAGE);
        cursor = next;
        const notes = [...pairsOf(entries)].flatMap(([field, sealed]) => open(field, sealed) ?? []);
        if (notes.length > 0) await save(notes);
        if (entries.length > 0) await forget([hash], entries);
      } while (cursor !== '0');
    },
  };
}

function* pairsOf(entries: string[]): Generator<[string, string]> {
  for (let at = 0; at + 1 < entries.length; at += 2) yield [entries[at] ?? '', entries[at + 1] ?? ''];
}
