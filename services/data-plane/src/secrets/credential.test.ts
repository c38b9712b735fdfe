import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { SecretValue } from '@toolplane/service-kit';
import { type Credential, parseCredential, serializeCredential } from './credential.ts';

function textsOf({ authentication, fields, grant }: Credential) {
  const texts = [...fields].map(([key, value]) => [key, value.reveal()]);
  const tokens = [grant?.accessToken.reveal(), grant?.refreshToken?.reveal(), grant?.expiresAt];
  return { authentication, texts, tokens };
}

test.each([
  ['{"authentication":"main","fields":{}}'],
  ['{"authentication":"main","fields":{"api_key":"x","constructor":"y"}}'],
  ['{"authentication":"main","fields":{},"grant":{"accessToken":"a","client":{"id":"c","workspaceId":"ws"}}}'],
  [
    '{"authentication":"main","fields":{"a":""},"grant":{"expiresAt":5,"accessToken":"a","refreshToken":"b","client":{"id":"c","workspaceId":"ws"}}}',
  ],
])('a record is written as it was read: %s', (text) => {
  const credential = parseCredential({ value: new SecretValue(text) });
  const written = serializeCredential(credential);
  expect(JSON.parse(written.reveal())).toEqual(JSON.parse(text));
  expect(textsOf(parseCredential({ value: written }))).toEqual(textsOf(credential));
});

test('a stored value is parsed once, so that what is known of its parts is shared by all calls', () => {
  const value = new SecretValue('{"authentication":"main","fields":{"api_key":"x"}}');
  expect(parseCredential({ value })).toBe(parseCredential({ value }));
});

test.each(['canary', '{"canary":1}', '{"authentication":"main","fields":{"canary":1}}', 'null', ''])(
  'an invalid record is not quoted: %j',
  (text) => {
    let thrown: unknown;
    try {
      parseCredential({ value: new SecretValue(text) });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'secret_unavailable' });
    expect(inspect(thrown, { depth: 9 })).not.toContain('canary');
  },
);

test('a credential reveals nothing when it is printed', () => {
  const text =
    '{"authentication":"main","fields":{"a":"canary"},"grant":{"accessToken":"canary","client":{"id":"c","workspaceId":"ws"}}}';
  const credential = parseCredential({ value: new SecretValue(text) });
  expect(inspect(credential, { depth: 9 }) + JSON.stringify([...credential.fields])).not.toContain('canary');
});
