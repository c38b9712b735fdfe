import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/api-keys';

describe('201', () => {
  test('the key is shown once, and stored only as a hash', async () => {
    const { status, body } = await plane.send('POST', path, { name: 'ci', description: 'for CI' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      success: true,
      data: { name: 'ci', description: 'for CI', workspaceId: 'ws_default' },
    });
    const { id, key } = body.data;
    expect(key).toMatch(/^tp_live_[0-9A-Za-z]{10}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    const secret = key.split('_')[3];
    for (const read of [`${path}/${id}`, path]) expect((await plane.send('GET', read)).text).not.toContain(secret);
    const rows = await plane.database.asPlatform((tx) => tx.apiKey.findMany());
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  test('without permissions it gets those for work in its workspace, as far as its creator has them', async () => {
    const permissions = ['api-keys:write', 'servers:read', 'workspaces:write'];
    const creator = await plane.send('POST', path, { name: 'creator', permissions });
    const { body } = await plane.send('POST', path, { name: 'created' }, { key: creator.body.data.key });
    expect(body.data.permissions).toEqual(['servers:read', 'api-keys:write']);
  });

  test('can be for another workspace of the organization', async () => {
    const workspace = await plane.send('POST', '/api/v1/workspaces', { name: 'staging' });
    const { body } = await plane.send('POST', path, { name: 'k', workspaceId: workspace.body.data.id });
    await plane.send('POST', '/api/v1/mcp-servers', { name: 'here' }, { key: body.data.key });
    expect((await plane.send('GET', '/api/v1/mcp-servers/here')).status).toBe(404);
    expect((await plane.send('GET', '/api/v1/mcp-servers/here', undefined, { key: body.data.key })).status).toBe(200);
  });

  test('is known to the edge at once, and so is its revocation', async () => {
    const { body } = await plane.send('POST', path, { name: 'for the edge', expiresAt: '2999-01-01T00:00:00Z' });
    const { id } = body.data;
    const record = await plane.snapshot.getApiKey(id);
    expect(record).toMatchObject({ state: 'active', workspaceId: 'ws_default', expiresAt: Date.UTC(2999, 0) });
    expect(JSON.stringify(record)).not.toContain(body.data.key);

    const revoked = new Promise((resolve) =>
      plane.snapshot.onChange(({ id: changed }) => changed === id && resolve(id)),
    );
    expect((await plane.send('DELETE', `${path}/${id}`)).body.data.revokedAt).not.toBeNull();
    await revoked;
    expect(await plane.snapshot.getApiKey(id)).toMatchObject({ state: 'revoked' });
  });
});

describe('a key reads its own record', () => {
  const getCurrent = (key: string) => plane.send('GET', `${path}/current`, undefined, { key });

  test('200: with any permissions and restrictions, but not the records of others', async () => {
    const { id: server } = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'its-own' })).body.data;
    const request = { name: 'own', permissions: ['tools:call'], expiresAt: '2999-01-01T00:00:00.000Z' };
    const restrictions = { allowedServers: [server], allowedTools: ['read_*'] };
    const { id, key } = (await plane.send('POST', path, { ...request, ...restrictions })).body.data;
    const { status, body, text } = await getCurrent(key);
    expect([status, body.data]).toMatchObject([200, { id, workspaceId: 'ws_default', ...request, ...restrictions }]);
    expect(text).not.toContain(key.split('_')[3]);
    expect((await plane.send('GET', `${path}/${id}`, undefined, { key })).status).toBe(403);
    expect((await getCurrent(plane.rootKey)).body.data.id).not.toBe(id);
  });

  test('401: not after it was revoked, and not without a key', async () => {
    const { id, key } = (await plane.send('POST', path, { name: 'gone' })).body.data;
    await plane.send('DELETE', `${path}/${id}`);
    expect([(await getCurrent(key)).status, (await getCurrent('')).status]).toEqual([401, 401]);
  });

  test('404: people who have signed in use no key', async () => {
    const person = await createMember(plane, { email: 'no-key@example.test', role: 'owner', scope: 'organization' });
    const { status, body } = await person.send('GET', `${path}/current`);
    expect([status, body.error.message]).toEqual([404, expect.stringContaining('session')]);
  });
});

test('the last use is recorded', async () => {
  const { body } = await plane.send('POST', path, { name: 'used' });
  expect(body.data.lastUsedAt).toBeNull();
  await plane.send('GET', '/api/v1/workspaces', undefined, { key: body.data.key });
  expect((await plane.send('GET', `${path}/${body.data.id}`)).body.data.lastUsedAt).not.toBeNull();
});

test('Authorization: Bearer works as well', async () => {
  const headers = { 'x-api-key': plane.rootKey, authorization: `Bearer ${plane.rootKey}` };
  expect((await plane.send('GET', path, undefined, { headers })).status).toBe(200);
});

describe('400', () => {
  test.each([
    ['no name', {}, 'body.name'],
    ['an empty name', { name: '' }, 'body.name'],
    ['a name of 1 MB (B128)', { name: 'x'.repeat(1_000_000) }, 'body.name'],
    ['a name that PostgreSQL cannot hold', { name: 'a\0b' }, 'body.name'],
    ['an expiry in the past', { name: 'k', expiresAt: '2020-01-01T00:00:00Z' }, 'body.expiresAt'],
    ['an expiry that is not a time', { name: 'k', expiresAt: 'tomorrow' }, 'body.expiresAt'],
    ['an unknown permission', { name: 'k', permissions: ['root'] }, 'body.permissions.0'],
    ['a field that callers may not set', { name: 'k', hash: '00' }, 'body.hash'],
  ])('%s', async (_name, body, violated) => {
    const answer = await plane.send('POST', path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.details.map((violation: { path: string }) => violation.path)).toEqual([violated]);
  });

  test('two different keys', async () => {
    const headers = { authorization: 'Bearer another' };
    expect((await plane.send('GET', path, undefined, { headers })).status).toBe(400);
  });
});

test.each(["'; DROP TABLE api_keys; --", '<script>alert(1)</script>', '\u202Egnihsihp'])(
  'a name is text and nothing else: %s (B128)',
  async (name) => {
    const { body } = await plane.send('POST', path, { name });
    expect((await plane.send('GET', `${path}/${body.data.id}`)).body.data.name).toBe(name);
  },
);

describe('401', () => {
  test('a key in the query string does not count', async () => {
    expect((await plane.send('GET', `${path}?api_key=${plane.rootKey}`, undefined, { key: '' })).status).toBe(401);
  });

  test('an expired key', async () => {
    const { body } = await plane.send('POST', path, { name: 'expired' });
    await plane.database.asPlatform((tx) =>
      tx.apiKey.update({ where: { id: body.data.id }, data: { expiresAt: new Date(Date.now() - 1) } }),
    );
    expect((await plane.send('GET', path, undefined, { key: body.data.key })).status).toBe(401);
  });

  test('a key with a wrong checksum needs no database', async () => {
    plane.postgresGate.shut();
    const mistyped = `${plane.rootKey.slice(0, -1)}${plane.rootKey.endsWith('0') ? '1' : '0'}`;
    for (const key of [
      mistyped,
      'tp_test_x',
      'sk_live_1',
      `${plane.rootKey}٠`.normalize().slice(0, -1).concat('%D9'),
    ]) {
      expect((await plane.send('GET', path, undefined, { key })).status).toBe(401);
    }
    expect((await plane.send('GET', path)).status).toBe(503);
    plane.postgresGate.open();
  });
});

describe('403', () => {
  test('nobody grants permissions that they lack', async () => {
    const creator = await plane.send('POST', path, { name: 'creator', permissions: ['api-keys:write'] });
    const request = { name: 'more', permissions: ['api-keys:write', 'organizations:write'] };
    const { status, body } = await plane.send('POST', path, request, { key: creator.body.data.key });
    expect(status).toBe(403);
    expect(body.error.message).toContain('organizations:write');
  });

  test('a key for another workspace requires the permission to create workspaces', async () => {
    const workspace = await plane.send('POST', '/api/v1/workspaces', { name: 'closed' });
    const creator = await plane.send('POST', path, { name: 'creator' });
    const request = { name: 'k', workspaceId: workspace.body.data.id };
    expect((await plane.send('POST', path, request, { key: creator.body.data.key })).status).toBe(403);
  });
});

describe('404', () => {
  test('a key for a workspace of another organization', async () => {
    const { workspaceId } = await plane.createTenant();
    expect((await plane.send('POST', path, { name: 'k', workspaceId })).status).toBe(404);
  });
});

test('409 for a second workspace of the same name', async () => {
  await plane.send('POST', '/api/v1/workspaces', { name: 'twice' });
  expect((await plane.send('POST', '/api/v1/workspaces', { name: 'twice' })).status).toBe(409);
});

test('workspaces: a plain key sees its own, one that may create them sees all of its organization', async () => {
  const { data: seen } = (await plane.send('POST', '/api/v1/workspaces', { name: 'seen' })).body;
  const plain = await plane.send('POST', path, { name: 'plain' });
  const own = await plane.send('GET', '/api/v1/workspaces', undefined, { key: plain.body.data.key });
  expect(own.body).toMatchObject({ total: 1, data: [{ id: 'ws_default' }] });
  const get = (id: string, key = plane.rootKey) => plane.send('GET', `/api/v1/workspaces/${id}`, undefined, { key });
  expect((await get('ws_default', plain.body.data.key)).body.data).toEqual(own.body.data[0]);
  expect([(await get(seen.id, plain.body.data.key)).status, (await get('ws_none')).status]).toEqual([404, 404]);
  expect((await get(seen.id)).body.data).toEqual(seen);
  const { body } = await plane.send('GET', '/api/v1/workspaces?limit=100');
  expect(body.data.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['default', 'seen']));
  expect(new Set(body.data.map((workspace: { organizationId: string }) => workspace.organizationId)).size).toBe(1);
});

test('a new organization comes with a workspace and a key that can do everything except create organizations', async () => {
  const { status, body } = await plane.send('POST', '/api/v1/organizations', { name: 'Acme' });
  expect(status).toBe(201);
  const { organization, workspace, apiKey } = body.data;
  expect(workspace).toMatchObject({ organizationId: organization.id, name: 'default' });
  expect((await plane.send('POST', '/api/v1/organizations', { name: 'B' }, { key: apiKey.key })).status).toBe(403);
  expect((await plane.send('POST', '/api/v1/workspaces', { name: 'two' }, { key: apiKey.key })).status).toBe(201);
});

// Runs last, because it uses up the failures that this address may have within a minute.
test('429 after many wrong keys, and the right one keeps working', async () => {
  const statuses = new Set<number>();
  for (let i = 0; i < 120; i++) statuses.add((await plane.send('GET', path, undefined, { key: 'wrong' })).status);
  expect([...statuses]).toEqual([401, 429]);
  expect((await plane.send('GET', path)).status).toBe(200);
});
