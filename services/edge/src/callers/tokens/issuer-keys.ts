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
type Held = {
  keys: TokenKeys | undefined;
  gotAt: number;
  /** The time of the last fetch, successful or not. */
  askedAt: number;
  asking: Promise<void> | undefined;
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
  const all = new LRUCache<string, Held>({ max: ISSUERS_MAX });

  async function look(manifest: Manifest, { planDigest, deadlineMs }: OwnIssuer, held: Held): Promise<void> {
    held.askedAt = now();
    const outcome = await askIssuer(manifest, { tool: ISSUER_KEYS, planDigest, deadlineMs });
    if (!outcome.ok) return;
    try {
      held.keys = toTokenKeys(readJwks(outcome.value));
      held.gotAt = now();
    } catch {
      // The previous keys stay valid for their remaining time.
    }
  }

  function lookOnce(manifest: Manifest, issuer: OwnIssuer, held: Held): Promise<void> {
    held.asking ??= look(manifest, issuer, held).finally(() => {
      held.asking = undefined;
    });
    return held.asking;
  }

  function heldOf({ planDigest }: OwnIssuer): Held {
    const held = all.get(planDigest) ?? { keys: undefined, gotAt: 0, askedAt: 0, asking: undefined };
    all.set(planDigest, held);
    return held;
  }

  return {
    async get(manifest, issuer) {
      const held = heldOf(issuer);
      const isStale = now() - held.gotAt > FRESH_MS;
      if (held.asking !== undefined || (isStale && now() - held.askedAt > COOL_DOWN_MS)) {
        await lookOnce(manifest, issuer, held);
      }
      if (held.keys !== undefined && now() - held.gotAt <= USABLE_MS) return held.keys;
      throw new AppError('config_unavailable', 'The keys of the issuer of this server cannot be fetched right now');
    },
    async getNewer(manifest, issuer) {
      const held = heldOf(issuer);
      const { gotAt } = held;
      if (held.asking === undefined && now() - held.askedAt <= COOL_DOWN_MS) return undefined;
      await lookOnce(manifest, issuer, held);
      return held.gotAt > gotAt ? held.keys : undefined;
    },
  };
}

function readJwks(value: Json): { keys: JsonObject[] } {
  const { keys } = (value ?? {}) as { keys?: JsonObject[] };
  if (!Array.isArray(keys)) throw new AppError('incompatible', 'The issuer returned no keys');
  return { keys };
}
