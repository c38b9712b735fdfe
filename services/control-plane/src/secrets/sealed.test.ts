import { describe, expect, test } from '@jest/globals';
import { generateSealingKeyPair, sealSecret } from '@toolplane/sealing';
import { checkSealed } from './sealed.ts';

const { publicKey } = await generateSealingKeyPair();
const sealed = await sealSecret(publicKey, { value: 'a-secret-value', hosts: ['api.test'] });
const withHeader = (header: unknown) =>
  [Buffer.from(JSON.stringify(header)).toString('base64url'), ...sealed.split('.').slice(1)].join('.');

test('accepts what is sealed for the data plane', () => {
  expect(() => checkSealed(sealed)).not.toThrow();
});

describe('400, without quoting it, for what is not sealed', () => {
  test.each([
    ['a value in clear', 'sk_live_canary'],
    ['JSON in clear', '{"value":"sk_live_canary","hosts":["a.test"]}'],
    ['a signed token', 'eyJhbGciOiJub25lIn0.eyJ2IjoxfQ.c2ln'],
    ['a header that is not JSON', `canary.${sealed.split('.').slice(1).join('.')}`],
    ['another algorithm', withHeader({ alg: 'dir', enc: 'A256GCM', kid: 'k' })],
    ['another encryption', withHeader({ alg: 'ECDH-ES+A256KW', enc: 'A128CBC-HS256', kid: 'k' })],
    ['no kid', withHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM' })],
    ['a trailing line break', `${sealed}\n`],
  ])('%s', (_name, text) => {
    expect(() => checkSealed(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => checkSealed(text)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    );
  });
});
