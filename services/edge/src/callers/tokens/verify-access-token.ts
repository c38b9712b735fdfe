import { ACCESS_TOKEN_TYPE, accessTokenClaimsSchema, type Issuer, type Manifest } from '@toolplane/contracts';
import { mayBeToken, type TokenRules, toTokenKeys, verifyToken } from '@toolplane/sealing';
import { memoize } from '../../memoize.ts';
import type { TokenPrincipal } from '../principal.ts';
import { issuerUrlOf, type TokenIssuer } from './find-issuer.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { canonicalUrlOf } from './resource.ts';
import { toOwnPrincipal, toPlatformPrincipal } from './token-principal.ts';

/** The maximum age of the platform's own tokens, which are valid for ten minutes. */
const AGE_SECONDS_MAX = 3600;
/** Other issuers may also write `jwt` or no type at all. */
const OWN_TYPES = [ACCESS_TOKEN_TYPE, 'jwt', ''];

/** Resolves with undefined for a token that is not valid. */
export type VerifyAccessToken = (
  manifest: Manifest,
  issuer: TokenIssuer,
  token: string,
) => Promise<TokenPrincipal | undefined>;

/** Verifies JWT access tokens (RFC 9068). Each token is valid at one server, that of its audience. */
export function createTokenVerification(
  issuerKeys: IssuerKeys,
  { publicUrl }: { publicUrl: string },
): VerifyAccessToken {
  const keysOfPlatform = memoize(({ jwks }: Issuer) => toTokenKeys(jwks));

  return async (manifest, issuer, token) => {
    const audience = canonicalUrlOf(publicUrl, manifest.serverId);
    if (issuer.kind === 'platform') {
      const types = [ACCESS_TOKEN_TYPE];
      const rules = { issuer: issuerUrlOf(issuer), audience, types, ageSecondsMax: AGE_SECONDS_MAX };
      const verified = await verifyToken(token, keysOfPlatform(issuer.issuer), rules);
      if ('refused' in verified) return undefined;
      const claims = accessTokenClaimsSchema.safeParse(verified.claims);
      return claims.success ? toPlatformPrincipal(manifest, issuer.issuer, claims.data, verified.claims) : undefined;
    }
    const { authorization } = issuer;
    const rules: TokenRules = {
      issuer: authorization.issuer,
      audience: authorization.audience ?? audience,
      types: OWN_TYPES,
      ageSecondsMax: authorization.ageSecondsMax,
    };
    // Do not fetch keys for a text that is not a token of this issuer.
    if (!mayBeToken(token, rules)) return undefined;
    let verified = await verifyToken(token, await issuerKeys.get(manifest, authorization), rules);
    if ('refused' in verified && verified.refused === 'unknown_key') {
      const newer = await issuerKeys.getNewer(manifest, authorization);
      if (newer !== undefined) verified = await verifyToken(token, newer, rules);
    }
    return 'refused' in verified ? undefined : toOwnPrincipal(manifest, authorization, token, verified.claims);
  };
}
