import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';

/** What a token must be, to the letter. */
export type TokenRules = {
  /** Exactly its `iss`. */
  issuer: string;
  /** Its `aud`, or one of them. */
  audience: string;
  /** What the `typ` of its header may be, in lower case and without `application/`; `''` for a token without one. */
  types: readonly string[];
  /** Since its `iat`. */
  ageSecondsMax: number;
};

/** The claims of a good token. `unknown_key`: signed with a key that is not, or not yet, among those. */
export type VerifiedToken = { claims: TokenClaims } | { refused: 'unknown_key' | 'not_valid' };
export type TokenClaims = JWTPayload & { sub: string; exp: number; iat: number };

export type TokenKeys = ReturnType<typeof createLocalJWKSet>;

/** Nothing symmetric: whoever knows a public key could sign with it. */
const ALGORITHMS = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];
export const CLOCK_TOLERANCE_SECONDS = 30;

/** Throws a `TypeError`-like error of the library for what is not a JWK set. */
export function toTokenKeys(jwks: { keys: readonly object[] }): TokenKeys {
  return createLocalJWKSet(jwks as unknown as JSONWebKeySet);
}

/**
 * Could this be a token by these rules? Looks at what it says of itself, which anybody can write, so that a token that
 * is not good whoever signed it costs neither a signature nor a look for keys.
 */
export function mayBeToken(token: string, { issuer, types }: TokenRules): boolean {
  try {
    const { alg = '', typ = '', crit, b64 } = decodeProtectedHeader(token);
    const type = typ.toLowerCase().replace(/^application\//, '');
    if (!ALGORITHMS.includes(alg) || !types.includes(type) || crit !== undefined || b64 !== undefined) return false;
    const { iss, exp = 0 } = decodeJwt(token);
    return iss === issuer && exp > Date.now() / 1000 - CLOCK_TOLERANCE_SECONDS;
  } catch {
    return false;
  }
}

/**
 * Verifies a JWT access token (T26). Keys that it names or carries itself (`jku`, `x5u`, `jwk`) are not looked at.
 * A token that is bound to a key of its client (`cnf`, RFC 9449) cannot be used as a bearer token.
 */
export async function verifyToken(token: string, keys: TokenKeys, rules: TokenRules): Promise<VerifiedToken> {
  if (!mayBeToken(token, rules)) return { refused: 'not_valid' };
  try {
    const { payload } = await jwtVerify<TokenClaims>(token, keys, {
      algorithms: ALGORITHMS,
      issuer: rules.issuer,
      audience: rules.audience,
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: rules.ageSecondsMax,
    });
    const { sub, cnf } = payload;
    const isWhole = typeof sub === 'string' && sub !== '' && cnf === undefined;
    return isWhole ? { claims: payload } : { refused: 'not_valid' };
  } catch (thrown) {
    return { refused: thrown instanceof errors.JWKSNoMatchingKey ? 'unknown_key' : 'not_valid' };
  }
}
