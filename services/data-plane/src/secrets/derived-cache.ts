import { LRUCache } from 'lru-cache';
import type { Secret } from './secret-store.ts';

const ENTRIES_MAX = 1000;
const EXPIRE_INTERVAL_MS = 30_000;

/** Caches values that upstreams issue for a secret, such as tokens. */
export type DerivedCache<Value> = {
  /** `derive` is called if no value exists yet for the key and this secret. */
  get(key: string, secret: Secret, derive: () => Promise<Derived<Value>>): Promise<Value>;
  /** Called when an upstream has refused the found value: the next use derives a new one, at most every 30 s. */
  expire(isRefused: (value: Value) => boolean): void;
};

export type Derived<Value> = { value: Value; freshMs: number };

type Entry<Value> = {
  secret: Secret;
  answer: Promise<Value>;
  /** Present once the request has been answered. */
  value: Value | undefined;
  freshUntil: number;
  /** The time at which a value of this key was last dropped because it was refused. */
  expiredAt: number;
};

/** Only one request at a time runs for each key; a value is used no longer than the version of its secret. */
export function createDerivedCache<Value>(now: () => number): DerivedCache<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ max: ENTRIES_MAX });

  function start(key: string, secret: Secret, derive: () => Promise<Derived<Value>>, expiredAt: number): Entry<Value> {
    const sentAt = now();
    const answer = derive().then(({ value, freshMs }) => {
      entry.value = value;
      entry.freshUntil = sentAt + freshMs;
      return value;
    });
    const entry: Entry<Value> = {
      secret,
      answer,
      expiredAt,
      value: undefined,
      freshUntil: Number.POSITIVE_INFINITY,
    };
    entries.set(key, entry);
    answer.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return entry;
  }

  return {
    async get(key, secret, derive) {
      const found = entries.get(key);
      const known = found !== undefined && isSame(found.secret, secret) ? found : undefined;
      if (known !== undefined && now() < known.freshUntil) return known.answer;
      return start(key, secret, derive, known?.expiredAt ?? Number.NEGATIVE_INFINITY).answer;
    },
    expire(isRefused) {
      for (const entry of entries.values()) {
        if (entry.value === undefined || !isRefused(entry.value)) continue;
        if (now() < entry.expiredAt + EXPIRE_INTERVAL_MS) continue;
        entry.freshUntil = 0;
        entry.expiredAt = now();
      }
    },
  };
}

/** The values are also compared, because a name that was deleted and set again starts at version 1. */
function isSame(one: Secret, other: Secret): boolean {
  return one.version === other.version && one.value.reveal() === other.value.reveal();
}
