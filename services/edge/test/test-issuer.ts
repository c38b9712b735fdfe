import { randomUUID } from 'node:crypto';
import type { Issuer } from '@toolplane/contracts';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export type TestIssuer = {
  url: string;
  /** The public keys of the issuer. */
  keys: Issuer['jwks']['keys'];
  privateKey: CryptoKey;
  /** Signs a token that is valid for five minutes; undefined removes a claim. */
  sign(claims: JWTPayload, header?: object, privateKey?: CryptoKey): Promise<string>;
};

/** Creates an issuer that signs tokens as an authorization server does. */
export async function createTestIssuer(url: string, kid = 'k1'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  return {
    url,
    keys: [jwk as Issuer['jwks']['keys'][number]],
    privateKey,
    sign(claims, header = {}, key = privateKey) {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: url, iat: now, exp: now + 300, jti: randomUUID(), ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header }).sign(key);
    },
  };
}
