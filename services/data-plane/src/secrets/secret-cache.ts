import { AppError, type SecretRef } from '@toolplane/contracts';
import { tally } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import { batchReads } from './secret-batches.ts';
import { type Secret, type SecretStore, secretPath } from './secret-store.ts';

/** The limit includes entries for missing secrets: for each caller of a connector, several scopes are looked up. */
const ENTRIES_MAX = 10_000;
/**
 * The size limit of the values. Much more is cached for each value once it has been used: the forms in which it is
 * masked.
 */
const UNITS_MAX = 8 * 1024 * 1024;
const ENTRY_UNITS = 256;
const FRESH_MS = 300_000;
/** Spreads the times at which secrets that were read together are read again. */
const FRESH_MS_SPREAD = 0.1;
/** The time for which a missing secret, or an unavailable store, is remembered. */
const ABSENCE_MS = 10_000;
const STALE_MS_MAX = 3_600_000;
const EXPIRE_INTERVAL_MS = 30_000;

export type SecretCache = {
  get(ref: SecretRef): Promise<Secret | undefined>;
  /**
   * Called when the secret has changed: a value that was read before is not used again, not even while the store is
   * unavailable.
   */
  invalidate(ref: SecretRef): void;
  /**
   * Called when any secret may have changed: the next use of each secret reads it again, and uses the old value while
   * the store is unavailable.
   */
  expireAll(): void;
  /**
   * Called when an upstream has refused the secret, which may therefore have changed: the next use reads it again, at
   * most every 30 s.
   */
  expire(ref: SecretRef): void;
};

const reads = tally('toolplane_secret_cache_total');
const [hit, miss, stale, failed] = [reads('hit'), reads('miss'), reads('stale'), reads('failed')];

/** `askedAt` is the time of the last request to the store; `readAt` is the time of its last response. */
type Entry = { secret: Secret | undefined; readAt: number; askedAt: number; freshUntil: number };

/**
 * Reads through to the store; a secret that was changed elsewhere may be used for 5 more minutes. A value that was read
 * within the last hour stays in use while the store is unavailable.
 */
export function createSecretCache({
  store,
  now = Date.now,
  random = Math.random,
}: {
  store: Pick<SecretStore, 'get' | 'getMany'>;
  now?: () => number;
  random?: () => number;
}): SecretCache {
  const entries = new LRUCache<string, Entry>({ max: ENTRIES_MAX, maxSize: UNITS_MAX, sizeCalculation: unitsOf });
  const readStore = batchReads(store);
  const reading = new Map<string, Promise<Secret | undefined>>();

  /**
   * Only one read per secret runs at a time. If the secret is invalidated during a read, the read still answers its
   * callers, but its result is not kept.
   */
  function read(path: string, ref: SecretRef): Promise<Secret | undefined> {
    const inProgress = reading.get(path);
    if (inProgress !== undefined) return inProgress;
    const started: Promise<Secret | undefined> = readEntry(ref, entries.get(path)).then((entry) => {
      if (reading.get(path) === started) entries.set(path, entry);
      return entry.secret;
    });
    reading.set(path, started);
    const forget = () => {
      if (reading.get(path) === started) reading.delete(path);
    };
    started.then(forget, forget);
    return started;
  }

  async function readEntry(ref: SecretRef, known: Entry | undefined): Promise<Entry> {
    try {
      const secret = await readStore(ref);
      miss.inc();
      const freshMs = secret === undefined ? ABSENCE_MS : FRESH_MS * (1 + FRESH_MS_SPREAD * (2 * random() - 1));
      return { secret, readAt: now(), askedAt: now(), freshUntil: now() + freshMs };
    } catch (cause) {
      if (known?.secret !== undefined && now() < known.readAt + STALE_MS_MAX) {
        stale.inc();
        return { ...known, askedAt: now(), freshUntil: now() + ABSENCE_MS };
      }
      failed.inc();
      throw new AppError('secret_unavailable', `The secret ${ref.name} cannot be read at the moment`, { cause });
    }
  }

  return {
    async get(ref) {
      const path = secretPath(ref);
      const known = entries.get(path);
      if (known === undefined || now() >= known.freshUntil) return read(path, ref);
      hit.inc();
      return known.secret;
    },
    invalidate(ref) {
      const path = secretPath(ref);
      entries.delete(path);
      reading.delete(path);
    },
    expireAll() {
      for (const entry of entries.values()) entry.freshUntil = 0;
      reading.clear();
    },
    expire(ref) {
      const known = entries.get(secretPath(ref));
      if (known !== undefined && now() >= known.askedAt + EXPIRE_INTERVAL_MS) known.freshUntil = 0;
    },
  };
}

function unitsOf({ secret }: Entry): number {
  return ENTRY_UNITS + (secret?.value.reveal().length ?? 0);
}
