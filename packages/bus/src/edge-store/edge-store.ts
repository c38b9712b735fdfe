import type { Json } from '@toolplane/contracts';
import type { CallKeys } from '@toolplane/sealing';
import { connectFailingFast, connectWaiting, firstAttempt } from '../redis-connection.ts';
import { type ByteAccount, createByteLedger } from './byte-ledger.ts';
import { createChannelListeners } from './channel-listeners.ts';
import { createDeliveries } from './deliveries.ts';
import { createNonces } from './nonces.ts';
import { createPlaceCipher } from './place-cipher.ts';
import { createRecords, type RecordKind, type StoredRecord } from './records.ts';
import { createSessionEvents, type SessionEvent } from './session-events.ts';
import type { SessionChange, SessionState } from './session-state.ts';
import { createSessionStates } from './session-states.ts';
import { createStreams, type StreamEvent } from './streams.ts';

/**
 * What the edges keep for each other. All of it is sealed, so neither Redis nor anybody who can write there learns
 * anything or can replace one thing with another. What writes rejects with `queue_unavailable` when Redis does not
 * answer; it may have been done nevertheless.
 */
export type EdgeStore = {
  /** In memory and fresh, for the hot path; undefined = ask `getSession`. */
  peekSession(sessionId: string): SessionState | undefined;
  /** Never rejects: while Redis is away, a session is what was last known, otherwise one without changes. */
  getSession(sessionId: string): Promise<SessionState>;
  /**
   * Changes are kept for `ttlMs` from the last of them. More than 100 subscriptions, and one of more than 2,048
   * characters, are refused: `invalid_request`.
   */
  changeSession(sessionId: string, change: SessionChange, ttlMs: number, account?: ByteAccount): Promise<void>;
  /** To all edges, this one included. */
  broadcast(event: SessionEvent): Promise<void>;
  onBroadcast(listener: (event: SessionEvent) => void): void;
  /** To the edges that listen for this session; gives how many do. */
  deliver(sessionId: string, message: string): Promise<number>;
  /** While Redis is away nothing is heard; `onMissed` is called when it is back. Gives how to stop. */
  listen(sessionId: string, listener: (message: string) => void, onMissed?: () => void): Promise<() => void>;
  /**
   * Adds to the log of one event stream, kept for `ttlMs` after its last event; gives `seq`, the first is 1. More than
   * `STREAM_EVENT_BYTES_MAX` is refused: `payload_too_large`. Beyond the budget of its organization, it is
   * refused: `tenant_busy`.
   */
  appendEvent(
    streamId: string,
    event: { message: string; isLast: boolean },
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<number>;
  /** The events after `seq` that are kept, in order; undefined when the stream is not known (any more). */
  readEvents(streamId: string, afterSeq: number): Promise<StreamEvent[] | undefined>;
  /** The listener is called when the stream grew, wherever, or may have grown unheard. Gives how to stop. */
  followStream(streamId: string, listener: () => void): Promise<() => void>;
  /** True only for the first use. A user that names itself can give the nonce back. */
  useOnce(nonce: string, ttlMs: number, by?: string): Promise<boolean>;
  /** So that it can be used again. Does nothing when somebody else used it. */
  releaseOnce(nonce: string, by: string): Promise<void>;
  /**
   * Undefined when it was created, otherwise the existing record. A refusable one beyond the budget of its organization
   * is refused: `tenant_busy`. Without an account, as for small records of the edges themselves, nothing is counted.
   */
  createRecord(
    kind: RecordKind,
    id: string,
    record: Json,
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<StoredRecord | undefined>;
  getRecord(kind: RecordKind, id: string): Promise<StoredRecord | undefined>;
  /** False when somebody else was faster: it is no longer the version that was read. */
  replaceRecord(
    kind: RecordKind,
    id: string,
    version: string,
    record: Json,
    ttlMs: number,
    account?: ByteAccount,
  ): Promise<boolean>;
  /** With a version, only if it is still that version. */
  deleteRecord(kind: RecordKind, id: string, version?: string, account?: ByteAccount): Promise<void>;
  /** Counts what others have written for an organization, such as the reply of a task, for as long as it is kept. */
  chargeBytes(organizationId: string, bytes: number, ttlMs: number): Promise<void>;
  isReady(): boolean;
  close(): Promise<void>;
};

export type EdgeStoreOptions = {
  redisUrl: string;
  keys: CallKeys;
  /** It holds for tasks, results, streams and sessions of one organization together. */
  bytesPerOrganizationMax?: number;
};

const BYTES_PER_ORGANIZATION_MAX = 128 << 20;

/** Resolves when Redis answered or failed for the first time; `isReady` tells which. */
export async function createEdgeStore(options: EdgeStoreOptions): Promise<EdgeStore> {
  const redis = connectFailingFast(options.redisUrl, 'edge-store');
  const subscriber = connectWaiting(options.redisUrl, 'edge-store');
  const cipher = createPlaceCipher(options.keys);
  const listeners = createChannelListeners(subscriber);
  const ledger = createByteLedger(redis, options.bytesPerOrganizationMax ?? BYTES_PER_ORGANIZATION_MAX);
  const store: EdgeStore = {
    ...createSessionStates(redis, listeners, cipher, ledger),
    ...createSessionEvents(redis, listeners, cipher),
    ...createDeliveries(redis, listeners, cipher),
    ...createStreams(redis, listeners, cipher, ledger),
    ...createRecords(redis, cipher, ledger),
    chargeBytes: ledger.chargeBytes,
    ...createNonces(redis),
    isReady: () => redis.status === 'ready' && subscriber.status === 'ready',
    async close() {
      redis.disconnect();
      subscriber.disconnect();
    },
  };
  await Promise.all([firstAttempt(redis), firstAttempt(subscriber, listeners.subscribed)]);
  return store;
}
