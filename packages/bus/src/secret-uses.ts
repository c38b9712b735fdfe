/*
 * When each version of a secret was last used: data planes note it, the control plane takes it over. What lies in Redis
 * between them is sealed with the keys of commands, so that whoever reads Redis learns no name and whoever writes it
 * cannot make a use up. Putting an old one back changes nothing, because only later times are taken over.
 */
import { createHmac } from 'node:crypto';
import { setInterval as repeatEvery } from 'node:timers';
import { type SecretRef, secretRefSchema } from '@toolplane/contracts';
import { type CallCipher, type CallKeys, createCallCipher, type EnvelopeBinding } from '@toolplane/sealing';
import { z } from 'zod';
import { keys as redisKeys } from './keys.ts';
import { connectFailingFast, firstAttempt } from './redis-connection.ts';
import { defineScript } from './redis-script.ts';

/** `at` in Unix milliseconds. */
export type SecretUse = { ref: Required<SecretRef>; at: number };

export type SecretUseNotes = {
  /** Costs next to nothing: it is written some seconds later, or once Redis is there again. */
  note(ref: Required<SecretRef>): void;
  /** Writes what was noted. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

export type SecretUseReader = {
  /** Gives all that is there to `save`, and forgets what was saved. */
  collect(save: (uses: SecretUse[]) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

type Options = { redisUrl: string; keys: CallKeys };

const FLUSH_MS = 10_000;
/** Versions that are remembered while Redis is away; the use of any further one is not noted. */
const NOTES_MAX = 10_000;
const PAGE = 500;
const HASH = redisKeys.secretUses;

const useSchema = z.strictObject({ ref: secretRefSchema.required({ version: true }), at: z.int().min(0) });

/** KEYS: the hash. ARGV: fields and values, in turn. Keeps what was written since it was read. */
const FORGET = `
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end`;

/** For the data plane. */
export async function createSecretUseNotes({
  redisUrl,
  keys,
  flushMs = FLUSH_MS,
}: Options & { flushMs?: number }): Promise<SecretUseNotes> {
  const redis = connectFailingFast(redisUrl, 'secret-uses');
  const cipher = createCallCipher(keys);
  const nameKey = keys.derive(keys.sealingKid, 'secret-use-name', '');
  let notes = new Map<string, SecretUse>();

  /** What could not be written is noted again, unless there is something newer. */
  async function flush(): Promise<void> {
    const noted = notes;
    if (noted.size === 0 || nameKey === undefined) return;
    notes = new Map();
    const entries = [...noted].flatMap(([path, use]) => {
      const field = createHmac('sha256', nameKey).update(path).digest('base64url');
      return [field, cipher.seal(bindingOf(field), JSON.stringify(use))];
    });
    try {
      await redis.hset(HASH, ...entries);
    } catch {
      for (const [path, use] of noted) if (!notes.has(path) && notes.size < NOTES_MAX) notes.set(path, use);
    }
  }

  const timer = repeatEvery(() => void flush(), flushMs).unref();
  await firstAttempt(redis, new Promise((resolve) => redis.once('ready', resolve)));
  return {
    flush,
    note(ref) {
      const path = `${ref.workspaceId}/${ref.serverId}/${ref.name}@${ref.version}`;
      if (notes.size < NOTES_MAX || notes.has(path)) notes.set(path, { ref, at: Date.now() });
    },
    async close() {
      clearInterval(timer);
      await flush();
      redis.disconnect();
    },
  };
}

/** For the control plane. */
export async function createSecretUseReader({ redisUrl, keys }: Options): Promise<SecretUseReader> {
  const redis = connectFailingFast(redisUrl, 'secret-uses');
  const forget = defineScript(redis, 'toolplaneForgetSecretUses', FORGET);
  const cipher = createCallCipher(keys);
  await firstAttempt(redis, new Promise((resolve) => redis.once('ready', resolve)));
  return {
    async collect(save) {
      let cursor = '0';
      do {
        const [next, entries] = await redis.hscan(HASH, cursor, 'COUNT', PAGE);
        cursor = next;
        const uses = [...pairsOf(entries)].flatMap(([field, sealed]) => open(cipher, field, sealed) ?? []);
        if (uses.length > 0) await save(uses);
        if (entries.length > 0) await forget([HASH], entries);
      } while (cursor !== '0');
    },
    async close() {
      redis.disconnect();
    },
  };
}

function* pairsOf(entries: string[]): Generator<[string, string]> {
  for (let at = 0; at + 1 < entries.length; at += 2) yield [entries[at] ?? '', entries[at + 1] ?? ''];
}

/** Undefined for what no data plane has written here. */
function open(cipher: CallCipher, field: string, sealed: string): SecretUse | undefined {
  try {
    const { ref, at } = useSchema.parse(JSON.parse(cipher.open(bindingOf(field), sealed)));
    return { ref, at };
  } catch {
    return undefined;
  }
}

function bindingOf(field: string): EnvelopeBinding {
  return { purpose: 'secret-use', party: '', aad: field };
}
