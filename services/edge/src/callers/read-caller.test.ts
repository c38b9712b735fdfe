import { describe, expect, test } from '@jest/globals';
import { readCaller } from './read-caller.ts';

const principal = { kind: 'api-key', keyId: 'key_1', workspaceId: 'ws_1', permissions: [] } as const;
const connected = { usesConnection: true };
const own = 'Bearer canary-0123456789';

test('a tool that uses a connection is told who calls', () => {
  const headers = { 'x-username': 'ada@example.test', 'x-upstream-authorization': own, 'config-org': 'acme' };
  expect(readCaller({ headers, principal }, connected)).toEqual({
    config: { org: 'acme' },
    ...{ username: 'ada@example.test', agentId: 'key_1', upstreamAuthorization: own },
  });
  expect(readCaller({ headers: {}, principal: { kind: 'anonymous' } }, connected)).toEqual({ config: {} });
});

test('any other tool is told nothing of it, and its callers may send what they like', () => {
  const headers = { 'x-username': 'a b', 'x-upstream-authorization': 'ä' };
  expect(readCaller({ headers, principal }, { usesConnection: false })).toEqual({ config: {} });
});

describe('is refused with the header and the rule, not with the value (B036)', () => {
  test.each([
    ['a name with a space', { 'x-username': 'canary name' }, /^x-username .*1 to 255/],
    ['a name that comes twice', { 'x-username': 'canary, other' }, /^x-username is sent once/],
    ['a name of 256 characters', { 'x-username': 'canary'.padEnd(256, 'a') }, /^x-username .*1 to 255/],
    ['an empty name', { 'x-username': '' }, /^x-username .*1 to 255/],
    ['authorization that is not ASCII', { 'x-upstream-authorization': 'Bearer canaryä' }, /^x-upstream-authorization/],
    ['authorization over 16 KiB', { 'x-upstream-authorization': 'canary'.padEnd(16_385) }, /16,384/],
    ['empty authorization', { 'x-upstream-authorization': '' }, /^x-upstream-authorization/],
  ])('%s', (_name, headers, message) => {
    const read = () => readCaller({ headers, principal }, connected);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }));
    expect(read).not.toThrow(/canary/);
  });

  test('the name of a user from a caller without a key, who could name any (B037)', () => {
    const read = () => readCaller({ headers: { 'x-username': 'ada' }, principal: { kind: 'anonymous' } }, connected);
    expect(read).toThrow('x-username needs an API key besides');
  });
});
