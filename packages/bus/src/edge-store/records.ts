import { randomBytes } from 'node:crypto';
import { AppError, type Json } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { hashOfId, keys } from '../keys.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import { defineScript } from '../redis-script.ts';
import { type ByteAccount, type ByteLedger, LEDGER } from './byte-ledger.ts';
import type { PlaceCipher } from './place-cipher.ts';

/**
 * KEYS: record, ledger. ARGV: record, milliseconds, budget ('' = none). Returns the existing record, or 0 if there are
 * too many bytes.
 */
const CREATE = `${LEDGER}
local before = redis.call('GET', KEYS[1])
if before then return before end
if isOver(KEYS[2], #ARGV[1], #ARGV[1], ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
charge(KEYS[2], #ARGV[1], tonumber(ARGV[2]))
return false`;

/**
 * KEYS: record, ledger. ARGV: required beginning of the existing record ('' = it is empty), its replacement,
 * milliseconds, budget ('' = none). Returns -1 if there are too many bytes.
 */
const SWAP = `${LEDGER}
local before = redis.call('GET', KEYS[1])
if not before or string.sub(before, 1, math.max(#ARGV[1], 1)) ~= ARGV[1] then return 0 end
if isOver(KEYS[2], #ARGV[2], #ARGV[2] - #before, ARGV[4]) then return -1 end
charge(KEYS[2], -#before, math.max(redis.call('PTTL', KEYS[1]), 0))
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
charge(KEYS[2], #ARGV[2], tonumber(ARGV[3]))
return 1`;

/** KEYS: record, ledger. ARGV: required beginning of the existing record ('' = any). */
const REMOVE = `${LEDGER}
local before = redis.call('GET', KEYS[1])
if not before or string.sub(before, 1, #ARGV[1]) ~= ARGV[1] then return end
charge(KEYS[2], -#before, math.max(redis.call('PTTL', KEYS[1]), 0))
redis.call('DEL', KEYS[1])`;

export type RecordKind = 'task' | 'idempotency' | 'connect-link';
/** `version` changes with each write. */
export type StoredRecord = { record: Json; version: string };

export type Records = {
  /**
   * Resolves with undefined if the record was created, otherwise with the existing record. Rejects with `tenant_busy`
   * for a refusable record beyond the budget of its organization. Without an account, as for small records of the edges
   * themselves, nothing is counted.
   */
  createRecord(
    kind: RecordKind,
    id: string,
    record: Json,
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<StoredRecord | undefined>;
  getRecord(kind: RecordKind, id: string): Promise<StoredRecord | undefined>;
  /** Resolves with false if the record is no longer the version that was read, because somebody else was faster. */
  replaceRecord(
    kind: RecordKind,
    id: string,
    version: string,
    record: Json,
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<boolean>;
  /** With a version, deletes the record only if it still has that version. */
  deleteRecord(kind: RecordKind, id: string, version?: string, account?: ByteAccount): Promise<void>;
};

/** A record is stored in Redis as its version, a space, and the text that is sealed for this key and version. */
export function createRecords(redis: Redis, cipher: PlaceCipher, ledger: ByteLedger): Records {
  const insert = defineScript(redis, 'toolplaneCreateRecord', CREATE);
  const swap = defineScript(redis, 'toolplaneSwapRecord', SWAP);
  const erase = defineScript(redis, 'toolplaneRemoveRecord', REMOVE);
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

  async function create(
    key: string,
    record: Json,
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<StoredRecord | undefined> {
    const stored = seal(key, record);
    const places = [key, ...ledger.keysOf(account)];
    const before = await insert(places, [stored, ttlMs, ledger.budgetOf(account)]);
    if (before === null) return undefined;
    if (before === 0) return ledger.refuse();
    const there = open(key, String(before));
    if (there !== undefined) return there;
    // The existing record was sealed with keys that are gone, or forged: nobody can use it.
    if ((await swap(places, [String(before), stored, ttlMs, ''])) === 1) return undefined;
    throw new AppError('queue_unavailable', 'The record has been changed in the meantime');
  }

  async function get(key: string): Promise<StoredRecord | undefined> {
    const stored = await redis.get(key);
    return stored === null ? undefined : open(key, stored);
  }

  async function replace(
    key: string,
    version: string,
    record: Json,
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<boolean> {
    const args = [`${version} `, seal(key, record), ttlMs, ledger.budgetOf(account)];
    const swapped = await swap([key, ...ledger.keysOf(account)], args);
    return swapped === -1 ? ledger.refuse() : swapped === 1;
  }

  async function remove(key: string, version?: string, account?: ByteAccount): Promise<void> {
    await erase([key, ...ledger.keysOf(account)], [version === undefined ? '' : `${version} `]);
  }

  return {
    createRecord: (kind, id, record, ttlMs, account) => orUnavailable(create(keyOf(kind, id), record, ttlMs, account)),
    getRecord: (kind, id) => orUnavailable(get(keyOf(kind, id))),
    replaceRecord: (kind, id, version, record, ttlMs, account) =>
      orUnavailable(replace(keyOf(kind, id), version, record, ttlMs, account)),
    deleteRecord: (kind, id, version, account) => orUnavailable(remove(keyOf(kind, id), version, account)),
  };
}
