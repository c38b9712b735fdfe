import { describe, expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { CompactEncrypt, importJWK } from 'jose';
import { generateSealingKeyPair, openSecret, sealSecret } from './secret-sealing.ts';

const { publicKey, privateJwk } = await generateSealingKeyPair();
const other = await generateSealingKeyPair();
const secret = { value: 'canary-value', hosts: ['api.example.com', '*.example.org', 'localhost:8080'] };
const sealed = await sealSecret(publicKey, secret);

test('a sealed secret comes back, with the hosts it may be sent to', async () => {
  expect(sealed.split('.')).toHaveLength(5);
  expect(await openSecret(privateJwk, sealed)).toEqual(secret);
});

test('the public key is what the API publishes, and holds no private half', () => {
  expect(publicKey).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ECDH-ES+A256KW', use: 'enc' });
  expect(JSON.stringify(publicKey)).not.toContain(String(privateJwk['d']));
});

test('keys are rotated without a pause: a holder of both opens both', async () => {
  const both = [other.privateJwk, privateJwk];
  expect(await openSecret(both, sealed)).toEqual(secret);
  expect(await openSecret(both, await sealSecret(other.publicKey, secret))).toEqual(secret);
});

describe('a sealed value is refused as invalid_request, without a word of what it holds,', () => {
  async function encrypt(content: string, header: { alg: string; enc: string; kid?: string }, key = publicKey) {
    return new CompactEncrypt(new TextEncoder().encode(content))
      .setProtectedHeader(header)
      .encrypt(await importJWK(key, header.alg));
  }
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: publicKey.kid };
  const content = JSON.stringify(secret);

  test.each<[string, () => string | Promise<string>]>([
    ['sealed for another key', () => sealSecret(other.publicKey, secret)],
    ['sealed for another key under this kid', () => sealSecret({ ...other.publicKey, kid: publicKey.kid }, secret)],
    ['without kid', () => encrypt(content, { alg: header.alg, enc: header.enc })],
    ['with another algorithm', () => encrypt(content, { ...header, alg: 'ECDH-ES' })],
    ['with another encryption', () => encrypt(content, { ...header, enc: 'A128GCM' })],
    ['with a changed ciphertext', () => sealed.replace(/\.([^.])([^.]*)\.([^.]*)$/, '.A$1$2.$3')],
    ['that is cut', () => sealed.slice(0, -8)],
    ['that is no JWE', () => 'canary-value'],
    ['that is empty', () => ''],
    ['that holds no JSON', () => encrypt('canary-value', header)],
    ['that holds only a text', () => encrypt('"canary-value"', header)],
    ['without hosts', () => encrypt('{"value":"canary-value"}', header)],
    ['with an empty list of hosts', () => encrypt('{"value":"canary-value","hosts":[]}', header)],
    ['with a URL for a host', () => encrypt('{"value":"canary-value","hosts":["https://a.b/c"]}', header)],
    ['with a field too many', () => encrypt('{"value":"canary-value","hosts":["a.b"],"x":1}', header)],
    ['with an empty value', () => encrypt('{"value":"","hosts":["canary-value.b"]}', header)],
  ])('%s', async (_name, make) => {
    const error = await openSecret(privateJwk, await make()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    const { code, message, details, cause } = error as AppError;
    expect(code).toBe('invalid_request');
    expect(JSON.stringify([message, details, String(cause)])).not.toContain('canary');
  });
});
