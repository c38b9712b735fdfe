import { describe, expect, test } from '@jest/globals';
import { generateSealingKeyPair, sealSecret } from '@toolplane/sealing';
import { checkSealed } from './sealed.ts';

const { publicKey } = await generateSealingKeyPair();
const sealed = await sealSecret(
  { key: publicKey, audience: 'ws/srv/KEY' },
  { value: 'a-secret-value', hosts: ['api.test'] },
);
const withHeader = (header: unknown) =>
  [Buffer.from(JSON.stringify(header)).toString('base64url'), ...sealed.split('.').slice(1)].join('.');

test('accepts what is sealed for the data plane', () => {
  expect(() => checkSealed(sealed, 'ws/srv/KEY')).not.toThrow();
});

test('400 for what was sealed for another place, with what to do; the data plane proves it (T40)', () => {
  const refusal = {
    path: 'body.sealed',
    message: expect.stringMatching(
      /sealed for the secret KEY of the server srv .*not for the secret OTHER of the server srv .*seal it again/,
    ),
  };
  expect(() => checkSealed(sealed, 'ws/srv/OTHER')).toThrow(expect.objectContaining({ details: [refusal] }));
  expect(() =>
    checkSealed(withHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: 'k' }), 'ws/srv/KEY'),
  ).not.toThrow();
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
    expect(() => checkSealed(text, 'ws/srv/KEY')).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => checkSealed(text, 'ws/srv/KEY')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    );
  });
});
