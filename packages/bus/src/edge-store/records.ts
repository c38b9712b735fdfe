import { randomBytes } from 'node:crypto';
import { AppError, type Json } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import { defineScript } from '../redis-script.ts';
import type { EdgeStore } from './edge-store.ts';
import { hashOfId, type PlaceCipher } from './place-cipher.ts';

/**
 * KEYS: record. ARGV: how what is there must begin ('' = it is empty), what takes its place ('' = nothing),
 * milliseconds.
 */
const SWAP = `
local before = redis.call('GET', KEYS[1])
if not before or string.sub(before, 1, math.max(#ARGV[1], 1)) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`;

export type RecordKind = 'task' | 'idempotency' | 'connect-link';
/** `version` is another after each write. */
export type StoredRecord = { record: Json; version: string };

type Records = Pick<EdgeStore, 'createRecord' | 'getRecord' | 'replaceRecord' | 'deleteRecord'>;

/** A record lies in Redis as its version, a space, and what is sealed for this key and version. */
export function createRecords(redis: Redis, cipher: PlaceCipher): Records {
  const swap = defineScript(redis, 'toolplaneSwapRecord', SWAP);
  const keyOf = (kind: RecordKind, id: string) => keys.record(kind, hashOfId(id));

  function seal(key: string, record: Json): string {
    const version = randomBytes(16).toString('base64url');
    return `${version} ${cipher.seal('record', key, JSON.stringify(record), version)}`;
  }

  function open(key: string, stored: string): StoredRecord | undefined {
    const [version = '', sealed = ''] = stored.split(' ');
    const text = cipher.open('record', key, sealed, version);
    return text === undefined ? undefined : { record: JSON.parse(text), version };
  }

  async function create(key: string, record: Json, ttlMs: number): Promise<StoredRecord | undefined> {
    const stored = seal(key, record);
    const before = await redis.set(key, stored, 'PX', ttlMs, 'NX', 'GET');
    if (before === null) return undefined;
    const there = open(key, before);
    if (there !== undefined) return there;
    // Sealed with keys that are gone, or forged: nobody can use it.
    if ((await swap([key], [before, stored, ttlMs])) === 1) return undefined;
    throw new AppError('queue_unavailable', 'The record has been changed in the meantime');
  }

  async function get(key: string): Promise<StoredRecord | undefined> {
    const stored = await redis.get(key);
    return stored === null ? undefined : open(key, stored);
  }

  async function replace(key: string, version: string, record: Json, ttlMs: number): Promise<boolean> {
    return (await swap([key], [`${version} `, seal(key, record), ttlMs])) === 1;
  }

  async function remove(key: string, version?: string): Promise<void> {
    await (version === undefined ? redis.del(key) : swap([key], [`${version} `, '', 0]));
  }

  return {
    createRecord: (kind, id, record, ttlMs) => orUnavailable(create(keyOf(kind, id), record, ttlMs)),
    getRecord: (kind, id) => orUnavailable(get(keyOf(kind, id))),
    replaceRecord: (kind, id, version, record, ttlMs) =>
      orUnavailable(replace(keyOf(kind, id), version, record, ttlMs)),
    deleteRecord: (kind, id, version) => orUnavailable(remove(keyOf(kind, id), version)),
  };
}
