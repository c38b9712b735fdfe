import { expect, test } from '@jest/globals';
import { findMetadataProblem } from './client-metadata.ts';

test('the metadata that programs usually send is accepted', () => {
  const redirect_uris = ['http://127.0.0.1/callback', 'https://client.example/callback', 'com.example.app:/callback'];
  const grant_types = ['authorization_code', 'refresh_token'];
  expect(findMetadataProblem({ client_name: 'A client', redirect_uris, grant_types })).toBeUndefined();
  expect(findMetadataProblem({})).toBeUndefined();
});
