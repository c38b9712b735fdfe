import { describe, expect, test } from '@jest/globals';
import { generateIssuerKeys } from '@toolplane/sealing';
import { parseSigningKeys, readSigningKeys } from './signing-keys.ts';

type Key = Record<string, string>;

const keysOf = async (): Promise<Key[]> => JSON.parse(await generateIssuerKeys()).keys;
const read = (...keys: unknown[]) => readSigningKeys(JSON.stringify({ keys }));

test('the public half has nothing of the private one, and the first key stays the first', async () => {
  const [[first], [second]] = await Promise.all([keysOf(), keysOf()]);
  const { publicKeys, privateJwks } = parseSigningKeys(JSON.stringify({ keys: [first, second] }));
  expect(publicKeys.map(({ kid }) => kid)).toEqual([first?.['kid'], second?.['kid']]);
  expect(privateJwks.keys.map(({ d }) => d)).toEqual([first?.['d'], second?.['d']]);
  for (const key of publicKeys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

describe('refuses', () => {
  test.each([
    ['invalid JSON', 'canary'],
    ['no keys', '{"keys":[]}'],
    ['keys of another kind', '{"keys":[{"kty":"RSA","kid":"a"}]}'],
  ])('%s, without quoting it', (_name, text) => {
    expect(readSigningKeys(text)).toBeUndefined();
    expect(() => parseSigningKeys(text)).toThrow(/^OAUTH_SIGNING_KEYS is a JWKS of one to ten private P-256 keys/);
    expect(() => parseSigningKeys(text)).not.toThrow('canary');
  });

  test('a public key alone, two with the same name, and a private key with the public half of another', async () => {
    const [[first = {}], [second = {}]] = await Promise.all([keysOf(), keysOf()]);
    const { d: _private, ...publicKey } = first;
    expect(read(publicKey)).toBeUndefined();
    expect(read(first, { ...second, kid: first['kid'] })).toBeUndefined();
    expect(read({ ...first, x: second['x'], y: second['y'] })).toBeUndefined();
    expect(read(first, second)).toBeDefined();
  });
});
