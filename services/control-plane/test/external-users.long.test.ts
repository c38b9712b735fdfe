import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Permission } from '@toolplane/contracts';
import { digestOfUser } from '@toolplane/sealing';
import { setStanding } from '../src/access/external-users/set-standing.ts';
import { keepUser } from '../src/access/external-users/store.ts';
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
/** Keeps a user as if credentials were stored in the name, or an approval was requested. */
const keep = (workspaceId: string, username: string) =>
  plane.database.asPlatform((tx) => keepUser(tx, { workspaceId, username }));
const seen = (workspaceId: string, username: string, at = Date.now()) => ({ workspaceId, username, at });

/** The user as an edge that starts now reads it. */
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
    // Nor can an active agent be deactivated or deleted here, which would lock it out permanently.
    await plane.send('PUT', `${agents}/${agent.id}/toggle-active`);
    expect((await toggle(user.id)).status).toBe(409);
    expect((await plane.send('DELETE', `${path}/${user.id}`)).status).toBe(409);
    await plane.send('DELETE', `${agents}/${agent.id}`);
    expect((await plane.send('DELETE', `${path}/${user.id}`)).status).toBe(204);
  });

  test('whose name is written like that of an agent that does not exist can be deactivated, for good', async () => {
    const username = `agt_${'b'.repeat(24)}`;
    await keep('ws_default', username);
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
  await keep(tenant.workspaceId, 'cleo');
  const { id } = (await plane.send('GET', `${path}/username/ann`, undefined, { key: tenant.key })).body.data;
  await toggle(id, tenant.key);
  const names = async (query: string) =>
    (await list(tenant, query)).data.map(({ username }: { username: string }) => username);
  expect(await names('')).toEqual(['cleo', 'bob-2', 'Bob_1', 'ann']);
  expect(await names('q=BOB')).toEqual(['bob-2', 'Bob_1']);
  expect(await names('q=b_')).toEqual(['Bob_1']);
  expect(await names('source=mcp')).toEqual(['cleo']);
  const { noteSeen } = plane.domains.externalUsers;
  await noteSeen([seen(tenant.workspaceId, 'ann', 2_000_000), seen(tenant.workspaceId, 'bob-2', 1_000_000)]);
  expect(await names('sortBy=lastSeenAt')).toEqual(['ann', 'bob-2', 'cleo', 'Bob_1']);
  expect(await names('isActive=false')).toEqual(['ann']);
  expect(await names('page=2&limit=3')).toEqual(['ann']);
  const now = new Date().toISOString();
  expect([await names(`from=${now}`), (await names(`to=${now}`)).length]).toEqual([[], 4]);
  expect(await list(tenant, 'limit=3')).toMatchObject({ total: 4, totalPages: 2, hasNextPage: true });
  for (const wrong of ['source=x', 'sortBy=username', 'isActive=1', 'from=yesterday', 'other=1']) {
    expect((await plane.send('GET', `${path}?${wrong}`)).status).toBe(400);
  }
});

describe('a user seen in calls', () => {
  test('is not kept: 1,200 invented names leave no row, and for known users the latest time counts (T51)', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    const { noteSeen } = plane.domains.externalUsers;
    await create('known', tenant.key);
    const at = Date.now();
    await noteSeen(Array.from({ length: 1200 }, (_, index) => seen(workspaceId, `invented-${index}`, at)));
    await noteSeen([seen(workspaceId, 'known', at + 5000), seen('ws_none', 'new')]);
    // A user may be reported twice while peppers change.
    await noteSeen([seen(workspaceId, 'known', at), seen(workspaceId, 'known', at - 5000)]);
    const { data, total } = await list(tenant);
    expect(total).toBe(1);
    expect(data).toMatchObject([{ username: 'known', lastSeenAt: new Date(at + 5000).toISOString() }]);
  });

  test('is kept once they have something, except where unknown users are refused, whom it would let in (T51)', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    await keep(workspaceId, 'ada');
    await keep(workspaceId, 'ada');
    expect((await list(tenant)).data).toMatchObject([{ username: 'ada', source: 'mcp', isActive: true }]);
    await setUnknownUsers(tenant, 'refuse');
    await keep(workspaceId, 'bob');
    expect((await list(tenant)).total).toBe(1);
  });
});

describe('a deleted user (T51)', () => {
  const remove = (id: string, key = plane.rootKey) => plane.send('DELETE', `${path}/${id}`, undefined, { key });

  test('is gone, and the name is free for whoever connects next', async () => {
    const tenant = await plane.createTenant();
    const { id } = (await create('ada', tenant.key)).body.data;
    expect((await remove(id, tenant.key)).status).toBe(204);
    expect((await remove(id, tenant.key)).status).toBe(404);
    expect((await list(tenant)).total).toBe(0);
    expect(await readPublished(tenant.workspaceId, 'ada')).toEqual({ unknownUsers: 'create', isListed: false });
    expect((await create('ada', tenant.key)).status).toBe(201);
  });

  test('who was deactivated stays refused, by a digest, until somebody creates them again', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    const { id } = (await create('canary-name', tenant.key)).body.data;
    await toggle(id, tenant.key);
    expect((await remove(id, tenant.key)).status).toBe(204);
    expect((await list(tenant)).total).toBe(0);
    expect((await plane.send('GET', `${path}/${id}`, undefined, { key: tenant.key })).status).toBe(404);
    expect(await readPublished(workspaceId, 'canary-name')).toMatchObject({ isListed: true });
    const rows = await plane.database.asPlatform((tx) => tx.externalUser.findMany({ where: { workspaceId } }));
    expect(JSON.stringify(rows)).not.toContain('canary-name');
    await keep(workspaceId, 'canary-name');
    expect((await list(tenant)).total).toBe(0);
    expect((await create('canary-name', tenant.key)).status).toBe(201);
    expect(await readPublished(workspaceId, 'canary-name')).toMatchObject({ isListed: false });
  });

  test('who is decided about elsewhere has one row, and is let in again: a person who left, was deleted, and returns', async () => {
    const { workspaceId, key } = await plane.createTenant();
    const username = `psn_${'c'.repeat(24)}`;
    const standAs = (isActive: boolean) =>
      plane.database.asPlatform((tx) => setStanding(tx, { workspaceId, username, isActive }));
    await standAs(false);
    const { data: user } = (await plane.send('GET', `${path}/username/${username}`, undefined, { key })).body;
    expect((await remove(user.id, key)).status).toBe(204);
    await standAs(false);
    const rows = await plane.database.asPlatform((tx) => tx.externalUser.findMany({ where: { workspaceId } }));
    expect(rows).toMatchObject([{ isDeleted: true, isActive: false }]);
    await standAs(true);
    expect((await list({ key })).data).toMatchObject([{ username, isActive: true }]);
    await standAs(false);
    expect((await list({ key })).data).toMatchObject([{ username, isActive: false }]);
  });

  test('is refused by a workspace that refuses unknown users', async () => {
    const tenant = await plane.createTenant();
    const { workspaceId } = tenant;
    await setUnknownUsers(tenant, 'refuse');
    const { id } = (await create('ada', tenant.key)).body.data;
    expect(await readPublished(workspaceId, 'ada')).toMatchObject({ state: 'active' });
    expect((await remove(id, tenant.key)).status).toBe(204);
    expect(await readPublished(workspaceId, 'ada')).toMatchObject({ state: 'deactivated' });
    await setUnknownUsers(tenant, 'create');
    expect(await readPublished(workspaceId, 'ada')).toMatchObject({ isListed: true });
    // It was published to edges that the name is accepted, so the row must outlive a second deletion.
    const again = (await create('ada', tenant.key)).body.data;
    expect((await remove(again.id, tenant.key)).status).toBe(204);
    await setUnknownUsers(tenant, 'refuse');
    expect(await readPublished(workspaceId, 'ada')).toMatchObject({ state: 'deactivated' });
  });

  test('of another workspace is 404, and deleting needs the permissions to write servers and secrets', async () => {
    const [own, other] = [await plane.createTenant(), await plane.createTenant()];
    const { id } = (await create('ada', own.key)).body.data;
    expect((await remove(id, other.key)).status).toBe(404);
    for (const permission of ['servers:write', 'secrets:write']) {
      const asked = { name: 'k', permissions: ['servers:read', permission] };
      const { key } = (await plane.send('POST', '/api/v1/api-keys', asked, { key: own.key })).body.data;
      expect((await remove(id, key)).status).toBe(403);
    }
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
    for (let index = 0; index < 450; index += 1) await keep(workspaceId, `user-${index}`);
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

test('deleted users are not counted as deactivated, and of more than 10,000 the first are forgotten (T51)', async () => {
  const tenant = await plane.createTenant();
  const { workspaceId } = tenant;
  await plane.database.asPlatform(
    (tx) => tx.$executeRaw`
      INSERT INTO external_users (id, workspace_id, username, source, is_active, is_deleted, updated_at)
      SELECT 'usr_gone_' || n, ${workspaceId}, 'deleted ' || lpad(n::text, 32, '0'), 'mcp', false, true, now() - n * interval '1 minute'
      FROM generate_series(1, 10000) AS n`,
  );
  const { id } = (await create('ada', tenant.key)).body.data;
  expect((await toggle(id, tenant.key)).status).toBe(200);
  expect((await plane.send('DELETE', `${path}/${id}`, undefined, { key: tenant.key })).status).toBe(204);
  expect(await readPublished(workspaceId, 'ada')).toMatchObject({ isListed: true });
  const idsOf = (ids: string[]) =>
    plane.database.asPlatform((tx) => tx.externalUser.count({ where: { id: { in: ids } } }));
  expect([await idsOf([id, 'usr_gone_1', 'usr_gone_9999']), await idsOf(['usr_gone_10000'])]).toEqual([3, 0]);
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
