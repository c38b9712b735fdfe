import { expect, test } from '@jest/globals';
import { findMetadataProblem, isOnOwnMachine } from './client-metadata.ts';

test.each([
  ['http://127.0.0.1:1234/callback', true],
  ['http://[::1]:1234/callback', true],
  ['http://localhost/callback', true],
  ['cursor://anysphere.cursor-mcp/oauth/callback', true],
  ['https://localhost.example.com/callback', false],
  ['http://127.0.0.1.example.com/callback', false],
  ['no URL', false],
  [undefined, false],
])('%s stays on the machine of the person: %s', (uri, expected) => {
  expect(isOnOwnMachine(uri)).toBe(expected);
});

test('the metadata that programs usually send is accepted', () => {
  const redirect_uris = ['http://127.0.0.1/callback', 'https://client.example/callback', 'app:/callback'];
  const grant_types = ['authorization_code', 'refresh_token'];
  expect(findMetadataProblem({ client_name: 'A client', redirect_uris, grant_types })).toBeUndefined();
  expect(findMetadataProblem({})).toBeUndefined();
});
