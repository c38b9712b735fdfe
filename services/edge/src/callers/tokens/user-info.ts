import { AppError, type FinalOutcome, ISSUER_USER, type JsonObject, type Manifest } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import type { TokenPrincipal } from '../principal.ts';
import type { AskIssuer } from './ask-issuer.ts';
import type { MayAsk } from './authenticate-token.ts';
import type { TokenIssuer } from './find-issuer.ts';
import { toOwnPrincipal } from './token-principal.ts';

const ANSWERS_MAX = 10_000;
/** The limit for the total size of all remembered answers of issuers. */
const ANSWERS_CHARACTERS_MAX = 32 * 1024 * 1024;
/**
 * The number of requests about tokens of one server that may be in progress at this edge. Strangers' tokens must not
 * use up the slots of the server's calls.
 */
const AT_ONCE_MAX = 5;
/** How long the issuer's answer about a token is used, whether positive or negative. */
const ANSWER_MS = 60_000;
/** How long a stream that was opened with a token may stay open if the issuer does not say when the token expires. */
const LIFETIME_MS = 3600_000;

type Answer = { principal: TokenPrincipal | undefined; issuer: unknown; until: number };
type Asking = { manifest: Manifest; authorization: Extract<TokenIssuer, { kind: 'own' }>['authorization'] };

/** Resolves with undefined for a token that the issuer does not know. */
export type ReadUser = (
  asking: Asking,
  token: string,
  digest: string,
  mayAsk: MayAsk,
) => Promise<TokenPrincipal | undefined>;

/**
 * Determines the caller that an opaque token represents, using the UserInfo endpoint of its issuer (OpenID Connect
 * Core, 5.3). The answer does not contain the audience of the token; the owner promises that this issuer issues tokens
 * for nobody else.
 */
export function createUserInfo(askIssuer: AskIssuer): ReadUser {
  const answers = new LRUCache<string, Answer>({ max: ANSWERS_MAX, maxSize: ANSWERS_CHARACTERS_MAX });
  const underWayOf = new Map<string, number>();
  const asking = new Map<string, Promise<TokenPrincipal | undefined>>();

  async function ask({ manifest, authorization }: Asking, token: string, digest: string, mayAsk: MayAsk) {
    await mayAsk();
    const claims = readClaims(await inPlace(manifest.serverId, () => askAbout(manifest, authorization, token)));
    const now = Date.now();
    const principal = claims && toOwnPrincipal(manifest, authorization, token, { ...claims, exp: expOf(claims, now) });
    const isOver = principal !== undefined && principal.expiresAt <= now;
    const answer = isOver ? undefined : principal;
    const until = Math.min(now + ANSWER_MS, answer?.expiresAt ?? Number.POSITIVE_INFINITY);
    const size = 100 + token.length + (claims === undefined ? 0 : JSON.stringify(claims).length);
    answers.set(digest, { principal: answer, issuer: authorization, until }, { size });
    return answer;
  }

  function askAbout(manifest: Manifest, { planDigest, deadlineMs }: Asking['authorization'], token: string) {
    return askIssuer(manifest, { tool: ISSUER_USER, planDigest, deadlineMs, token });
  }

  /** Throws `rate_limited` if no slot is free. */
  async function inPlace<Result>(serverId: string, run: () => Promise<Result>): Promise<Result> {
    const count = underWayOf.get(serverId) ?? 0;
    if (count >= AT_ONCE_MAX)
      throw new AppError('rate_limited', 'Too many new tokens are being checked at once for this server');
    underWayOf.set(serverId, count + 1);
    try {
      return await run();
    } finally {
      const left = (underWayOf.get(serverId) ?? 1) - 1;
      if (left === 0) underWayOf.delete(serverId);
      else underWayOf.set(serverId, left);
    }
  }

  return (from, token, digest, mayAsk) => {
    const known = answers.get(digest);
    if (known !== undefined && known.issuer === from.authorization && known.until > Date.now()) {
      return Promise.resolve(known.principal);
    }
    const underWay = asking.get(digest);
    if (underWay !== undefined) return underWay;
    const started = ask(from, token, digest, mayAsk).finally(() => asking.delete(digest));
    asking.set(digest, started);
    return started;
  };
}

/**
 * Returns undefined if the issuer refuses the token. Throws `config_unavailable` if the issuer neither accepts nor
 * refuses it.
 */
function readClaims(outcome: FinalOutcome): (JsonObject & { sub: string }) | undefined {
  if (!outcome.ok) {
    const { status } = outcome.error;
    if (status === 400 || status === 401 || status === 403) return undefined;
    throw new AppError('config_unavailable', 'The issuer of this server cannot be queried right now');
  }
  const { claims } = (outcome.value ?? {}) as { claims?: JsonObject };
  const { sub } = claims ?? {};
  return claims !== undefined && typeof sub === 'string' && sub !== '' ? { ...claims, sub } : undefined;
}

function expOf({ exp }: JsonObject, now: number): number {
  return typeof exp === 'number' ? exp : (now + LIFETIME_MS) / 1000;
}
