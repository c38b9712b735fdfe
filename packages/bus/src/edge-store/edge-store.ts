import type { CallKeys } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import { type BusConnection, firstAttempt } from '../bus-connection.ts';
import { hashOfId, keys as redisKeys } from '../keys.ts';
import { defineRelease } from '../locks.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import { createByteLedger } from './byte-ledger.ts';
import { createPlaceCipher } from './place-cipher.ts';
import { createRecords, type Records } from './records.ts';
import { createSessionMessages, type SessionMessages } from './session-messages.ts';
import { createSessionStates, type SessionStates } from './session-states.ts';
import { createStreams, type Streams } from './streams.ts';

/**
 * The data that edges share. All of it is sealed, so neither Redis nor anybody who can write there learns anything or
 * can replace one value with another. Methods that write reject with `queue_unavailable` if Redis does not answer; the
 * write may have happened nevertheless.
 */
export type EdgeStore = SessionStates &
  SessionMessages &
  Streams &
  Records & {
    /** Resolves with true only for the first use. A user that identifies itself can release the nonce. */
    useOnce(nonce: string, ttlMs: number, by?: string): Promise<boolean>;
    /** Makes the nonce usable again. Does nothing if somebody else used it. */
    releaseOnce(nonce: string, by: string): Promise<void>;
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
