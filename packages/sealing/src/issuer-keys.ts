import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

/** A JWKS with one new private key, with which an authorization server signs its tokens. */
export async function generateIssuerKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return JSON.stringify({ keys: [{ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }] });
}
