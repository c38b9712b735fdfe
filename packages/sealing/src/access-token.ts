import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';

/** What a token must contain, to the letter. */
export type TokenRules = {
  /** The exact value of `iss`. */
  issuer: string;
  /** The value of `aud`, or one of its values. */
  audience: string;
  /**
   * The allowed values of `typ` in the header, in lower case and without `application/`; `''` allows a token without
   * one.
   */
  types: readonly string[];
  /** The maximum age of the token, counted from its `iat`. */
  ageSecondsMax: number;
};

/**
 * The claims of a valid token. `unknown_key`: the token was signed with a key that is not, or not yet, among the known
 * ones.
 */
export type VerifiedToken = { claims: TokenClaims } | { refused: 'unknown_key' | 'not_valid' };
export type TokenClaims = JWTPayload & { sub: string; exp: number; iat: number };

export type TokenKeys = ReturnType<typeof createLocalJWKSet>;

/** No symmetric algorithms: otherwise, anybody who knows a public key could sign with it. */
const ALGORITHMS = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];
export const CLOCK_TOLERANCE_SECONDS = 30;

/** Throws a `TypeError`-like error of the library for what is not a JWK set. */
export function toTokenKeys(jwks: { keys: readonly object[] }): TokenKeys {
  return createLocalJWKSet(jwks as unknown as JSONWebKeySet);
}

/**
 * Whether this could be a token by these rules. Only reads what the token says of itself, which anybody can write, so
 * that a token that is invalid whoever signed it costs neither the check of a signature nor a search for keys.
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
 * Verifies a JWT access token (T26). Keys that it names or carries itself (`jku`, `x5u`, `jwk`) are ignored. A token
 * that is bound to a key of its client (`cnf`, RFC 9449) cannot be used as a bearer token.
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
