import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Permission } from '@toolplane/contracts';
import { digestOfUser } from '@toolplane/sealing';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/external-users';
type Tenant = { key: string; workspaceId: string };

const create = (username: unknown, key = plane.rootKey) => plane.send('POST', path, { username }, { key });
const toggle = (id: string, key = plane.rootKey) =>
  plane.send('PUT', `${path}/${id}/toggle-active`, undefined, { key });
const setActive = (id: string, isActive: unknown) => plane.send('PUT', `${path}/${id}/toggle-active`, { isActive });
const list = async ({ key }: Pick<Tenant, 'key'>, query = '') =>
  (await plane.send('GET', `${path}?${query}`, undefined, { key })).body;
const setUnknownUsers = ({ key, workspaceId }: Tenant, unknownUsers: string) =>
  plane.send('PATCH', `/api/v1/workspaces/${workspaceId}`, { unknownUsers }, { key });
const seen = (workspaceId: string, username: string, at = Date.now()) => ({ workspaceId, username, at });

/** Seen by an edge that starts now. */
async function readPublished(workspaceId: string, username: string) {
  await using fresh = await plane.openSnapshot();
  const digest = digestOfUser(workspaceId, username);
  const { unknownUsers, deactivated } = await fresh.getUserRules(workspaceId);
  const record = await fresh.getExternalUser(workspaceId, digest);
  return { unknownUsers, isListed: deactivated.includes(digest), state: record?.state };
}

describe('an external user', () => {
  test('is created, found by id and by name, and shown with where it came from', async () => {
    const { status, body } = await create('Ada.L+1@example.test');
    expect(status).toBe(201);
    expect(body.data).toEqual({
      id: expect.stringMatching(/^usr_/),
      workspaceId: 'ws_default',
      username: 'Ada.L+1@example.test',
      source: 'api',
      isActive: true,
      lastSeenAt: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    for (const place of [`${path}/${body.data.id}`, `${path}/username/Ada.L+1@example.test`]) {
      expect((await plane.send('GET', place)).body.data).toEqual(body.data);
    }
    expect((await create('Ada.L+1@example.test')).status).toBe(409);
    expect((await create('ada.l+1@example.test')).status).toBe(201);
  });

  test.each(['', 'a b', '../a', 'é', 'a\u200db', 'a\r\n', 'a'.repeat(256), 1, null])(
    'is never called %j: 400 (B036)',
    async (name) => {
      expect((await create(name)).status).toBe(400);
    },
  );

  test('is in the state that was asked for, however often: two people who both deactivate it do so', async () => {
    const { id, username } = (await create('asked-for')).body.data;
    const [first, second] = await Promise.all([setActive(id, false), setActive(id, false)]);
    expect([first.body.data.isActive, second.body.data.isActive]).toEqual([false, false]);
    expect(await setActive(id, false)).toMatchObject({ status: 200, body: { data: first.body.data } });
    expect((await readPublished('ws_default', username)).isListed).toBe(true);
    expect((await setActive(id, true)).body.data.isActive).toBe(true);
    expect((await setActive(id, true)).body.data.isActive).toBe(true);
    expect((await readPublished('ws_default', username)).isListed).toBe(false);
    for (const other of ['false', null, 0]) expect((await setActive(id, other)).status).toBe(400);
  });

  test('with the name of an agent or a person is toggled where those are, and created nowhere else (T31)', async () => {
    const agents = '/api/v1/agents';
    const { data: agent } = (await plane.send('POST', agents, { name: 'switched off' })).body;
    await plane.send('PUT', `${agents}/${agent.id}/toggle-active`);
    const { data: user } = (await plane.send('GET', `${path}/username/${agent.id}`)).body;
    expect(user.isActive).toBe(false);
    const refused = await toggle(user.id);
    expect([refused.status, refused.body.error.message]).toEqual([409, expect.stringContaining('agent')]);
    expect((await plane.send('GET', `${path}/${user.id}`)).body.data.isActive).toBe(false);
    for (const name of [agent.id.replace(/.$/, 'a'), `psn_${'a'.repeat(24)}`]) {
      expect((await create(name)).status).toBe(409);
    }
    expect((await create('agt_short')).status).toBe(201);
    // Nor can an active one be deactivated here.
    await plane.send('PUT', `${agents}/${agent.id}/toggle-active`);
    expect((await toggle(user.id)).status).toBe(409);
  });

  test('whose name is written like that of an agent that does not exist can be deactivated, for good', async () => {
    const username = `agt_${'b'.repeat(24)}`;
    await plane.domains.externalUsers.noteSeen([seen('ws_default', username)]);
    const { data: user } = (await plane.send('GET', `${path}/username/${username}`)).body;
    expect((await toggle(user.id)).body.data.isActive).toBe(false);
    expect((await toggle(user.id)).status).toBe(409);
  });

  test.each([`${path}/usr_none`, `${path}/username/nobody`])('that does not exist is 404: %s', async (place) => {
    expect((await plane.send('GET', place)).status).toBe(404);
    expect((await toggle('usr_none')).status).toBe(404);
  });

  test('of another workspace is neither found nor changed (T1)', async () => {
    const [own, other] = [await plane.createTenant(), await plane.createTenant()];
    const { id } = (await create('ada', own.key)).body.data;
    expect((await plane.send('GET', `${path}/${id}`, undefined, { key: other.key })).status).toBe(404);
    expect((await toggle(id, other.key)).status).toBe(404);
    expect((await list(other)).total).toBe(0);
    expect((await create('ada', other.key)).status).toBe(201);
  });

  test('is written by callers that may write servers, and read by callers that may read them', async () => {
    const keyOf = async (permissions: Permission[]) =>
      (await plane.send('POST', '/api/v1/api-keys', { name: 'k', permissions })).body.data.key;
    const [reader, caller] = [await keyOf(['servers:read']), await keyOf(['tools:call'])];
    expect((await create('by-reader', reader)).status).toBe(403);
    expect((await plane.send('GET', path, undefined, { key: reader })).status).toBe(200);
    expect((await plane.send('GET', path, undefined, { key: caller })).status).toBe(403);
  });
});

test('users are listed by page, part of the name, source, state and time', async () => {
  const tenant = await plane.createTenant();
  for (const name of ['ann', 'Bob_1', 'bob-2']) await create(name, tenant.key);
  await plane.domains.externalUsers.noteSeen([seen(tenant.workspaceId, 'cleo')]);
  const { id } = (await plane.send('GET', `${path}/username/ann`, undefined, { key: tenant.key })).body.data;
  await toggle(id, tenant.key);
  const names = async (query: string) =>
    (await list(tenant, query)).data.map(({ username }: { username: string }) => username);
  expect(await names('')).toEqual(['cleo', 'bob-2', 'Bob_1', 'ann']);
  expect(await names('q=BOB')).toEqual(['bob-2', 'Bob_1']);
  expect(await names('q=b_')).toEqual(['Bob_1']);
  expect(await names('source=mcp')).toEqual(['cleo']);
  expect(await names('isActive=false')).toEqual(['ann']);
  expect(await names('page=2&limit=3')).toEqual(['ann']);
  const now = new Date().toISOString();
  expect([await names(`from=${now}`), (await names(`to=${now}`)).length]).toEqual([[], 4]);
  expect(await list(tenant, 'limit=3')).toMatchObject({ total: 4, totalPages: 2, hasNextPage: true });
  for (const wrong of ['source=x', 'isActive=1', 'from=yesterday', 'other=1']) {
    expect((await plane.send('GET', `${path}?${wrong}`)).status).toBe(400);
  }
});

describe('a user seen in calls', () => {
  test('is created the first time, and after that only the time is updated, never to an earlier one', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    const { noteSeen } = plane.domains.externalUsers;
    await create('known', tenant.key);
    const at = Date.now();
    await noteSeen([seen(workspaceId, 'new', at), seen(workspaceId, 'known', at)]);
    await noteSeen([seen(workspaceId, 'new', at - 5000), seen(workspaceId, 'known', at + 5000)]);
    const shown = (await list(tenant)).data.map(({ username, source, lastSeenAt }: Record<string, string>) => ({
      username,
      source,
      lastSeenAt: Date.parse(lastSeenAt ?? '') - at,
    }));
    expect(shown).toEqual([
      { username: 'new', source: 'mcp', lastSeenAt: 0 },
      { username: 'known', source: 'api', lastSeenAt: 5000 },
    ]);
  });

  test('is one user when reported twice while peppers change, and the later time counts', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    const at = Date.now();
    await plane.domains.externalUsers.noteSeen([
      seen(workspaceId, 'ada', at - 5000),
      seen(workspaceId, 'ada', at),
      seen(workspaceId, 'ada', at - 9000),
    ]);
    expect((await list(tenant)).data).toMatchObject([{ username: 'ada', lastSeenAt: new Date(at).toISOString() }]);
  });

  test('is not created in a workspace that refuses unknown users, nor in one that does not exist', async () => {
    const tenant = await plane.createTenant();
    await create('known', tenant.key);
    await setUnknownUsers(tenant, 'refuse');
    const { workspaceId } = tenant;
    const noted = [seen(workspaceId, 'new'), seen(workspaceId, 'known'), seen('ws_none', 'new')];
    await plane.domains.externalUsers.noteSeen(noted);
    const { data } = await list(tenant);
    expect(data).toEqual([expect.objectContaining({ username: 'known', lastSeenAt: expect.any(String) })]);
  });
});

describe('the edges are told', () => {
  test('that a new workspace accepts unknown users, and who is deactivated (T31)', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    expect(await readPublished(workspaceId, 'ada')).toEqual({ unknownUsers: 'create', isListed: false });
    const { id } = (await create('ada', tenant.key)).body.data;
    expect((await toggle(id, tenant.key)).body.data.isActive).toBe(false);
    expect(await readPublished(workspaceId, 'ada')).toEqual({ unknownUsers: 'create', isListed: true });
    expect((await toggle(id, tenant.key)).body.data.isActive).toBe(true);
    expect(await readPublished(workspaceId, 'ada')).toEqual({ unknownUsers: 'create', isListed: false });
  });

  test('of a workspace of an earlier release, as soon as it is found', async () => {
    await plane.database.asPlatform((tx) =>
      tx.workspace.create({ data: { id: 'ws_before', organizationId: 'org_default', name: 'before' } }),
    );
    await plane.publishing.catchUp();
    expect(await readPublished('ws_before', 'ada')).toEqual({ unknownUsers: 'create', isListed: false });
  });

  test('of all users of a workspace before it refuses others, and of new and toggled ones at once', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    const { id } = (await create('ada', tenant.key)).body.data;
    await toggle(id, tenant.key);
    const many = Array.from({ length: 450 }, (_, index) => seen(workspaceId, `user-${index}`));
    await plane.domains.externalUsers.noteSeen(many);
    expect((await setUnknownUsers(tenant, 'refuse')).body.data).toMatchObject({ unknownUsers: 'refuse' });
    const refuse = { unknownUsers: 'refuse', isListed: false };
    expect(await readPublished(workspaceId, 'user-449')).toEqual({ ...refuse, state: 'active' });
    expect(await readPublished(workspaceId, 'ada')).toEqual({ ...refuse, state: 'deactivated' });
    expect(await readPublished(workspaceId, 'new')).toEqual(refuse);
    await create('new', tenant.key);
    await toggle(id, tenant.key);
    expect(await readPublished(workspaceId, 'new')).toEqual({ ...refuse, state: 'active' });
    expect(await readPublished(workspaceId, 'ada')).toEqual({ ...refuse, state: 'active' });
  });

  test('of everything again when Redis lost it', async () => {
    const [taking, refusing] = [await plane.createTenant(), await plane.createTenant()];
    for (const tenant of [taking, refusing]) await toggle((await create('ada', tenant.key)).body.data.id, tenant.key);
    await setUnknownUsers(refusing, 'refuse');
    await plane.redis.kill();
    await plane.redis.start();
    for (let isDone = false; !isDone; ) {
      isDone = await plane.publishing.catchUp().then(
        () => true,
        () => false,
      );
    }
    expect(await readPublished(taking.workspaceId, 'ada')).toMatchObject({ isListed: true });
    expect(await readPublished(refusing.workspaceId, 'ada')).toMatchObject({ state: 'deactivated' });
  });
});

test('a workspace that accepts unknown users has at most 10,000 deactivated ones, any other has as many as it likes', async () => {
  const tenant = await plane.createTenant();
  const { workspaceId } = tenant;
  await plane.database.asPlatform(
    (tx) => tx.$executeRaw`
      INSERT INTO external_users (id, workspace_id, username, source, is_active)
      SELECT 'usr_many_' || n, ${workspaceId}, 'user-' || n, 'mcp', false FROM generate_series(1, 10000) AS n`,
  );
  const { id } = (await create('ada', tenant.key)).body.data;
  expect((await toggle(id, tenant.key)).status).toBe(409);
  expect((await plane.send('GET', `${path}/${id}`, undefined, { key: tenant.key })).body.data.isActive).toBe(true);
  await setUnknownUsers(tenant, 'refuse');
  expect((await toggle(id, tenant.key)).status).toBe(200);
  expect((await setUnknownUsers(tenant, 'create')).status).toBe(409);
});

describe('the setting for unknown users', () => {
  test('is changed by whoever sets up workspaces, in their own organization only', async () => {
    const [own, other] = [await plane.createTenant(), await plane.createTenant()];
    expect((await setUnknownUsers({ ...own, workspaceId: other.workspaceId }, 'refuse')).status).toBe(404);
    const author = (await plane.send('POST', '/api/v1/api-keys', { name: 'author' }, { key: own.key })).body.data.key;
    expect((await setUnknownUsers({ ...own, key: author }, 'refuse')).status).toBe(403);
    expect((await setUnknownUsers(own, 'ask')).status).toBe(400);
    expect((await setUnknownUsers(own, 'refuse')).status).toBe(200);
    const { data } = (await plane.send('GET', '/api/v1/workspaces', undefined, { key: own.key })).body;
    expect(data).toEqual([expect.objectContaining({ id: own.workspaceId, unknownUsers: 'refuse' })]);
  });
});

describe('a key that may not speak for users', () => {
  test('is published as such, and grants the right to no other key (T31, B037)', async () => {
    const request = { name: 'pasted', permissions: ['tools:call', 'api-keys:write'], mayAssertUser: false };
    const { key, id, mayAssertUser } = (await plane.send('POST', '/api/v1/api-keys', request)).body.data;
    expect(mayAssertUser).toBe(false);
    expect(await plane.snapshot.getApiKey(id)).toMatchObject({ mayAssertUser: false });
    const more = (body: object) => plane.send('POST', '/api/v1/api-keys', { name: 'more', ...body }, { key });
    expect((await more({ mayAssertUser: true })).status).toBe(403);
    expect((await more({})).body.data.mayAssertUser).toBe(false);
    expect((await plane.send('GET', `/api/v1/api-keys/${id}`)).body.data.mayAssertUser).toBe(false);
  });

  test('is created only on request', async () => {
    const { id, mayAssertUser } = (await plane.send('POST', '/api/v1/api-keys', { name: 'k' })).body.data;
    expect(mayAssertUser).toBe(true);
    expect(Object.keys((await plane.snapshot.getApiKey(id)) ?? {})).not.toContain('mayAssertUser');
  });
});

test('whether a server shares connections with named users is set, shown, kept, copied and published (T31)', async () => {
  const servers = '/api/v1/mcp-servers';
  const { body } = await plane.send('POST', servers, { name: 'closed', mode: 'NORMAL' });
  const { id } = body.data;
  expect(body.data.config).toEqual({ allowedHosts: [], allowSharedConnections: false });
  const sharing = { allowSharedConnections: true };
  const changed = await plane.send('PATCH', `${servers}/${id}`, { config: sharing });
  expect(changed.body.data.config).toEqual({ allowedHosts: [], ...sharing });
  await plane.send('PATCH', `${servers}/${id}`, { config: { allowedHosts: ['api.example.test'] } });
  expect(await plane.snapshot.getManifest(id)).toMatchObject({ sharesConnections: true });
  const copy = await plane.send('POST', `${servers}/${id}/duplicate`, { name: 'copied' });
  expect(copy.body.data.config).toEqual({ allowedHosts: ['api.example.test'], ...sharing });
  await plane.send('PATCH', `${servers}/${id}`, { config: { allowSharedConnections: false } });
  await using fresh = await plane.openSnapshot();
  expect(Object.keys((await fresh.getManifest(id)) ?? {})).not.toContain('sharesConnections');
});
