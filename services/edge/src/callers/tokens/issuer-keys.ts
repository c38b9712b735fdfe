import { AppError, ISSUER_KEYS, type Json, type JsonObject, type Manifest } from '@toolplane/contracts';
import { type TokenKeys, toTokenKeys } from '@toolplane/sealing';
import { LRUCache } from 'lru-cache';
import type { AskIssuer } from './ask-issuer.ts';
import type { TokenIssuer } from './find-issuer.ts';

const ISSUERS_MAX = 1000;
const FRESH_MS = 600_000;
/**
 * How long keys are used if they cannot be fetched again. This limits what an attacker gains by blocking requests to an
 * issuer.
 */
const USABLE_MS = 3600_000;
/** The pause between two fetches, whatever keys tokens name, because anybody can invent a key id. */
const COOL_DOWN_MS = 30_000;

type OwnIssuer = Extract<TokenIssuer, { kind: 'own' }>['authorization'];
type CachedKeys = {
  keys: TokenKeys | undefined;
  receivedAt: number;
  /** The time of the last fetch, successful or not. */
  fetchedAt: number;
  fetching: Promise<void> | undefined;
};

export type IssuerKeys = {
  /** Throws `config_unavailable`. */
  get(manifest: Manifest, issuer: OwnIssuer): Promise<TokenKeys>;
  /** Fetches newer keys after a token has named an unknown key. Returns undefined if it is too early to fetch again. */
  getNewer(manifest: Manifest, issuer: OwnIssuer): Promise<TokenKeys | undefined>;
};

/** The keys of servers' own issuers, which this edge fetches at most every 30 seconds. */
export function createIssuerKeys(askIssuer: AskIssuer, now: () => number = Date.now): IssuerKeys {
  // A plan is addressed by its digest, so a different URL has a different entry.
  const all = new LRUCache<string, CachedKeys>({ max: ISSUERS_MAX });

  async function fetchKeys(
    manifest: Manifest,
    { planDigest, deadlineMs }: OwnIssuer,
    cached: CachedKeys,
  ): Promise<void> {
    cached.fetchedAt = now();
    const outcome = await askIssuer(manifest, { tool: ISSUER_KEYS, planDigest, deadlineMs });
    if (!outcome.ok) return;
    try {
      cached.keys = toTokenKeys(readJwks(outcome.value));
      cached.receivedAt = now();
    } catch {
      // The previous keys stay valid for their remaining time.
    }
  }

  function fetchOnce(manifest: Manifest, issuer: OwnIssuer, cached: CachedKeys): Promise<void> {
    cached.fetching ??= fetchKeys(manifest, issuer, cached).finally(() => {
      cached.fetching = undefined;
    });
    return cached.fetching;
  }

  function cachedKeysOf({ planDigest }: OwnIssuer): CachedKeys {
    const cached = all.get(planDigest) ?? { keys: undefined, receivedAt: 0, fetchedAt: 0, fetching: undefined };
    all.set(planDigest, cached);
    return cached;
  }

  return {
    async get(manifest, issuer) {
      const cached = cachedKeysOf(issuer);
      const isStale = now() - cached.receivedAt > FRESH_MS;
      if (cached.fetching !== undefined || (isStale && now() - cached.fetchedAt > COOL_DOWN_MS)) {
        await fetchOnce(manifest, issuer, cached);
      }
      if (cached.keys !== undefined && now() - cached.receivedAt <= USABLE_MS) return cached.keys;
      throw new AppError('config_unavailable', 'The keys of the issuer of this server cannot be fetched right now');
    },
    async getNewer(manifest, issuer) {
      const cached = cachedKeysOf(issuer);
      const { receivedAt } = cached;
      if (cached.fetching === undefined && now() - cached.fetchedAt <= COOL_DOWN_MS) return undefined;
      await fetchOnce(manifest, issuer, cached);
      return cached.receivedAt > receivedAt ? cached.keys : undefined;
    },
  };
}

function readJwks(value: Json): { keys: JsonObject[] } {
  const { keys } = (value ?? {}) as { keys?: JsonObject[] };
  if (!Array.isArray(keys)) throw new AppError('incompatible', 'The issuer returned no keys');
  return { keys };
}
