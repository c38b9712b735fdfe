import { createHash } from 'node:crypto';
import type { Snapshot } from '@toolplane/bus';
import type { Manifest } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { unauthenticated } from '../authenticate.ts';
import type { TokenPrincipal } from '../principal.ts';
import type { AskIssuer } from './ask-issuer.ts';
import type { AuthenticateToken, MayAsk } from './authenticate-token.ts';
import { findIssuer, type TokenIssuer } from './find-issuer.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { createUserInfo } from './user-info.ts';
import { createTokenVerification } from './verify-access-token.ts';

/** Slightly more than the length of the longest tokens that issuers are known to create. */
const TOKEN_LENGTH_MAX = 16_384;
const KNOWN_TOKENS_MAX = 10_000;
/** The limit for the total size of the claims of all remembered tokens. */
const KNOWN_CHARACTERS_MAX = 32 * 1024 * 1024;
/** The maximum time for which a token is remembered. After it, revoked keys no longer count. */
const KNOWN_MS_MAX = 600_000;

type Known = { principal: TokenPrincipal; issuer: unknown; knownUntil: number };

/** From its second request on, a valid token costs only one hash, until the server or the issuer is published again. */
export function createAccessTokens(parts: {
  snapshot: Snapshot;
  askIssuer: AskIssuer;
  publicUrl: string;
}): AuthenticateToken {
  const { snapshot } = parts;
  const known = new LRUCache<string, Known>({ max: KNOWN_TOKENS_MAX, maxSize: KNOWN_CHARACTERS_MAX });
  const verify = createTokenVerification(createIssuerKeys(parts.askIssuer), parts);
  const readUser = createUserInfo(parts.askIssuer);

  async function read(manifest: Manifest, issuer: TokenIssuer, token: string, digest: string, mayAsk: MayAsk) {
    if (issuer.kind === 'own' && issuer.authorization.tokens === 'opaque') {
      return readUser({ manifest, authorization: issuer.authorization }, token, digest, mayAsk);
    }
    return verify(manifest, issuer, token);
  }

  return async (serverId, token, mayAsk) => {
    // A token is issued for a server id. Which server a slug names is known only once the caller is known.
    const manifest = serverId.startsWith('srv_')
      ? (snapshot.peekManifest(serverId) ?? (await snapshot.getManifest(serverId)))
      : undefined;
    if (manifest === undefined || manifest.state === 'deleted' || token.length > TOKEN_LENGTH_MAX) {
      throw unauthenticated();
    }
    const issuer = await findIssuer(snapshot, manifest);
    if (issuer === undefined) throw unauthenticated();
    const digest = createHash('sha256').update(`${serverId}\n${token}`).digest('base64url');
    const before = known.get(digest);
    const now = Date.now();
    if (before !== undefined && before.issuer === issuer.published && before.knownUntil > now) return before.principal;
    const principal = await read(manifest, issuer, token, digest, mayAsk);
    if (principal === undefined) throw unauthenticated();
    const knownUntil = Math.min(principal.expiresAt, now + KNOWN_MS_MAX);
    if (issuer.kind === 'platform' || issuer.authorization.tokens === 'jwt') {
      // The claims are about as long as the token.
      known.set(digest, { principal, issuer: issuer.published, knownUntil }, { size: 2 * token.length });
    }
    return principal;
  };
}
