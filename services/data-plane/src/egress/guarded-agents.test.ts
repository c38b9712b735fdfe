import { once } from 'node:events';
import http from 'node:http';
import { expect, test } from '@jest/globals';
import { createAddressGuard } from './address-guard.ts';
import { createGuardedAgents, type OwnedOptions } from './guarded-agents.ts';
import { UpstreamError } from './upstream-error.ts';

test('names that no proxy leads to are not remembered, however many there are', async () => {
  const { http: agent } = createGuardedAgents({
    addresses: createAddressGuard(['127.0.0.1/32']),
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    tunnel: () => Promise.reject(new UpstreamError('upstream_unreachable', 'The proxy answered with status 502')),
  });
  for (const name of ['a', 'b', 'c']) {
    const options: OwnedOptions = { agent, owner: 'ws' };
    const [error] = await once(http.request(`http://${name}.test/`, options).end(), 'error').catch((it) => [it]);
    expect(error).toMatchObject({ code: 'upstream_unreachable' });
  }
  expect(Object.keys(agent.sockets)).toEqual([]);
});
