import type { Json } from '@toolplane/contracts';
import type { CallKeys } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import { type BusConnection, firstAttempt } from '../bus-connection.ts';
import { hashOfId, keys as redisKeys } from '../keys.ts';
import { defineRelease } from '../locks.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import { type ByteAccount, createByteLedger } from './byte-ledger.ts';
import { createPlaceCipher } from './place-cipher.ts';
import { createRecords, type RecordKind, type StoredRecord } from './records.ts';
import { createSessionMessages, type SessionEvent } from './session-messages.ts';
import { createSessionStates, type SessionChange, type SessionState } from './session-states.ts';
import { createStreams, type StreamEvent } from './streams.ts';

/**
 * The data that edges share. All of it is sealed, so neither Redis nor anybody who can write there learns anything or
 * can replace one value with another. Methods that write reject with `queue_unavailable` if Redis does not answer; the
 * write may have happened nevertheless.
 */
export type EdgeStore = {
  /** For the hot path: the session if it is in memory and fresh. If undefined, use `getSession`. */
  peekSession(sessionId: string): SessionState | undefined;
  /**
   * Never rejects: while Redis is unavailable, it returns the last known state, or otherwise a session without changes.
   */
  getSession(sessionId: string): Promise<SessionState>;
  /**
   * Changes are kept for `ttlMs` after the last one. Rejects with `invalid_request` for more than 100 subscriptions, or
   * for one of more than 2,048 characters.
   */
  changeSession(sessionId: string, change: SessionChange, ttlMs: number, account?: ByteAccount): Promise<void>;
  /** Sends an event to all edges, including this one. */
  broadcast(event: SessionEvent): Promise<void>;
  onBroadcast(listener: (event: SessionEvent) => void): void;
  /** Sends a message to the edges that listen for this session; resolves with their number. */
  deliver(sessionId: string, message: string): Promise<number>;
  /**
   * Nothing is received while Redis is unavailable; `onMissed` is called when it is back. Resolves with a function that
   * stops listening.
   */
  listen(sessionId: string, listener: (message: string) => void, onMissed?: () => void): Promise<() => void>;
  /**
   * Appends to the log of one event stream, which is kept for `ttlMs` after its last event. Resolves with `seq`; the
   * first one is 1. Rejects with `payload_too_large` for more than `STREAM_EVENT_BYTES_MAX`, and with `tenant_busy`
   * beyond the budget of its organization.
   */
  appendEvent(
    streamId: string,
    event: { message: string; isLast: boolean },
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<number>;
  /** The kept events after `seq`, in order. Undefined if the stream is not known (any more). */
  readEvents(streamId: string, afterSeq: number): Promise<StreamEvent[] | undefined>;
  /**
   * Calls the listener when any edge has appended to the stream, or may have done so unnoticed. Resolves with a
   * function that stops following.
   */
  followStream(streamId: string, listener: () => void): Promise<() => void>;
  /** Resolves with true only for the first use. A user that identifies itself can release the nonce. */
  useOnce(nonce: string, ttlMs: number, by?: string): Promise<boolean>;
  /** Makes the nonce usable again. Does nothing if somebody else used it. */
  releaseOnce(nonce: string, by: string): Promise<void>;
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
  /**
   * Counts bytes that others have written for an organization, such as the reply of a task, for as long as they are
   * kept.
   */
  chargeBytes(organizationId: string, bytes: number, ttlMs: number): Promise<void>;
  isReady(): boolean;
};

export type EdgeStoreOptions = {
  bus: BusConnection;
  keys: CallKeys;
  /** The limit for tasks, results, streams and sessions of one organization together. */
  bytesPerOrganizationMax?: number;
};

const BYTES_PER_ORGANIZATION_MAX = 128 << 20;

/** Resolves when Redis answered or failed for the first time; `isReady` says which. */
export async function createEdgeStore({
  bus,
  keys,
  bytesPerOrganizationMax = BYTES_PER_ORGANIZATION_MAX,
}: EdgeStoreOptions): Promise<EdgeStore> {
  const { documents: redis, messages } = bus;
  const cipher = createPlaceCipher(keys);
  const ledger = createByteLedger(redis, bytesPerOrganizationMax);
  const store: EdgeStore = {
    ...createSessionStates(redis, messages, cipher, ledger),
    ...createSessionMessages(redis, messages, cipher),
    ...createStreams(redis, messages, cipher, ledger),
    ...createRecords(redis, cipher, ledger),
    chargeBytes: ledger.chargeBytes,
    ...createNonces(redis),
    isReady: () => redis.status === 'ready' && messages.isReady(),
  };
  await Promise.all([firstAttempt(redis), firstAttempt(messages.redis, messages.subscribed)]);
  return store;
}

function createNonces(redis: Redis): Pick<EdgeStore, 'useOnce' | 'releaseOnce'> {
  const release = defineRelease(redis);
  const keyOf = (nonce: string) => redisKeys.once(hashOfId(nonce));
  return {
    async useOnce(nonce, ttlMs, by = '') {
      return (await orUnavailable(redis.set(keyOf(nonce), by, 'PX', ttlMs, 'NX'))) === 'OK';
    },
    async releaseOnce(nonce, by) {
      await orUnavailable(release(keyOf(nonce), by));
    },
  };
}
