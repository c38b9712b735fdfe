/*
 * Notes that one side leaves in Redis for the control plane, which collects them. They are sealed, so that a reader of
 * Redis learns no names and a writer cannot forge a note. Restoring an old note changes nothing, because the control
 * plane only accepts later times.
 */
import { createHmac } from 'node:crypto';
import { setInterval as repeatEvery } from 'node:timers';
import { type CallKeys, createCallCipher, type EnvelopeBinding, type EnvelopePurpose } from '@toolplane/sealing';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { connectFailingFast, firstAttempt } from './redis-connection.ts';

/** `at` is in Unix milliseconds. */
export type Note = { at: number };

export type NoteKind<Kept extends Note> = {
  /** The key of the hash. */
  hash: string;
  /** The name of the Redis connections. */
  name: string;
  purposes: { note: EnvelopePurpose; field: EnvelopePurpose };
  schema: z.ZodType<Kept>;
  /** A later note with the same id replaces an earlier one. */
  idOf(note: Kept): string;
  /** The number of notes in Redis at which no further ones are written. Absent if there cannot be that many. */
  keptMax?: number;
  /** How long the same note is not recorded again. If absent, it is recorded each time. */
  againMs?: number;
};

export type NoteOptions = { redisUrl: string; keys: CallKeys };

export type Notes<Kept extends Note> = {
  /** Costs next to nothing: the note is written some seconds later, or once Redis is back. */
  note(note: Kept): void;
  /** Writes the pending notes. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

/** The maximum number of notes kept in memory while Redis is unavailable. Further ones are dropped. */
const NOTES_MAX = 10_000;
const LAST_NOTED_MAX = 10_000;

export async function createNotes<Kept extends Note>(
  { hash, name, purposes, idOf, keptMax, againMs = 0 }: NoteKind<Kept>,
  { redisUrl, keys, flushMs }: NoteOptions & { flushMs: number },
): Promise<Notes<Kept>> {
  const redis = connectFailingFast(redisUrl, name);
  const cipher = createCallCipher(keys);
  const fieldKey = keys.derive(keys.sealingKid, purposes.field, '');
  let notes = new Map<string, Kept>();
  const lastNoted = new LRUCache<string, number>({ max: LAST_NOTED_MAX });

  /** Keeps notes that could not be written, unless newer ones have replaced them. */
  async function flush(): Promise<void> {
    const noted = notes;
    if (noted.size === 0 || fieldKey === undefined) return;
    notes = new Map();
    const entries = [...noted].flatMap(([id, note]) => {
      const field = createHmac('sha256', fieldKey).update(id).digest('base64url');
      return [field, cipher.seal(bindingOfNote(purposes.note, field), JSON.stringify(note))];
    });
    try {
      if (keptMax !== undefined && (await redis.hlen(hash)) >= keptMax) return;
      await redis.hset(hash, ...entries);
    } catch {
      for (const [id, note] of noted) if (!notes.has(id) && notes.size < NOTES_MAX) notes.set(id, note);
    }
  }

  const timer = repeatEvery(() => void flush(), flushMs).unref();
  await firstAttempt(redis);
  return {
    flush,
    note(note) {
      const id = idOf(note);
      if (againMs > 0) {
        if (note.at - (lastNoted.get(id) ?? 0) < againMs) return;
        lastNoted.set(id, note.at);
      }
      if (notes.size < NOTES_MAX || notes.has(id)) notes.set(id, note);
    },
    async close() {
      clearInterval(timer);
      await flush();
      redis.disconnect();
    },
  };
}

export function bindingOfNote(purpose: EnvelopePurpose, field: string): EnvelopeBinding {
  return { purpose, party: '', aad: field };
}
