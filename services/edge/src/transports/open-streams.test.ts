import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../callers/principal.ts';
import { limitOpenStreams } from './open-streams.ts';

const from = (address: string): Principal => ({ kind: 'anonymous', address });
const key: Principal = { kind: 'api-key', keyId: 'k', workspaceId: 'ws_1', permissions: [], address: '192.0.2.1' };
const rateLimited = expect.objectContaining({ code: 'rate_limited' });

function start(limits: Partial<Parameters<typeof limitOpenStreams>[0]> = {}) {
  const streams = limitOpenStreams({ perPrincipalMax: 8, perOrganizationMax: 1000, totalMax: 100, ...limits });
  const openAll = (
    principal: Principal,
    server: { serverId: string; workspaceId?: string } = { serverId: 'srv_1' },
  ) => {
    const open: (() => void)[] = [];
    try {
      while (open.length < 1000)
        open.push(streams.acquire(principal, { organizationId: 'org_1', workspaceId: 'ws_1', ...server }));
    } catch (thrown) {
      expect(thrown).toEqual(rateLimited);
    }
    return open;
  };
  return { streams, openAll };
}

describe('without a key', () => {
  test('an address without a key leaves room for the streams of others on a public server (T22)', () => {
    const { openAll } = start();
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'];
    expect(addresses.map((address) => openAll(from(address)).length)).toEqual([2, 2, 2, 2, 0]);
  });

  test('an address gets no more streams from other servers or from other addresses of its network', () => {
    const { openAll } = start();
    expect(openAll(from('2001:db8:0:1::1'))).toHaveLength(2);
    expect(openAll(from('2001:db8:0:1::1'), { serverId: 'srv_2' })).toHaveLength(0);
    expect(openAll(from('2001:db8:0:1::2'))).toHaveLength(0);
    expect(openAll(from('2001:db8:0:2::1'))).toHaveLength(2);
  });

  test('a closed stream frees its place, and only once', () => {
    const { streams, openAll } = start();
    const [first] = openAll(from('192.0.2.1'));
    first?.();
    first?.();
    expect(streams.count()).toBe(1);
    expect(openAll(from('192.0.2.1'))).toHaveLength(1);
  });
});

test('a key has its own streams, wherever it is used from, and takes none from callers without a key', () => {
  const { streams, openAll } = start();
  expect(openAll(key)).toHaveLength(8);
  expect(openAll(from('192.0.2.1'))).toHaveLength(2);
  expect(streams.count()).toBe(10);
});

test('all callers together have no more streams than the edge allows', () => {
  const { openAll } = start({ totalMax: 5 });
  expect([openAll(key).length, openAll({ ...key, keyId: 'other' }).length]).toEqual([5, 0]);
});

test('many keys, workspaces and public servers of one organization gain it no streams beyond its own limit (T51)', () => {
  const { streams, openAll } = start({ perOrganizationMax: 20 });
  const inWorkspace = (keyId: string, workspaceId: string) =>
    openAll({ kind: 'api-key', keyId, workspaceId, permissions: [] }, { serverId: `srv_${workspaceId}`, workspaceId });
  expect(['a', 'b', 'c'].map((keyId) => inWorkspace(keyId, 'ws_1').length)).toEqual([8, 2, 0]);
  expect(['d', 'e', 'f'].map((keyId) => inWorkspace(keyId, 'ws_2').length)).toEqual([8, 2, 0]);
  expect(openAll(from('192.0.2.1'), { serverId: 'srv_3', workspaceId: 'ws_3' })).toHaveLength(0);
  streams.acquire(key, { organizationId: 'org_2', workspaceId: 'ws_9', serverId: 'srv_9' });
});
