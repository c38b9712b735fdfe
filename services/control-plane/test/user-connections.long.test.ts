import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LoggedCall } from '@toolplane/bus';
import { type ErasedUntil, eraseUserAfter } from '../src/operations/call-log/store.ts';
import { createConnectedApi } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

/* The connections of external users. */

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let fake: ReturnType<typeof fakeDataPlane>;
let sealed: string;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  sealed = await api.seal({ token: 'sk_live_canary' });
  fake = fakeDataPlane(plane.sealingKey);
  await plane.serveCommands(fake.handle);
});
afterAll(() => plane.close());

const users = '/api/v1/external-users';
const createUser = async (username: string, key = plane.rootKey): Promise<string> =>
  (await plane.send('POST', users, { username }, { key })).body.data.id;
const createInstance = async (fields: Record<string, unknown> = {}) => (await api.createInstance(fields)).body.data;
const connect = (instanceId: string, subject: string, key = plane.rootKey) => {
  const body = { scope: 'user', subject, auth_type: 'token', sealed };
  return plane.send('PUT', `/api/v1/connector-instances/${instanceId}/credentials`, body, { key });
};
const list = async (id: string, query = '') => (await plane.send('GET', `${users}/${id}/connections${query}`)).body;
const disconnect = (id: string, instanceId: string, key = plane.rootKey) =>
  plane.send('DELETE', `${users}/${id}/connections/${instanceId}`, undefined, { key });

test('a user is shown with its own connections, and none of others', async () => {
  const [ada, bob] = [await createUser('ada'), await createUser('bob')];
  const [one, other] = [await createInstance(), await createInstance()];
  await connect(one.id, 'ada');
  await connect(other.id, 'ada');
  await connect(one.id, 'bob');
  const { data, total } = await list(ada);
  expect(total).toBe(2);
  expect(data).toContainEqual({
    instanceId: one.id,
    instanceName: one.instance_name,
    connector: one.connector,
    authType: 'token',
    isUsable: true,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    replacedAt: null,
    replacedBy: null,
  });
  expect(await list(bob)).toMatchObject({ total: 1, data: [{ instanceId: one.id }] });
  const pages = [await list(ada, '?limit=1&page=1'), await list(ada, '?limit=1&page=2')];
  expect(
    pages
      .flatMap((page) => page.data)
      .map((each) => each.instanceId)
      .toSorted(),
  ).toEqual([one.id, other.id].toSorted());
});

test('a user is disconnected from one instance: the credentials are deleted in the data plane too', async () => {
  const eve = await createUser('eve');
  const [one, other] = [await createInstance(), await createInstance()];
  for (const { id } of [one, other]) for (const name of ['eve', 'eva']) await connect(id, name);
  expect((await disconnect(eve, one.id)).status).toBe(204);
  expect(fake.commands.filter(({ command }) => command === 'delete_credential')).toMatchObject([
    { ref: { instanceId: one.id, scope: 'user', subject: 'eve' } },
  ]);
  expect(await list(eve)).toMatchObject({ total: 1, data: [{ instanceId: other.id }] });
  const eva = (await plane.send('GET', `${users}/username/eva`)).body.data;
  const { data } = await list(eva.id);
  expect(data).toHaveLength(2);
  expect((await disconnect(eve, one.id)).status).toBe(404);
});

test('an instance of the organization is for users of each workspace, who are never those of another one (T1)', async () => {
  const permissions = ['servers:read', 'servers:write', 'secrets:write', 'connectors:write'];
  const neighbour = await api.createNeighbour(permissions);
  const shared = await createInstance({ workspace: null });
  const [ours, theirs] = [await createUser('zoe'), await createUser('zoe', neighbour.key)];
  await connect(shared.id, 'zoe');
  expect(await list(ours)).toMatchObject({ total: 1 });
  const { body } = await plane.send('GET', `${users}/${theirs}/connections`, undefined, { key: neighbour.key });
  expect(body).toMatchObject({ total: 0, data: [] });
  expect((await disconnect(theirs, shared.id, neighbour.key)).status).toBe(404);
  expect((await disconnect(ours, shared.id, neighbour.key)).status).toBe(404);
  await connect(shared.id, 'zoe', neighbour.key);
  expect((await disconnect(theirs, shared.id, neighbour.key)).status).toBe(204);
  expect(await list(ours)).toMatchObject({ total: 1 });
});

test('disconnecting needs secrets:write; a user that does not exist is 404', async () => {
  const reader = await plane.send('POST', '/api/v1/api-keys', {
    name: 'reader',
    permissions: ['servers:read', 'servers:write'],
  });
  const user = await createUser('max');
  const { id } = await createInstance();
  expect((await disconnect(user, id, reader.body.data.key)).status).toBe(403);
  expect((await disconnect('usr_none', id)).status).toBe(404);
  expect((await plane.send('GET', `${users}/usr_none/connections`)).status).toBe(404);
});

const call = (id: string, username: string, startedAt: number): LoggedCall => ({
  id,
  workspaceId: 'ws_default',
  serverId: 'srv_1',
  tool: 't',
  kind: 'tool',
  outcome: 'done',
  startedAt,
  durationMs: 1,
  source: 'direct',
  protocolVersion: '2025-11-25',
  caller: { kind: 'token', id: `token ["https://id.test","${username}",""]`, username },
});

test('deleting a user deletes the credentials in the data plane, and the name in the call log (T51)', async () => {
  const [one, other] = [await createInstance(), await createInstance()];
  for (const { id } of [one, other]) for (const name of ['gone', 'stays']) await connect(id, name);
  const found = async (name: string) => (await plane.send('GET', `${users}/username/${name}`)).body.data;
  // The users are known because they were connected.
  const [gone, stays] = [await found('gone'), await found('stays')];
  const at = Date.now();
  await plane.domains.callLog.takeOver([
    call('a', 'gone', at),
    call('b', 'gone', at - 86_400_000),
    call('c', 'stays', at),
  ]);
  const before = fake.commands.length;
  expect((await plane.send('DELETE', `${users}/${gone.id}`)).status).toBe(204);
  const deleted = fake.commands.slice(before);
  expect(deleted.map(({ command }) => command)).toEqual(['delete_credential', 'delete_credential']);
  expect(deleted).toMatchObject(Array(2).fill({ ref: { scope: 'user', subject: 'gone' } }));
  expect(await list(stays.id)).toMatchObject({ total: 2 });
  const rows = await plane.database.asPlatform((tx) => tx.call.findMany({ orderBy: { id: 'asc' } }));
  expect(rows.map(({ id, username, callerId }) => [id, username, callerId?.includes('stays')])).toEqual([
    ['a', null, undefined],
    ['b', null, undefined],
    ['c', 'stays', true],
  ]);
});

test('deleting a user ends the connections that are made meanwhile (T51)', async () => {
  const [one, other] = [await createInstance(), await createInstance()];
  await connect(one.id, 'late');
  const { id } = (await plane.send('GET', `${users}/username/late`)).body.data;
  const before = fake.commands.length;
  const deleted = await plane.database.asPlatform(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM workspaces WHERE id = 'ws_default' FOR NO KEY UPDATE`;
    const deleting = plane.send('DELETE', `${users}/${id}`);
    for (let waiting = 0; waiting === 0; ) {
      const [locks] = await tx.$queryRaw<{ waiting: number }[]>`
        SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted`;
      waiting = locks?.waiting ?? 0;
    }
    expect((await connect(other.id, 'late')).status).toBe(200);
    return { deleting };
  });
  expect((await deleted.deleting).status).toBe(204);
  const ended = fake.commands.slice(before).filter(({ command }) => command === 'delete_credential');
  expect(ended).toMatchObject([one, other].map((instance) => ({ ref: { instanceId: instance.id, subject: 'late' } })));
});

test('the name is removed from all calls, however few one statement examines (T51)', async () => {
  const at = Date.now() - 3_600_000;
  const times = [at, at, at, at + 1, at + 86_400_000];
  await plane.domains.callLog.takeOver(times.map((time, n) => call(`page-${n}`, n === 2 ? 'other' : 'paged', time)));
  const settings = { workspaceId: 'ws_default', username: 'paged', limit: 2 };
  let statements = 0;
  for (let last: ErasedUntil | undefined = { id: '', startedAt: new Date(0) }; last !== undefined; statements += 1) {
    const after: ErasedUntil = last;
    last = await plane.database.asPlatform((tx) => eraseUserAfter(tx, { ...settings, after }));
  }
  const where = { id: { startsWith: 'page-' } };
  const rows = await plane.database.asPlatform((tx) => tx.call.findMany({ where, orderBy: { id: 'asc' } }));
  expect(rows.map(({ username }) => username)).toEqual([null, null, 'other', null, null]);
  expect(statements).toBeGreaterThan(3);
});
