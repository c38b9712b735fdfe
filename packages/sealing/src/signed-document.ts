import { AppError, type Json } from '@toolplane/contracts';
import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
} from 'jose';

const ALGORITHM = 'EdDSA';
const CURVE = 'Ed25519';

export type Signer = { sign(document: Json): Promise<string> };
export type Verifier = { verify(signed: string): Promise<Json> };

/** Signs documents of the control plane as compact JWS (RFC 7515). */
export async function createSigner(privateJwkJson: string): Promise<Signer> {
  const jwk = parseKeyText(privateJwkJson) as JWK;
  const { kid } = jwk;
  if (jwk.kty !== 'OKP' || jwk.crv !== CURVE || kid === undefined || jwk.d === undefined) {
    throw new AppError('internal', 'The signing key is not a private Ed25519 JWK with a kid');
  }
  const key = await importKey(jwk);
  return {
    sign: (document) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(document)))
        .setProtectedHeader({ alg: ALGORITHM, kid })
        .sign(key),
  };
}

/** Accepts every key of the set, so that a new key can be announced before it is used. */
export async function createVerifier(publicJwksJson: string): Promise<Verifier> {
  const jwks = parseKeyText(publicJwksJson) as JSONWebKeySet;
  if (!Array.isArray(jwks.keys) || jwks.keys.length === 0 || jwks.keys.some((key) => key.crv !== CURVE)) {
    throw new AppError('internal', 'The verification keys are not a JWK set of Ed25519 keys');
  }
  const keySet = createLocalJWKSet(jwks);
  return {
    async verify(signed) {
      try {
        const { payload } = await compactVerify(signed, keySet, { algorithms: [ALGORITHM] });
        return JSON.parse(new TextDecoder().decode(payload)) as Json;
      } catch (cause) {
        throw new AppError('internal', 'The signature of a published document is not valid', { cause });
      }
    },
  };
}

export async function generateSigningKeys(): Promise<{ privateJwk: string; publicJwks: string }> {
  const pair = await generateKeyPair(ALGORITHM, { crv: CURVE, extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const describe = (jwk: JWK) => ({ ...jwk, kid, alg: ALGORITHM, use: 'sig' });
  return {
    privateJwk: JSON.stringify(describe(await exportJWK(pair.privateKey))),
    publicJwks: JSON.stringify({ keys: [describe(publicJwk)] }),
  };
}

/** The parser's own message would quote the key, so it is not passed on. */
function parseKeyText(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw new AppError('internal', 'A signing or verification key is not JSON');
  }
}

async function importKey(jwk: JWK): Promise<Parameters<CompactSign['sign']>[0]> {
  try {
    return await importJWK(jwk, ALGORITHM);
  } catch {
    throw new AppError('internal', 'The signing key is not a valid Ed25519 key');
  }
}
