import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestEdge, type TestEdge } from './test-edge.ts';

/* The requests of callers without a key to public servers are counted. */

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

test('without a key an address has limited requests a minute to public servers of an edge; keys do not count', async () => {
  await edge.publishServer({ serverId: 'srv_busy', slug: 'busy', isPublic: true });
  const { url } = await edge.startReplica({ publicCallsPerMinute: 3 });
  const ask = (headers: Record<string, string> = {}) =>
    fetch(`${url}/mcp/srv_busy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(list),
    });
  const refusals = await Promise.all([ask(), ask(), ask(), ask()]).then((all) => all.filter(({ ok }) => !ok));
  expect(refusals.map(({ status }) => status)).toEqual([429]);
  const [refused] = refusals;
  const seconds = Number(refused?.headers.get('retry-after'));
  expect(seconds > 1 && seconds <= 60).toBe(true);
  expect(await refused?.json()).toMatchObject({ error: { code: 1429, data: { code: 'rate_limited' } } });
  expect((await ask({ 'x-api-key': (await edge.publishKey({})).key })).status).toBe(200);
  expect((await edge.post(list, { path: '/mcp/srv_busy', key: '' })).status).toBe(200);
});

test('each message of a batch without a key counts', async () => {
  await edge.publishServer({ serverId: 'srv_batches', slug: 'batches', isPublic: true });
  const { url } = await edge.startReplica({ publicCallsPerMinute: 6 });
  const batch = Array.from({ length: 4 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
  const ask = (headers: Record<string, string> = {}) =>
    fetch(`${url}/mcp/srv_batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(batch),
    });
  const [first, second] = [await ask(), await ask()];
  expect([first.status, second.status]).toEqual([200, 429]);
  expect((await ask({ 'x-api-key': (await edge.publishKey({})).key })).status).toBe(200);
});
