import { expect, test } from '@jest/globals';
import { streamHolderOf, type TokenPrincipal } from './principal.ts';

test('streams of tokens with the same issuer and subject are counted separately for each workspace (T1)', () => {
  const token: TokenPrincipal = {
    kind: 'token',
    workspaceId: 'ws_1',
    issuer: 'https://id.example.test',
    subject: 'ann',
    scopes: [],
    groups: [],
    claims: {},
    expiresAt: 0,
  };
  expect(streamHolderOf(token, 'srv_1')).toBe(streamHolderOf({ ...token, username: 'ann' }, 'srv_2'));
  expect(streamHolderOf(token, 'srv_1')).not.toBe(streamHolderOf({ ...token, workspaceId: 'ws_2' }, 'srv_1'));
});
