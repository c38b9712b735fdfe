import { AppError, type SignedOn } from '@toolplane/contracts';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';

/**
 * Only signatures by keys that only the issuer has are accepted, whatever a token or the issuer says: no signature that
 * can be guessed or left out.
 */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const CLOCK_SKEW_S = 30;
const SUBJECT_LENGTH_MAX = 255;
const NAME_LENGTH_MAX = 100;

export type ExpectedIdToken = { issuer: string; clientId: string; nonce: string; nowMs: number };

/**
 * Verifies an ID token (OpenID Connect Core 1.0, 3.1.3.7): it must come from this issuer, be only for this client and
 * for this sign-in, and not be expired. The keys are those of the issuer; keys that a token names (`jku`, `jwk`, `x5u`)
 * are ignored. Errors describe the problem and quote nothing.
 */
export async function verifyIdToken(
  idToken: string,
  keys: JSONWebKeySet,
  { issuer, clientId, nonce, nowMs }: ExpectedIdToken,
): Promise<SignedOn> {
  const payload = await verify(idToken, keys, { issuer, clientId, nowMs });
  if (payload['nonce'] !== nonce) throw refused('belongs to another sign-in');
  const { sub: subject = '', aud, email, email_verified: isEmailVerified, name, azp } = payload;
  const isForOthers = Array.isArray(aud) && aud.length > 1 && azp === undefined;
  if (isForOthers || (azp !== undefined && azp !== clientId)) throw refused('is for another client');
  if (subject === '' || subject.length > SUBJECT_LENGTH_MAX) throw refused('names no subject');
  return {
    issuer,
    subject,
    ...(typeof email === 'string' ? { email } : {}),
    isEmailVerified: isEmailVerified === true,
    ...(typeof name === 'string' ? { name: name.slice(0, NAME_LENGTH_MAX) } : {}),
  };
}

async function verify(
  idToken: string,
  keys: JSONWebKeySet,
  { issuer, clientId, nowMs }: Omit<ExpectedIdToken, 'nonce'>,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(idToken, createLocalJWKSet(keys), {
      algorithms: ALGORITHMS,
      issuer,
      audience: clientId,
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (thrown) {
    if (thrown instanceof errors.JWTClaimValidationFailed || thrown instanceof errors.JWTExpired) {
      throw refused(`does not have a valid ${thrown.claim}`);
    }
    throw refused('is not signed by a key of the issuer');
  }
}

function refused(why: string): AppError {
  return new AppError('credentials_refused', `The ID token ${why}`);
}
