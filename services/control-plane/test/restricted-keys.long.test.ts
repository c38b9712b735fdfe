import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';
import { ticketDescriptor } from './ticket-descriptor.ts';

/* How keys are restricted besides their permissions, how the restrictions are changed, and how a key is rotated. */

let plane: TestControlPlane;
let serverId: string;
beforeAll(async () => {
  plane = await startTestControlPlane({ trustedProxies: ['127.0.0.0/8', '::1'] });
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
  serverId = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'tickets' })).body.data.id;
  await plane.send('POST', '/api/v1/mcp-servers', { name: 'weather' });
});
afterAll(() => plane.close());

const path = '/api/v1/api-keys';
const create = async (request: object, key = plane.rootKey) =>
  plane.send('POST', path, { name: 'k', ...request }, { key });
const created = async (request: object) => (await create(request)).body.data;
const change = (id: string, body: object, key = plane.rootKey) => plane.send('PATCH', `${path}/${id}`, body, { key });
const rotate = (id: string, body: object = {}, key = plane.rootKey) =>
  plane.send('POST', `${path}/${id}/rotate`, body, { key });
const get = async (id: string) => (await plane.send('GET', `${path}/${id}`)).body.data;
const violations = (body: { error: { details: { path: string }[] } }) => body.error.details.map(({ path }) => path);
const from = (key: string, address: string, headers: Record<string, string> = {}) =>
  plane.send('GET', '/api/v1/workspaces', undefined, { key, headers: { 'x-forwarded-for': address, ...headers } });

/** The key as an edge that starts now reads it. */
async function published(id: string) {
  await using fresh = await plane.openSnapshot();
  return fresh.getApiKey(id);
}

describe('a key for some servers or tools', () => {
  test('is published with the ids of its servers, by whichever name they were given, and with its tools', async () => {
    const { id, allowedServers, allowedTools, permissions } = await created({
      allowedServers: ['tickets', serverId],
      allowedTools: ['ticket_*', 'ticket_*'],
    });
    expect([allowedServers, allowedTools]).toEqual([[serverId], ['ticket_*']]);
    expect(permissions).toEqual(['tools:call', 'servers:read']);
    expect(await published(id)).toMatchObject({ servers: [serverId], tools: ['ticket_*'] });
    const free = await created({});
    expect(free).toMatchObject({ allowedServers: null, allowedTools: null, allowedAddresses: null, agentId: null });
    expect(Object.keys((await published(free.id)) ?? {}).sort()).not.toContain('servers');
  });

  test('has no permission beyond calling tools and reading servers', async () => {
    for (const bound of [{ allowedServers: ['tickets'] }, { allowedTools: ['a'] }]) {
      const { status, body } = await create({ ...bound, permissions: ['tools:call', 'servers:write'] });
      expect([status, violations(body)]).toEqual([400, ['body.permissions']]);
      const { id } = await created({});
      expect((await change(id, bound)).status).toBe(400);
      expect((await change(id, { ...bound, permissions: ['tools:call'] })).status).toBe(200);
      expect((await change(id, { permissions: ['servers:write'] })).status).toBe(400);
    }
  });

  test('names a server that does not exist: 400 with what may have been meant, as for one of another workspace (T1)', async () => {
    const other = await plane.createTenant();
    const foreign = await plane.send('POST', '/api/v1/mcp-servers', { name: 'foreign' }, { key: other.key });
    const { status, body } = await create({ allowedServers: ['tickts', serverId, foreign.body.data.id] });
    expect([status, violations(body)]).toEqual([400, ['body.allowedServers.0', 'body.allowedServers.2']]);
    expect(body.error.details[0].suggestions).toEqual(['tickets']);
  });

  test.each([
    ['no servers', { allowedServers: [] }, 'body.allowedServers'],
    ['an invalid pattern', { allowedTools: ['a b'] }, 'body.allowedTools.0'],
    ['an invalid network', { allowedAddresses: ['10.0.0.0/33'] }, 'body.allowedAddresses.0'],
    ['an IPv4 network written as IPv6', { allowedAddresses: ['::ffff:10.0.0.0/104'] }, 'body.allowedAddresses.0'],
    ['an agent that does not exist', { agentId: 'agt_none' }, 'body.agentId'],
  ])('is refused with %s', async (_name, request, violated) => {
    const { status, body } = await create(request);
    expect([status, violations(body)]).toEqual([400, [violated]]);
  });
});

describe('a key for some addresses', () => {
  const allowedAddresses = ['192.0.2.0/24', '2001:db8::/32'];

  test('is valid from them alone, as the trusted proxy reports them, and invalid from anywhere else', async () => {
    const { key, id } = await created({ allowedAddresses });
    expect((await published(id))?.addresses).toEqual(allowedAddresses);
    for (const address of ['192.0.2.7', '2001:db8::7', '198.51.100.1, 192.0.2.7']) {
      expect((await from(key, address)).status).toBe(200);
    }
    const wrong = await from(`${plane.rootKey.slice(0, -1)}_`, '203.0.113.1');
    for (const address of ['198.51.100.1', '192.0.2.7, 198.51.100.1', '', 'unknown']) {
      const refused = await from(key, address);
      expect([refused.status, refused.text]).toEqual([401, wrong.text]);
    }
  });

  test('is valid from others as soon as it was changed', async () => {
    const { key, id } = await created({ allowedAddresses });
    await change(id, { allowedAddresses: ['198.51.100.1'] });
    expect([(await from(key, '192.0.2.7')).status, (await from(key, '198.51.100.1')).status]).toEqual([401, 200]);
    await change(id, { allowedAddresses: null });
    expect((await from(key, '203.0.113.1')).status).toBe(200);
    expect(Object.keys((await published(id)) ?? {})).not.toContain('addresses');
  });
});

describe('changing a key', () => {
  test('changes what is named, tells the edges, and keeps the rest', async () => {
    const { id, key: _, ...before } = await created({ description: 'before', allowedTools: ['a*'] });
    const { status, body } = await change(id, { name: 'after', expiresAt: '2999-01-01T00:00:00Z' });
    expect(status).toBe(200);
    expect(body.data).toEqual({ ...before, id, name: 'after', expiresAt: '2999-01-01T00:00:00.000Z' });
    expect(await published(id)).toMatchObject({ tools: ['a*'], expiresAt: Date.UTC(2999, 0) });
    expect((await change(id, { expiresAt: null })).body.data.expiresAt).toBeNull();
    expect((await change(id, { expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(400);
    expect((await change(id, { workspaceId: 'ws_1' })).status).toBe(400);
  });

  test('gives nothing that whoever changes it lacks (T24)', async () => {
    const { key: lesser } = await created({ permissions: ['api-keys:write', 'servers:read'], mayAssertUser: false });
    const { id } = await created({
      permissions: ['servers:read'],
      mayAssertUser: false,
      allowedAddresses: ['192.0.2.1'],
    });
    for (const more of [
      { permissions: ['servers:read', 'secrets:write'] },
      { mayAssertUser: true },
      { agentId: null },
    ]) {
      expect([more, (await change(id, more, lesser)).status]).toEqual([more, 403]);
    }
    expect((await change(id, { permissions: [], name: 'less' }, lesser)).status).toBe(200);
    expect((await get(id)).permissions).toEqual([]);
  });

  test('that can do more than whoever changes it is refused, and so is rotating, revoking or switching it off (T53)', async () => {
    const permissions: string[] = ['api-keys:write', 'agents:write', 'servers:read', 'tools:call'];
    const { key: lesser } = await created({ permissions, mayAssertUser: false });
    const { id: agentId } = (await plane.send('POST', '/api/v1/agents', { name: 'stronger' })).body.data;
    const sameAs = { permissions, mayAssertUser: false };
    const stronger = [
      await created({ ...sameAs, permissions: ['audit:read'] }),
      await created({ ...sameAs, mayAssertUser: true }),
      await created({ ...sameAs, permissions: [...permissions, 'organization:write'], agentId }),
    ];
    for (const { id, key: _, ...before } of stronger) {
      const { status, body } = await change(id, { permissions: [] }, lesser);
      expect([status, body.error.message]).toEqual([403, expect.stringContaining('The API key can do more than you')]);
      expect((await change(id, { name: 'renamed' }, lesser)).status).toBe(403);
      expect((await rotate(id, {}, lesser)).status).toBe(403);
      expect((await plane.send('DELETE', `${path}/${id}`, undefined, { key: lesser })).status).toBe(403);
      expect(await get(id)).toEqual({ ...before, id });
    }
    const agent = `/api/v1/agents/${agentId}`;
    const switched = await plane.send('PUT', `${agent}/toggle-active`, {}, { key: lesser });
    const message = `The API key ${stronger.at(-1)?.id} of the agent can do more than you: organization:write`;
    expect([switched.status, switched.body.error.message]).toEqual([403, expect.stringContaining(message)]);
    expect((await plane.send('DELETE', agent, undefined, { key: lesser })).status).toBe(403);
    const equal = await created(sameAs);
    expect((await plane.send('DELETE', `${path}/${equal.id}`, undefined, { key: lesser })).status).toBe(200);
  });

  test('that cannot call tools takes no agent its OAuth clients, nor switches off an agent that has one (T53)', async () => {
    const { key: lesser } = await created({ permissions: ['agents:write', 'servers:read'], mayAssertUser: false });
    const { id: agentId } = (await plane.send('POST', '/api/v1/agents', { name: 'with a client' })).body.data;
    const agent = `/api/v1/agents/${agentId}`;
    const { clientId } = (await plane.send('POST', `${agent}/oauth-clients`, { name: 'c' })).body.data;
    const client = `${agent}/oauth-clients/${clientId}`;
    const remove = await plane.send('DELETE', client, undefined, { key: lesser });
    expect([remove.status, remove.body?.error.message]).toEqual([403, expect.stringContaining('tools:call')]);
    expect((await plane.send('PUT', `${agent}/toggle-active`, {}, { key: lesser })).status).toBe(403);
    expect((await plane.send('DELETE', agent, undefined, { key: lesser })).status).toBe(403);
    expect((await plane.send('DELETE', client)).status).toBe(204);
    expect((await plane.send('PUT', `${agent}/toggle-active`, {}, { key: lesser })).status).toBe(200);
  });

  test('that was stolen is refused to nobody who signs in as an admin: they revoke any key (T53)', async () => {
    const admin = await createMember(plane, { email: 'admin@example.com', role: 'admin' });
    const { id } = await created({ permissions: ['api-keys:write', 'organization:write'] });
    expect((await admin.send('PATCH', `${path}/${id}`, { permissions: [] })).status).toBe(403);
    expect((await admin.send('DELETE', `${path}/${id}`)).status).toBe(200);
  });

  test('that is revoked is refused: it stays as it was', async () => {
    const { id } = await created({});
    await plane.send('DELETE', `${path}/${id}`);
    expect([(await change(id, { name: 'x' })).status, (await rotate(id)).status]).toEqual([409, 409]);
  });
});

describe('rotating a key', () => {
  test('creates one with the same rights; the old one is valid beside it until the overlap ends', async () => {
    const old = await created({ description: 'd', allowedTools: ['a'], allowedAddresses: ['127.0.0.1', '::1'] });
    const { status, body } = await rotate(old.id, { overlapSeconds: 3600 });
    expect(status).toBe(201);
    const { id, key, createdAt: _, prefix: __, ...same } = body.data;
    expect(key).not.toBe(old.key);
    const { id: oldId, key: ___, createdAt: ____, prefix: _____, ...before } = old;
    expect(same).toEqual({ ...before, rotatedFrom: oldId });
    const left = Date.parse((await get(oldId)).expiresAt) - Date.now();
    expect([left > 3_500_000, left <= 3_600_000]).toEqual([true, true]);
    for (const each of [key, old.key]) {
      expect((await plane.send('GET', '/api/v1/workspaces', undefined, { key: each })).status).toBe(200);
    }
    expect(await published(id)).toMatchObject({ state: 'active', tools: ['a'] });
    expect((await published(oldId))?.expiresAt).toBe(Date.parse((await get(oldId)).expiresAt));
  });

  test('without an overlap ends the old one at once', async () => {
    const old = await created({});
    const { body } = await rotate(old.id, { overlapSeconds: 0 });
    const statusOf = async (key: string) => (await plane.send('GET', '/api/v1/workspaces', undefined, { key })).status;
    expect([await statusOf(old.key), await statusOf(body.data.key)]).toEqual([401, 200]);
  });

  test('never makes the old one valid for longer, and gives the new one its own expiry when requested', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const old = await created({ expiresAt });
    const rotated = await rotate(old.id, { overlapSeconds: 3600, expiresAt: null });
    expect([(await get(old.id)).expiresAt, rotated.body.data.expiresAt]).toEqual([expiresAt, null]);
    const second = await created({ expiresAt });
    expect((await rotate(second.id)).body.data.expiresAt).toBe(expiresAt);
  });

  test('is done once, even by two at the same time; then its successor can be rotated', async () => {
    const { id } = await created({});
    const statuses = (await Promise.all([rotate(id), rotate(id), rotate(id)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409, 409]);
    const { data } = (await plane.send('GET', `${path}?limit=1`)).body;
    expect([data[0].rotatedFrom, data[0].rotatedTo]).toEqual([id, null]);
    const { body } = await rotate(data[0].id);
    expect([(await get(id)).rotatedTo, (await get(data[0].id)).rotatedTo]).toEqual([data[0].id, body.data.id]);
    const listed = (await plane.send('GET', `${path}?limit=3`)).body.data;
    expect(listed.map(({ rotatedTo }: { rotatedTo: string | null }) => rotatedTo)).toEqual([
      null,
      body.data.id,
      data[0].id,
    ]);
  });

  test('needs all permissions that the key has', async () => {
    const { key: lesser } = await created({ permissions: ['api-keys:write', 'servers:read'] });
    const { id } = await created({ permissions: ['servers:read', 'secrets:write'] });
    expect((await rotate(id, {}, lesser)).status).toBe(403);
    expect((await rotate('A'.repeat(10))).status).toBe(404);
    expect((await rotate(id, { overlapSeconds: 2_592_001 })).status).toBe(400);
  });

  test('is refused while credentials are stored for the key alone', async () => {
    const { id } = await created({});
    await plane.send('POST', '/api/v1/connectors', { descriptor: ticketDescriptor({ slug: 'rotated' }) });
    const request = { connector: 'rotated', instance_name: 'Rotated', auth_type: 'api_key' };
    const instance = (await plane.send('POST', '/api/v1/connector-instances', request)).body.data.id;
    const sealed = await sealAnywhere(plane.sealingKey, { value: '{}', hosts: ['api.example.test'] });
    const credential = { scope: 'agent', subject: id, auth_type: 'api_key', sealed };
    const place = `/api/v1/connector-instances/${instance}/credentials`;
    expect((await plane.send('PUT', place, credential)).status).toBe(200);
    expect((await rotate(id)).status).toBe(409);
    const agent = await plane.send('POST', '/api/v1/agents', { name: 'heir' });
    expect((await change(id, { agentId: agent.body.data.id })).body.data.agentId).toBe(agent.body.data.id);
    expect((await plane.send('PUT', place, credential)).status).toBe(400);
    expect((await rotate(id)).body.data.agentId).toBe(agent.body.data.id);
  });
});

test('the last use that edges report is recorded, never an earlier one (T33)', async () => {
  const [used, other] = [await created({}), await created({})];
  const at = Date.now();
  const seen = (id: string, ago: number) => ({ kind: 'key' as const, id, at: at - ago });
  await plane.domains.apiKeys.noteSeen([seen(used.id, 5000), seen(used.id, 0), seen('A'.repeat(10), 0)]);
  await plane.domains.apiKeys.noteSeen([seen(used.id, 9000)]);
  expect([(await get(used.id)).lastUsedAt, (await get(other.id)).lastUsedAt]).toEqual([
    new Date(at).toISOString(),
    null,
  ]);
});

describe('what is sent as a key', () => {
  const mistyped = (key: string, at: number) =>
    `${key.slice(0, at)}${key.at(at) === '0' ? '1' : '0'}${key.slice(at + 1)}`;

  test.each<[string, (key: string) => Record<string, string>, number]>([
    ['nothing (B026)', () => ({}), 401],
    ['an empty Bearer (B026)', () => ({ authorization: 'Bearer ' }), 401],
    [
      'a key and another Bearer (B026)',
      (key) => ({ 'x-api-key': key, authorization: `Bearer ${mistyped(key, 20)}` }),
      400,
    ],
    ['a wrong character of the secret (B029)', (key) => ({ 'x-api-key': mistyped(key, 30) }), 401],
    ['the prefix of another environment (B029)', (key) => ({ 'x-api-key': key.replace('live', 'test') }), 401],
    ['a wrong checksum (B029)', (key) => ({ 'x-api-key': mistyped(key, key.length - 1) }), 401],
    ['a valid key', (key) => ({ 'x-api-key': key }), 200],
  ])('%s', async (_name, headersOf, status) => {
    const response = await fetch(`${plane.base}${path}`, { headers: headersOf(plane.rootKey) });
    expect(response.status).toBe(status);
  });

  test('a revoked key is refused at once (B027)', async () => {
    const { id, key } = await created({});
    expect((await from(key, '192.0.2.1')).status).toBe(200);
    await plane.send('DELETE', `${path}/${id}`);
    expect((await from(key, '192.0.2.1')).status).toBe(401);
  });

  test('1,000 wrong keys from one address are slowed down, a valid one behind the same address is not (B030)', async () => {
    const { key } = await created({});
    expect((await from(key, '203.0.113.9')).status).toBe(200);
    const statuses = new Map<number, number>();
    await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const { status } = await from('wrong', '203.0.113.9');
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
    );
    expect([...statuses.keys()].sort()).toEqual([401, 429]);
    expect(statuses.get(429)).toBeGreaterThan(800);
    expect((await from(key, '203.0.113.9')).status).toBe(200);
    expect((await from('wrong', '203.0.113.10')).status).toBe(401);
  });
});

test('a key for some addresses can make no key valid from elsewhere, itself included', async () => {
  const own = { allowedAddresses: ['127.0.0.0/8', '::1'] };
  const bound = await created(own);
  const free = await created({});
  const wider = [['127.0.0.0/7'], ['0.0.0.0/0'], ['192.0.2.1'], ['127.0.0.1', '::/0'], null];
  for (const allowedAddresses of wider) {
    const body = { allowedAddresses };
    expect([body, (await change(bound.id, body, bound.key)).status]).toEqual([body, 403]);
    if (allowedAddresses !== null) expect((await create(body, bound.key)).status).toBe(403);
  }
  expect((await rotate(free.id, {}, bound.key)).status).toBe(403);
  expect((await create({}, bound.key)).body.data.allowedAddresses).toEqual(own.allowedAddresses);
  expect((await create({ allowedAddresses: ['127.1.0.0/16'] }, bound.key)).status).toBe(201);
  expect((await change(free.id, { description: 'renamed' }, bound.key)).status).toBe(403);
  expect((await rotate(bound.id, {}, bound.key)).body.data.allowedAddresses).toEqual(own.allowedAddresses);
});

test('a key that expires makes, rotates and changes no key that outlives it, itself included (T53)', async () => {
  const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();
  const expiresAt = hours(1);
  const permissions = ['api-keys:write', 'agents:write', 'tools:call'];
  const own = await created({ expiresAt, permissions });
  const [longer, lasting] = [await created({ expiresAt: hours(2), permissions }), await created({ permissions })];
  const message = 'You cannot grant what you lack: an expiry later than yours';
  for (const later of [null, hours(2)]) {
    const { status, body } = await change(own.id, { expiresAt: later }, own.key);
    expect([status, body.error.message]).toEqual([403, message]);
    expect((await rotate(own.id, { expiresAt: later }, own.key)).status).toBe(403);
  }
  for (const { id } of [longer, lasting]) {
    expect((await change(id, { name: 'renamed' }, own.key)).status).toBe(403);
    expect((await rotate(id, {}, own.key)).status).toBe(403);
  }
  const agent = await plane.send('POST', '/api/v1/agents', { name: 'outliving' });
  const clients = `/api/v1/agents/${agent.body.data.id}/oauth-clients`;
  expect((await plane.send('POST', clients, { name: 'c' }, { key: own.key })).status).toBe(403);
  expect((await create({ expiresAt: hours(2) }, own.key)).status).toBe(403);
  expect((await create({}, own.key)).body.data.expiresAt).toBe(expiresAt);
  const sooner = hours(0.5);
  expect((await create({ expiresAt: sooner }, own.key)).body.data.expiresAt).toBe(sooner);
  expect((await change(lasting.id, { expiresAt: sooner }, own.key)).status).toBe(200);
  expect((await change(own.id, { name: 'renamed' }, own.key)).status).toBe(200);
  expect((await rotate(own.id, {}, own.key)).body.data.expiresAt).toBe(expiresAt);
  expect((await change(longer.id, { expiresAt: null })).status).toBe(200);
});
