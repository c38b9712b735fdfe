import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, failed, type Outcome } from '@toolplane/contracts';
import { createConnectedApi, crmDescriptor } from './connected-api.ts';
import { fakeDataPlane, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let dataPlane: { close(): Promise<void> };
let sealed: string;
let commands: Command[];
/** Answers in place of the data plane when it gives something. */
let answerFirst: (command: Command) => Promise<Outcome | undefined> | undefined;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  sealed = await api.seal({ token: 'sk_live_canary' });
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  dataPlane = await plane.serveCommands(async (command) => (await answerFirst(command)) ?? fake.handle(command));
});
beforeEach(() => {
  answerFirst = () => undefined;
});
afterAll(async () => {
  await dataPlane.close();
  await plane.close();
});

const createInstance = async (fields: object = {}) => (await api.createInstance({ ...fields })).body.data;
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
      ...{ scope: 'workspace', subject: 'ws_default', auth_type: 'token', version: 1, is_usable: true },
      ...{ hosts: ['api.example.test'], fields: ['token', 'realm'], updated_at: expect.any(String) },
    });
    expect(sent('store_credential', id)).toEqual([
      {
        command: 'store_credential',
        ref: { ownerId: 'ws_default', instanceId: id, scope: 'workspace', subject: 'ws_default' },
        authenticationId: 'token',
        fields: [
          { key: 'token', isSecret: true, isRequired: true },
          { key: 'realm', isSecret: false, isRequired: false, default: 'main' },
        ],
        sealed,
      },
    ]);
    const rows = await plane.database.asPlatform((tx) => tx.connectorCredential.findMany());
    expect(JSON.stringify(rows)).not.toContain(sealed.split('.')[3]);
  });

  test('hosts that tools call and that they were not sealed for are told', async () => {
    const { id } = await createInstance();
    const { body } = await put(id, { scope: 'workspace' });
    expect(body.data.warnings).toEqual([expect.stringContaining('eu.crm.example.test')]);
  });

  test('fields that a type implies are known', async () => {
    const { id } = await createInstance();
    await put(id, { scope: 'workspace', auth_type: 'oauth' });
    expect(sent('store_credential', id)).toMatchObject([
      {
        fields: [
          { key: 'client_id', isSecret: false },
          { key: 'client_secret', isSecret: true },
        ],
      },
    ]);
    expect((await api.get(`/connector-instances/${id}`)).body.data.has_credentials).toBe(false);
  });

  test('clients hear of others for everybody, not of those of one user', async () => {
    const { id, server } = await createInstance();
    await put(id, { scope: 'workspace' });
    expect(await toolsetVersionOf(server.id)).toBe(1);
    await put(id, { scope: 'organization' });
    expect(await toolsetVersionOf(server.id)).toBe(2);
    await put(id, { scope: 'user', subject: 'ada' });
    await put(id, { scope: 'agent', subject: 'key-1' });
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
    expect((await plane.send('DELETE', path)).body.data).toMatchObject({ scope: 'user', subject: 'ada' });
    expect(sent('delete_credential', id)).toEqual([
      { command: 'delete_credential', ref: { ownerId: 'ws_default', instanceId: id, scope: 'user', subject: 'ada' } },
    ]);
    expect((await plane.send('DELETE', path)).status).toBe(404);
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

  test('for an authentication that the connector does not have', async () => {
    const { id } = await createInstance();
    for (const auth_type of ['basic', 'none', '__proto__']) {
      expect((await put(id, { scope: 'workspace', auth_type })).status).toBe(400);
    }
  });

  test.each([
    { scope: 'workspace', subject: 'ws_other' },
    { scope: 'organization', subject: 'org_default' },
    { scope: 'user' },
    { scope: 'agent' },
    { scope: 'user', subject: '' },
    { scope: 'user', subject: 'a\0b' },
    { scope: 'everybody' },
  ])('for %j', async (whose) => {
    const { id } = await createInstance();
    expect((await put(id, whose)).status).toBe(400);
  });
});

describe('tenants', () => {
  const permissions = ['servers:read', 'connectors:write', 'secrets:write'];

  test('403 for credentials that others use without the permission of the organization', async () => {
    const shared = await createInstance({ workspace: null });
    const neighbour = await api.createNeighbour(permissions);
    for (const whose of [{ scope: 'organization' }, { scope: 'user', subject: 'ada' }]) {
      expect((await put(shared.id, whose, neighbour.key)).status).toBe(403);
    }
    expect(sent('store_credential', shared.id)).toEqual([]);
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
    expect((await plane.send('DELETE', `/api/v1/connector-instances/${id}`)).body.data).toEqual({ id });
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

  test('and whose credentials cannot be removed does not keep those of others', async () => {
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

describe('the test of a connection', () => {
  const run = (id: string, body: object = {}) => plane.send('POST', `/api/v1/connector-instances/${id}/test`, body);
  const stateOf = async (id: string) => {
    const { test_status, test_message, last_tested_at } = (await api.get(`/connector-instances/${id}`)).body.data;
    return { test_status, test_message, last_tested_at };
  };

  test('runs the test endpoint with the credentials of the scope; state and message are kept', async () => {
    const { id, server } = await createInstance();
    let during: unknown;
    answerFirst = async (command) => {
      if (command.command === 'test_connection') during = await stateOf(id);
      return undefined;
    };
    const { status, body } = await run(id, { scope: 'user', subject: 'ada' });
    expect([status, body.data]).toEqual([
      200,
      { status: 'success', message: 'The test endpoint answered 200', http_status: 200 },
    ]);
    expect(during).toMatchObject({ test_status: 'pending', test_message: null });
    expect(await stateOf(id)).toMatchObject({
      ...{ test_status: 'success', test_message: 'The test endpoint answered 200', last_tested_at: expect.any(String) },
    });
    expect(commands.findLast((each) => each.command === 'test_connection')).toMatchObject({
      ref: { ownerId: 'ws_default', instanceId: id, scope: 'user', subject: 'ada' },
      plan: { serverId: server.id, connection: { instanceId: id, authentication: { id: 'token' } } },
    });
    await run(id);
    expect(commands.findLast((each) => each.command === 'test_connection')).not.toHaveProperty('ref');
  });

  test('that fails is an answer, too', async () => {
    const { id } = await createInstance();
    answerFirst = async ({ command }) =>
      command === 'test_connection'
        ? { ok: true, outcome: 'done', value: { isSuccess: false, status: 401, message: 'It answered 401' } }
        : undefined;
    const { body } = await run(id);
    expect(body.data).toEqual({ status: 'failed', message: 'It answered 401', http_status: 401 });
    expect(await stateOf(id)).toMatchObject({ test_status: 'failed', test_message: 'It answered 401' });
  });

  test('that cannot be made says so, and does not stay pending', async () => {
    const { id } = await createInstance();
    answerFirst = async ({ command }) =>
      command === 'test_connection' ? failed('done', 'credentials_missing', 'There are no credentials') : undefined;
    expect((await run(id)).status).toBe(424);
    expect(await stateOf(id)).toMatchObject({ test_status: 'failed', test_message: 'There are no credentials' });
  });

  test('422 where the connector has no test endpoint', async () => {
    const { id } = await createInstance({ auth_type: 'oauth' });
    const { status, body } = await run(id);
    expect([status, body.error.message]).toEqual([422, 'The connector has no test_endpoint for oauth']);
    expect(await stateOf(id)).toMatchObject({ test_status: null });
  });

  test('is made for instances without a server', async () => {
    await api.register(crmDescriptor({ slug: 'only-tested', mcp: false }));
    const { id } = await createInstance({ connector: 'only-tested' });
    expect((await run(id)).body.data.status).toBe('success');
  });

  test('whose process ended is not pending for ever', async () => {
    const { id } = await createInstance();
    const longAgo = new Date(Date.now() - 120_000);
    await plane.database.asPlatform((tx) =>
      tx.connectorInstance.update({ where: { id }, data: { testStatus: 'pending', lastTestedAt: longAgo } }),
    );
    await plane.following.catchUp();
    expect(await stateOf(id)).toMatchObject({ test_status: 'failed' });
  });
});
