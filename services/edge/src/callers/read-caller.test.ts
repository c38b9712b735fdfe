import { describe, expect, test } from '@jest/globals';
import { readCaller } from './read-caller.ts';

const principal = { kind: 'api-key', keyId: 'key_1', workspaceId: 'ws_1', permissions: [] } as const;
const ada = { ...principal, username: 'ada@example.test' };
const connected = { usesConnection: true };
const own = 'Bearer canary-0123456789';
const server = { manifest: { serverId: 'srv_1' } };

test('a tool that uses a connection learns who is calling', () => {
  const headers = { 'x-upstream-authorization': own, 'config-org': 'acme' };
  expect(readCaller({ headers, principal: ada, server }, connected)).toEqual({
    config: { org: 'acme' },
    username: 'ada@example.test',
    onlyOwn: true,
    agentId: 'key_1',
    upstreamAuthorization: own,
  });
  expect(readCaller({ headers: {}, principal, server }, connected)).toEqual({ config: {}, agentId: 'key_1' });
  expect(readCaller({ headers: {}, principal: { kind: 'anonymous' }, server }, connected)).toEqual({ config: {} });
});

test("a user's own credentials reach only the toolkit that they are for: a model chooses the tool, not who gets them", () => {
  const read = (named: string | undefined, target: { serverId?: string; toolkit?: string }, unnamed?: 'ignore') => {
    const headers = {
      'x-upstream-authorization': own,
      ...(named === undefined ? {} : { 'x-upstream-toolkit': named }),
    };
    const options = unnamed === undefined ? {} : { unnamed };
    return readCaller({ headers, principal, server }, { ...connected, ...target }, options).upstreamAuthorization;
  };
  const ofServer = { serverId: 'srv_1', toolkit: 'tickets' };
  const taken = { serverId: 'srv_2', toolkit: 'weather' };
  expect([read(undefined, ofServer), read('tickets', ofServer), read('weather', ofServer)]).toEqual([
    own,
    own,
    undefined,
  ]);
  expect([read('weather', taken), read('tickets', taken)]).toEqual([own, undefined]);
  expect(() => read(undefined, taken)).toThrow(/x-upstream-toolkit.*such as weather$/);
  expect(read(undefined, taken, 'ignore')).toBeUndefined();
});

test('a named user can use only his own credentials, unless the server allows shared ones (T31)', () => {
  const sharing = { manifest: { serverId: 'srv_1', sharesConnections: true } } as const;
  expect(readCaller({ headers: {}, principal: ada, server }, connected)).toMatchObject({ onlyOwn: true });
  const caller = { config: {}, username: 'ada@example.test', agentId: 'key_1' };
  expect(readCaller({ headers: {}, principal: ada, server: sharing }, connected)).toEqual(caller);
});

test('any other tool learns nothing about its caller, whose headers may hold anything', () => {
  const headers = { 'x-upstream-authorization': 'ä' };
  expect(readCaller({ headers, principal: ada, server }, { usesConnection: false })).toEqual({ config: {} });
});

test('what has sessions with an external server learns whose it may continue, and nothing of who that is (T31)', () => {
  const target = { usesConnection: false, usesSession: true } as const;
  const ownerOf = (caller: Parameters<typeof readCaller>[0]['principal'], at = server) =>
    readCaller({ headers: {}, principal: caller, server: at }, target).sessionOwner;
  const owners = [principal, ada, { ...ada, username: 'bob' }, { ...ada, keyId: 'key_2' }].map((caller) =>
    ownerOf(caller),
  );
  expect(new Set(owners).size).toBe(4);
  expect(ownerOf({ ...ada })).toBe(owners[1]);
  // The issuer of another server could give anybody this subject.
  expect(ownerOf(ada, { manifest: { serverId: 'srv_2' } })).not.toBe(owners[1]);
  for (const owner of owners) expect(owner).toMatch(/^[\w-]{43}$/);
  // It is unknown whether two anonymous callers are the same.
  expect(readCaller({ headers: {}, principal: { kind: 'anonymous' }, server }, target)).toEqual({ config: {} });
});

describe('is refused naming the header and the rule, without the value', () => {
  test.each([
    ['authorization that is not ASCII', 'Bearer canaryä', /^x-upstream-authorization/],
    ['authorization over 16 KiB', 'canary'.padEnd(16_385), /16,384/],
    ['empty authorization', '', /^x-upstream-authorization/],
  ])('%s', (_name, authorization, message) => {
    const headers = { 'x-upstream-authorization': authorization };
    const read = () => readCaller({ headers, principal, server }, connected);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(message) }));
    expect(read).not.toThrow(/canary/);
  });
});
