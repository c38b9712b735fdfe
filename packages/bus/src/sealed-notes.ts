/*
 * Notes that one side leaves in Redis for the control plane, which takes them over. Between them they are sealed, so
 * that whoever reads Redis learns no name and whoever writes it cannot make one up. Putting an old one back changes
 * nothing, because only later times are taken over.
 */
import { createHmac } from 'node:crypto';
import { setInterval as repeatEvery } from 'node:timers';
import { type CallKeys, createCallCipher, type EnvelopeBinding, type EnvelopePurpose } from '@toolplane/sealing';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { connectFailingFast, firstAttempt } from './redis-connection.ts';

/** `at` in Unix milliseconds. */
export type Note = { at: number };

export type NoteKind<Kept extends Note> = {
  /** Key of the hash. */
  hash: string;
  /** Of the connections. */
  name: string;
  purposes: { note: EnvelopePurpose; field: EnvelopePurpose };
  schema: z.ZodType<Kept>;
  /** A later note of the same replaces an earlier one. */
  idOf(note: Kept): string;
  /** While so many lie in Redis no further ones are written; absent: there cannot be that many. */
  keptMax?: number;
  /** The same is not noted again before; absent: whenever somebody says so. */
  againMs?: number;
};

export type NoteOptions = { redisUrl: string; keys: CallKeys };

export type Notes<Kept extends Note> = {
  /** Costs next to nothing: it is written some seconds later, or once Redis is there again. */
  note(note: Kept): void;
  /** Writes what was noted. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

/** What is remembered while Redis is away; anything further is not noted. */
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

  /** What could not be written is noted again, unless there is something newer. */
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
  await firstAttempt(redis, new Promise((resolve) => redis.once('ready', resolve)));
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
