import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ClientAddress } from '@toolplane/service-kit';
import { createRegistrations } from '../src/oauth/registrations.ts';
import { createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { createOauthClient, register } from './oauth-client.ts';

/* How many clients may register themselves, and which of them are removed for others. */

const ALL_MAX = 6;
const OF_NETWORK_MAX = 4;

let plane: TestControlPlane;
let nextMs = Date.parse('2026-01-01T00:00:00Z');

beforeAll(async () => {
  plane = await startTestControlPlane({ trustedProxies: ['127.0.0.0/8'] });
});
afterAll(() => plane?.close());
beforeEach(async () => {
  await plane.database.asPlatform((tx) => tx.oauthClient.deleteMany());
});

const toRequest = (address: string) => ({ socket: { remoteAddress: address }, headers: {} }) as IncomingMessage;

/** Admits one more registration from an address, and stores it under the id. */
async function admit(id: string, address: string): Promise<void> {
  const addressOf: ClientAddress = ({ socket }) => socket.remoteAddress ?? '';
  const limits = { clientsMax: ALL_MAX, unusedOfNetworkMax: OF_NETWORK_MAX };
  const registrations = createRegistrations({ database: plane.database, addressOf, ...limits });
  await registrations.admit(toRequest(address));
  nextMs += 1000;
  const createdAt = new Date(nextMs);
  const row = {
    id,
    metadata: '{}',
    createdAt,
    expiresAt: new Date('2100-01-01'),
    network: registrations.networkOf(toRequest(address)),
  };
  await plane.database.asPlatform((tx) => tx.oauthClient.create({ data: row }));
}

async function stored(): Promise<string[]> {
  const rows = await plane.database.asPlatform((tx) => tx.oauthClient.findMany({ orderBy: { createdAt: 'asc' } }));
  return rows.map(({ id }) => id);
}

test('one network has its share of the clients that nobody has agreed to: its own oldest make room for its next (T47)', async () => {
  await admit('other', '198.51.100.1');
  for (let index = 0; index < 8; index += 1) await admit(`c${index}`, `192.0.2.${index}`);
  expect(await stored()).toEqual(['other', 'c4', 'c5', 'c6', 'c7']);
  for (let index = 0; index < 6; index += 1) await admit(`v6-${index}`, `2001:db8:1:${index}::1`);
  expect((await stored()).filter((id) => id.startsWith('v6'))).toEqual(['v6-2', 'v6-3', 'v6-4', 'v6-5']);
});

test('where there is no room, the oldest client that nobody has agreed to makes room for the next one (T47)', async () => {
  for (let index = 0; index < 8; index += 1) await admit(`c${index}`, `192.0.${index}.1`);
  expect(await stored()).toEqual(['c2', 'c3', 'c4', 'c5', 'c6', 'c7']);
});

test('a client that somebody has agreed to never makes room: where there are only such, nobody else registers (T47)', async () => {
  const person = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: 'desk', mode: 'NORMAL' });
  const resource = `https://mcp.example.test/mcp/${body.data.id}`;
  const agreed: string[] = [];
  const agree = async () => {
    const { client_id: id } = (await register(plane)).body;
    await createOauthClient(plane, id, resource).connect(person);
    agreed.push(id);
  };
  for (let index = 0; index < ALL_MAX - 1; index += 1) await agree();
  await admit('unused', '192.0.2.1');
  await admit('next', '192.0.2.1');
  expect((await stored()).toSorted()).toEqual([...agreed, 'next'].toSorted());
  await plane.database.asPlatform((tx) => tx.oauthClient.delete({ where: { id: 'next' } }));
  await agree();
  await expect(admit('another', '192.0.3.1')).rejects.toMatchObject({ code: 'rate_limited' });
  expect((await stored()).toSorted()).toEqual(agreed.toSorted());
});

test('a client is stored with the network that it registered from', async () => {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.77' };
  const redirect_uris = ['http://127.0.0.1/callback'];
  const body = JSON.stringify({ redirect_uris, token_endpoint_auth_method: 'none' });
  const { status } = await fetch(`${plane.base}/oauth/register`, { method: 'POST', headers, body });
  const [row] = await plane.database.asPlatform((tx) => tx.oauthClient.findMany());
  expect([status, row?.network]).toEqual([201, '203.0.113.0/24']);
});

test('a network of many addresses registers no more than sixty clients a minute (T47)', async () => {
  // All requests are concurrent, so that the minute does not end in between.
  const statuses = await Promise.all(
    Array.from({ length: 70 }, async (_, index) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${index}` };
      return (await fetch(`${plane.base}/oauth/register`, { method: 'POST', headers, body: '{}' })).status;
    }),
  );
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});
