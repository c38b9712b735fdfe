import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, failed, type Outcome } from '@toolplane/contracts';
import { createConnectedApi, crmDescriptor } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let sealed: string;
let commands: Command[];
/** Answers instead of the data plane, unless it returns undefined. */
let answerFirst: (command: Command) => Promise<Outcome | undefined> | undefined;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  sealed = await api.seal({ token: 'sk_live_canary' });
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  await plane.serveCommands(async (command) => (await answerFirst(command)) ?? fake.handle(command));
});
beforeEach(() => {
  answerFirst = () => undefined;
});
afterAll(() => plane.close());

const createInstance = async (fields: object = {}) => (await api.createInstance({ ...fields })).body.data;
const createAgent = async (key?: string) => {
  const request = { name: 'agent', permissions: ['tools:call'] };
  const { body } = await plane.send('POST', '/api/v1/api-keys', request, key === undefined ? {} : { key });
  return body.data.id;
};
const pathOf = (id: string) => `/api/v1/connector-instances/${id}/credentials`;
const put = (id: string, body: object, key?: string) =>
  plane.send('PUT', pathOf(id), { auth_type: 'token', sealed, ...body }, key === undefined ? {} : { key });
const toolsetVersionOf = async (serverId: string) => (await plane.snapshot.getManifest(serverId))?.toolsetVersion;
const sent = (name: Command['command'], instanceId: string) =>
  commands.filter((each) => each.command === name && 'ref' in each && JSON.stringify(each.ref).includes(instanceId));

describe('200', () => {
  test('sealed credentials pass through with the fields of their authentication; what is not secret stays', async () => {
    const { id } = await createInstance();
    const { status, body } = await put(id, { scope: 'workspace' });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      scope: 'workspace',
      subject: 'ws_default',
      auth_type: 'token',
      version: 1,
      is_usable: true,
      hosts: ['api.example.test'],
      fields: ['token', 'realm'],
      updated_at: expect.any(String),
    });
    expect(sent('store_credential', id)).toEqual([
      {
        command: 'store_credential',
        ref: { ownerId: 'ws_default', instanceId: id, scope: 'workspace', subject: 'ws_default' },
        authenticationId: 'token',
        fields: [
          { key: 'token', isSecret: true, isRequired: true, type: 'secret' },
          { key: 'realm', isSecret: true, isRequired: false, type: 'string', default: 'main' },
        ],
        sealed,
      },
    ]);
    const rows = await plane.database.asPlatform((tx) => tx.connectorCredential.findMany());
    expect(JSON.stringify(rows)).not.toContain(sealed.split('.')[3]);
  });

  test('the constraints of a field go with it', async () => {
    const place = '{ key: place, field_type: select, options: [eu, us] }';
    const descriptor = crmDescriptor({ slug: 'typed' }).replace('{ key: realm, default_value: main }', place);
    await api.register(descriptor);
    const { id } = await createInstance({ connector: 'typed' });
    await put(id, { scope: 'workspace' });
    expect(sent('store_credential', id)).toMatchObject([
      { fields: [{ key: 'token' }, { key: 'place', type: 'select', options: ['eu', 'us'] }] },
    ]);
  });

  test('hosts that tools call and that they were not sealed for are reported', async () => {
    const { id } = await createInstance();
    const host = expect.stringContaining('eu.crm.example.test');
    expect((await put(id, { scope: 'workspace' })).body.data.warnings).toEqual([host]);
    await plane.send('PATCH', `/api/v1/connector-instances/${id}`, { configuration: { region: 'us' } });
    const moved = await put(id, { scope: 'workspace' });
    expect(moved.body.data.warnings).toEqual([expect.stringContaining('us.crm.example.test')]);
  });

  test('fields that a type implies are known, and so is that a person must sign in', async () => {
    const { id } = await createInstance({ auth_type: 'oauth' });
    const { body } = await put(id, { scope: 'workspace', auth_type: 'oauth' });
    expect(body.data.is_usable).toBe(false);
    expect(sent('store_credential', id)).toMatchObject([
      {
        needsSignIn: true,
        fields: [
          { key: 'client_id', isSecret: false },
          { key: 'client_secret', isSecret: true },
        ],
      },
    ]);
    expect((await api.get(`/connector-instances/${id}`)).body.data.has_credentials).toBe(false);
  });

  test('clients are notified of new ones for everybody, not of those of one user', async () => {
    const { id, server } = await createInstance();
    await put(id, { scope: 'workspace' });
    expect(await toolsetVersionOf(server.id)).toBe(1);
    await put(id, { scope: 'organization' });
    expect(await toolsetVersionOf(server.id)).toBe(2);
    await put(id, { scope: 'user', subject: 'ada' });
    await put(id, { scope: 'agent', subject: await createAgent() });
    expect(await toolsetVersionOf(server.id)).toBe(2);
    await plane.send('DELETE', `${pathOf(id)}/workspace`);
    expect(await toolsetVersionOf(server.id)).toBe(3);
    await plane.send('DELETE', `${pathOf(id)}/user?subject=ada`);
    expect(await toolsetVersionOf(server.id)).toBe(3);
  });

  test('a list has each scope once, with its last version', async () => {
    const { id } = await createInstance();
    for (const scope of ['workspace', 'workspace', 'organization']) await put(id, { scope });
    await put(id, { scope: 'user', subject: 'ada' });
    const { body } = await api.get(`/connector-instances/${id}/credentials`);
    expect(body.data).toMatchObject([
      { scope: 'user', subject: 'ada', version: 1 },
      { scope: 'workspace', subject: 'ws_default', version: 2 },
      { scope: 'organization', subject: null, version: 1 },
    ]);
    expect((await api.get(`/connector-instances/${id}`)).body.data.has_credentials).toBe(true);
  });

  test('deleted ones are deleted in the secret store, and only once', async () => {
    const { id } = await createInstance();
    await put(id, { scope: 'user', subject: 'ada' });
    const path = `${pathOf(id)}/user?subject=ada`;
    expect((await plane.send('DELETE', path)).status).toBe(204);
    expect(sent('delete_credential', id)).toEqual([
      { command: 'delete_credential', ref: { ownerId: 'ws_default', instanceId: id, scope: 'user', subject: 'ada' } },
    ]);
    expect((await plane.send('DELETE', path)).status).toBe(404);
  });

  test('those whose storing was never confirmed can be deleted', async () => {
    const { id } = await createInstance();
    expect((await plane.send('DELETE', `${pathOf(id)}/workspace`)).status).toBe(404);
    expect(sent('delete_credential', id)).toHaveLength(1);
  });

  test('many slow ones hold up nobody else', async () => {
    const { id } = await createInstance();
    const resolvers: (() => void)[] = [];
    answerFirst = async ({ command }) => {
      if (command === 'store_credential') await new Promise<void>((resolve) => resolvers.push(resolve));
      return undefined;
    };
    // More than the number of connections to the database.
    const subjects = Array.from({ length: 12 }, (_, index) => `user-${index}`);
    const answers = Promise.all(subjects.map((subject) => put(id, { scope: 'user', subject })));
    while (resolvers.length < subjects.length) await api.get(`/connector-instances/${id}`);
    expect((await api.get('/connector-instances')).status).toBe(200);
    for (const resolve of resolvers) resolve();
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('writes of one scope come one after the other', async () => {
    const { id, server } = await createInstance();
    const answers = await Promise.all(Array.from({ length: 5 }, () => put(id, { scope: 'workspace' })));
    expect(answers.map(({ body }) => body.data.version).toSorted()).toEqual([1, 2, 3, 4, 5]);
    const { body } = await api.get(`/connector-instances/${id}/credentials`);
    expect(body.data).toMatchObject([{ version: 5 }]);
    expect(await toolsetVersionOf(server.id)).toBe(5);
  });
});

describe('400', () => {
  test('for a value in clear, which goes no further', async () => {
    const { id } = await createInstance();
    const { status, text } = await put(id, { scope: 'workspace', sealed: 'sk_live_canary' });
    expect(status).toBe(400);
    expect(text).not.toContain('canary');
    expect(sent('store_credential', id)).toEqual([]);
  });

  test('names the fields that the data plane finds missing or unknown, and keeps nothing', async () => {
    const { id } = await createInstance();
    const details = [{ path: '/value/token', message: 'is required' }];
    answerFirst = async ({ command }) =>
      command === 'store_credential'
        ? failed('done', 'invalid_request', 'The credentials do not fit', { details })
        : undefined;
    const { status, body } = await put(id, { scope: 'workspace' });
    expect([status, body.error.details]).toEqual([400, details]);
    expect((await api.get(`/connector-instances/${id}/credentials`)).body.total).toBe(0);
  });

  test('for an authentication that the connector does not have', async () => {
    const { id } = await createInstance();
    for (const auth_type of ['basic', 'none', '__proto__']) {
      expect((await put(id, { scope: 'workspace', auth_type })).status).toBe(400);
    }
  });

  test('for an agent that does not exist: the id of an API key of the workspace, or of the organization for its instances', async () => {
    const neighbour = await api.createNeighbour(['tools:call', 'api-keys:write', 'servers:write']);
    const [own, foreign] = [await createAgent(), await createAgent(neighbour.key)];
    const other = await createAgent((await plane.createTenant()).key);
    const revoked = await createAgent();
    await plane.send('DELETE', `/api/v1/api-keys/${revoked}`);
    const statusesFor = async (id: string) => {
      const statuses: number[] = [];
      for (const subject of [own, foreign, other, revoked, 'unknown']) {
        statuses.push((await put(id, { scope: 'agent', subject })).status);
      }
      return statuses;
    };
    const { id } = await createInstance();
    expect(await statusesFor(id)).toEqual([200, 400, 400, 400, 400]);
    expect(await statusesFor((await createInstance({ workspace: null })).id)).toEqual([200, 200, 400, 400, 400]);
    const { body } = await put(id, { scope: 'agent', subject: foreign });
    expect(body.error.details).toEqual([{ path: 'body.subject', message: expect.stringContaining(foreign) }]);
  });

  test.each([
    { scope: 'workspace', subject: 'ws_other' },
    { scope: 'organization', subject: 'org_default' },
    { scope: 'user' },
    { scope: 'agent' },
    { scope: 'user', subject: '' },
    { scope: 'user', subject: 'ada lovelace' },
    { scope: 'user', subject: 'a'.repeat(256) },
    { scope: 'user', subject: 'a\0b' },
    { scope: 'everybody' },
  ])('for %j', async (whose) => {
    const { id } = await createInstance();
    const { status, body } = await put(id, whose);
    const path = whose.scope === 'everybody' ? 'body.scope' : 'body.subject';
    expect([status, body.error.details[0].path]).toEqual([400, path]);
  });
});

test('409 for another way to sign in than that of the instance, whose credentials stay', async () => {
  const { id } = await createInstance();
  await put(id, { scope: 'workspace' });
  const { status, body } = await put(id, { scope: 'workspace', auth_type: 'oauth' });
  expect([status, body.error.message]).toEqual([409, expect.stringContaining('is token')]);
  expect(sent('store_credential', id)).toHaveLength(1);
  expect((await api.get(`/connector-instances/${id}/credentials`)).body.data).toMatchObject([{ auth_type: 'token' }]);
});

describe('tenants', () => {
  const permissions = ['servers:read', 'servers:write', 'secrets:write'];

  test('403 for credentials that others use without the permission of the organization', async () => {
    const shared = await createInstance({ workspace: null });
    const neighbour = await api.createNeighbour(permissions);
    const agents = await plane.send('POST', '/api/v1/agents', { name: 'at home' });
    for (const whose of [{ scope: 'organization' }, { scope: 'agent', subject: agents.body.data.id }]) {
      expect((await put(shared.id, whose, neighbour.key)).status).toBe(403);
    }
    expect(sent('store_credential', shared.id)).toEqual([]);
    const owner = await api.createNeighbour([...permissions, 'connectors:write']);
    expect((await put(shared.id, { scope: 'organization' }, owner.key)).status).toBe(200);
  });

  test('those of users are for the users of the own workspace, and seen by no other (T1)', async () => {
    const shared = await createInstance({ workspace: null });
    const neighbour = await api.createNeighbour(permissions);
    const whose = { scope: 'user', subject: 'ada' };
    expect((await put(shared.id, whose)).status).toBe(200);
    const list = async (key?: string) =>
      (await api.get(`/connector-instances/${shared.id}/credentials`, key)).body.data.map(
        ({ subject }: { subject: string }) => subject,
      );
    const isConnected = async (key?: string) =>
      (await api.get(`/connector-instances/${shared.id}`, key)).body.data.has_credentials;
    expect([await list(neighbour.key), await isConnected(neighbour.key)]).toEqual([[], false]);
    expect((await put(shared.id, whose, neighbour.key)).body.data.subject).toBe('ada');
    expect([await list(neighbour.key), await isConnected(neighbour.key)]).toEqual([['ada'], true]);
    expect(sent('store_credential', shared.id)).toMatchObject([
      { ref: { scope: 'user', subject: 'ada' } },
      { ref: { scope: 'user', subject: `${neighbour.workspaceId}/ada` } },
    ]);
    const path = `${pathOf(shared.id)}/user?subject=ada`;
    expect((await plane.send('DELETE', path, undefined, { key: neighbour.key })).status).toBe(204);
    expect([await list(), await isConnected()]).toEqual([['ada'], true]);
  });

  test('those of an instance of the organization are changed and tested in its name', async () => {
    const { id } = await createInstance({ workspace: null });
    expect((await put(id, { scope: 'organization' })).status).toBe(200);
    expect((await plane.send('POST', `/api/v1/connector-instances/${id}/test`)).body.data.status).toBe('success');
    expect((await plane.send('DELETE', `${pathOf(id)}/organization`)).status).toBe(204);
    expect(sent('delete_credential', id)).toMatchObject([{ ref: { ownerId: 'org_default' } }]);
  });

  test('a test without a scope uses the credentials of the workspace that asks, not of where the server is', async () => {
    const { id } = await createInstance({ workspace: null });
    const neighbour = await api.createNeighbour(permissions);
    await plane.send('POST', `/api/v1/connector-instances/${id}/test`, {}, { key: neighbour.key });
    expect(commands.findLast((each) => each.command === 'test_connection')).toMatchObject({
      plan: { workspaceId: neighbour.workspaceId, connection: { ownerId: 'org_default', instanceId: id } },
    });
  });

  test('those of a workspace are seen by no other', async () => {
    const shared = await createInstance({ workspace: null });
    const neighbour = await api.createNeighbour(permissions);
    await put(shared.id, { scope: 'workspace' });
    expect((await put(shared.id, { scope: 'workspace' }, neighbour.key)).body.data.subject).toBe(neighbour.workspaceId);
    const { body } = await api.get(`/connector-instances/${shared.id}/credentials`, neighbour.key);
    expect(body.data.map(({ subject }: { subject: string }) => subject)).toEqual([neighbour.workspaceId]);
    expect(body.total).toBe(1);
    expect(sent('store_credential', shared.id)).toMatchObject([
      { ref: { ownerId: 'org_default', subject: 'ws_default' } },
      { ref: { ownerId: 'org_default', subject: neighbour.workspaceId } },
    ]);
  });

  test('404 for the instance of another tenant, 401 and 403 for keys that may not', async () => {
    const { id } = await createInstance();
    const { key } = await plane.createTenant();
    const neighbour = await api.createNeighbour(permissions);
    for (const other of [key, neighbour.key]) expect((await put(id, { scope: 'workspace' }, other)).status).toBe(404);
    expect((await put(id, { scope: 'workspace' }, 'tp_live_wrong')).status).toBe(401);
    const reader = await plane.send('POST', '/api/v1/api-keys', { name: 'reader', permissions: ['servers:read'] });
    expect((await put(id, { scope: 'workspace' }, reader.body.data.key)).status).toBe(403);
  });
});

describe('an instance that is deleted', () => {
  test('leaves nothing in the secret store, and its server is gone', async () => {
    const { id, server } = await createInstance();
    await put(id, { scope: 'organization' });
    await put(id, { scope: 'user', subject: 'ada' });
    expect((await plane.send('DELETE', `/api/v1/connector-instances/${id}`)).status).toBe(204);
    expect(await plane.snapshot.getManifest(server.id)).toMatchObject({ state: 'deleted', tools: [] });
    expect((await api.get(`/mcp-servers/${server.id}`)).status).toBe(404);
    await plane.domains.credentials.sweep();
    const ref = { ownerId: 'ws_default', instanceId: id };
    expect(sent('delete_credential', id)).toEqual([
      { command: 'delete_credential', ref: { ...ref, scope: 'user', subject: 'ada' } },
      { command: 'delete_credential', ref: { ...ref, scope: 'organization' } },
    ]);
    expect(await plane.database.asPlatform((tx) => tx.credentialRemoval.count())).toBe(0);
  });

  test('while credentials are stored leaves nothing there either', async () => {
    const { id } = await createInstance();
    answerFirst = async (command) => {
      if (command.command === 'store_credential') await plane.send('DELETE', `/api/v1/connector-instances/${id}`);
      return undefined;
    };
    expect((await put(id, { scope: 'workspace' })).status).toBe(404);
    expect(sent('delete_credential', id)).toHaveLength(1);
  });

  test('and whose credentials cannot be removed does not hold up the removal of others', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { id } = await createInstance();
      await put(id, { scope: 'workspace' });
      ids.push(id);
    }
    const [stuck = ''] = ids;
    answerFirst = async (command) =>
      command.command === 'delete_credential' && command.ref.instanceId === stuck
        ? failed('done', 'internal', 'The store refuses')
        : undefined;
    for (const id of ids) await plane.send('DELETE', `/api/v1/connector-instances/${id}`);
    for (const _ of ids) await plane.domains.credentials.sweep().catch(() => undefined);
    const left = await plane.database.asPlatform((tx) => tx.credentialRemoval.findMany());
    expect(left.map(({ instanceId }) => instanceId)).toEqual([stuck]);
    answerFirst = () => undefined;
    await plane.domains.credentials.sweep();
  });
});
