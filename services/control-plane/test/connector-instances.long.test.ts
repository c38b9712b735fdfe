import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConnectedApi, crmDescriptor, eventually } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
});
afterAll(() => plane.close());

const path = '/api/v1/connector-instances';
const patch = (id: string, change: object) => plane.send('PATCH', `${path}/${id}`, change);
const manifestOf = (serverId: string) => plane.snapshot.getManifest(serverId);
const toolNames = async (serverId: string) => (await manifestOf(serverId))?.tools.map(({ name }) => name).toSorted();

async function urlOfPlan(serverId: string): Promise<string> {
  const manifest = await manifestOf(serverId);
  const plan = await plane.snapshot.getPlan(manifest?.tools[0]?.planDigest ?? '');
  return JSON.stringify(plan?.steps[0]?.request?.url);
}

describe('201', () => {
  test('an instance of a connector with tools has a server that runs them with its configuration', async () => {
    const { status, body } = await api.createInstance({ description: 'Of sales' });
    expect(status).toBe(201);
    const { id, server } = body.data;
    expect(body.data).toMatchObject({
      id: expect.stringMatching(/^coi_/),
      version: '1.0.0',
      workspace: 'ws_default',
      description: 'Of sales',
      is_enabled: true,
      has_credentials: false,
      test_status: 'pending',
      last_tested_at: null,
      deploy_message: null,
      configuration: { region: 'eu' },
      auth_type: 'token',
      home_workspace: 'ws_default',
      pool: null,
      hosts: ['eu.crm.example.test'],
      server: { id: expect.stringMatching(/^srv_/), url: `https://mcp.example.test/mcp/${server.id}` },
    });
    expect(await manifestOf(server.id)).toMatchObject({
      state: 'running',
      instructions: 'Tools for contacts',
      toolsetVersion: 0,
      tools: [{ name: 'find_contact', usesConnection: true }],
    });
    expect(await urlOfPlan(server.id)).toContain('https://eu.crm.example.test/contacts/');
    expect((await api.get(`/connector-instances/${id}`)).body.data).toEqual(body.data);
  });

  test('tools that the instance has no sign-in for are reported as advice', async () => {
    const { body } = await api.createInstance();
    expect(body.diagnostics).toMatchObject([{ severity: 'warning', code: 'operation_left_out' }]);
  });

  test('without MCP there is no server', async () => {
    await api.register(crmDescriptor({ slug: 'no-tools', mcp: false }));
    const { status, body } = await api.createInstance({ connector: 'no-tools' });
    expect([status, body.data.server, body.data.version]).toEqual([201, null, '1.0.0']);
  });

  test('slugs of servers are derived from the server_name, and numbered', async () => {
    await api.register(crmDescriptor({ slug: 'numbered' }));
    const slugs: string[] = [];
    for (const instance_name of ['one', 'two', 'three']) {
      const { body } = await api.createInstance({ connector: 'numbered', instance_name: `numbered ${instance_name}` });
      slugs.push(body.data.server.slug);
    }
    expect(slugs).toEqual(['crm-numbered', 'crm-numbered-2', 'crm-numbered-3']);
  });

  test('instances that are made at the same moment get their own slugs', async () => {
    await api.register(crmDescriptor({ slug: 'at-once' }));
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((name) =>
        api.createInstance({ connector: 'at-once', instance_name: `at once ${name}` }),
      ),
    );
    expect(new Set(answers.map(({ body }) => body.data?.server.slug)).size).toBe(5);
  });

  test('a disabled one exists, and its server is stopped', async () => {
    const { body } = await api.createInstance({ is_enabled: false });
    expect(await manifestOf(body.data.server.id)).toMatchObject({ state: 'stopped', tools: [] });
  });
});

describe('nothing is saved', () => {
  const countRows = () =>
    plane.database.asPlatform(async (tx) => [await tx.connectorInstance.count(), await tx.server.count()]);

  test('422 with diagnostics when it does not compile', async () => {
    await api.register(crmDescriptor({ slug: 'incomplete' }));
    const before = await countRows();
    for (const wrong of [{ configuration: {} }, { configuration: { region: 'a/b' } }, { auth_type: 'basic' }]) {
      const { status, body } = await api.createInstance({ connector: 'incomplete', ...wrong });
      expect([status, body.success, body.error.code]).toEqual([422, false, 'invalid_document']);
      expect(body.diagnostics).toContainEqual(
        expect.objectContaining({ severity: 'error', line: expect.any(Number), pointer: expect.any(String) }),
      );
    }
    expect(await countRows()).toEqual(before);
  });

  test('409 for a name that the workspace already has, 404 for a connector and a workspace that do not exist', async () => {
    const taken = await api.createInstance();
    const { connector, instance_name } = taken.body.data;
    const before = await countRows();
    expect((await api.createInstance({ connector, instance_name })).status).toBe(409);
    expect((await api.createInstance({ connector: 'nowhere' })).status).toBe(404);
    expect((await api.createInstance({ connector, workspace: 'ws_other' })).status).toBe(404);
    expect(await countRows()).toEqual(before);
  });

  test('409 when all versions are deprecated', async () => {
    await api.register(crmDescriptor({ slug: 'outdated' }));
    await plane.send('POST', '/api/v1/connectors/outdated/deprecate', { version: '1.0.0' });
    expect((await api.createInstance({ connector: 'outdated' })).status).toBe(409);
  });

  test('422 when no tool is left, with the reason for each', async () => {
    await api.register(crmDescriptor({ slug: 'toolless' }));
    const before = await countRows();
    const { status, body } = await api.createInstance({ connector: 'toolless', auth_type: 'none' });
    expect([status, body.diagnostics.map(({ code }: { code: string }) => code)]).toEqual([
      422,
      ['no_tools_left', 'operation_left_out', 'operation_left_out'],
    ]);
    expect(await countRows()).toEqual(before);
  });

  test('422 for a configuration that the connector does not know, by its name', async () => {
    await api.register(crmDescriptor({ slug: 'unknowing' }));
    const configuration = { region: 'eu', regoin: 'us' };
    const { status, body } = await api.createInstance({ connector: 'unknowing', configuration });
    expect([status, body.diagnostics[0]]).toMatchObject([
      422,
      { code: 'unknown_configuration', message: expect.stringContaining('"regoin"') },
    ]);
  });

  test('400 for a name that is blank; others are trimmed', async () => {
    await api.register(crmDescriptor({ slug: 'trimmed' }));
    for (const instance_name of ['', '   ']) {
      const { status, body } = await api.createInstance({ connector: 'trimmed', instance_name });
      expect([status, body.error.details[0].path]).toEqual([400, 'body.instance_name']);
    }
    const { body } = await api.createInstance({ connector: 'trimmed', instance_name: ' Trimmed ' });
    expect(body.data.instance_name).toBe('Trimmed');
  });

  test('400 for invalid configurations', async () => {
    await api.register(crmDescriptor({ slug: 'strict' }));
    for (const configuration of [{ region: ['eu'] }, { 'Region!': 'eu' }, { region: 'a\0b' }]) {
      expect((await api.createInstance({ connector: 'strict', configuration })).status).toBe(400);
    }
  });
});

describe('a change', () => {
  test('of the configuration is deployed, and one that does not compile changes nothing', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    expect((await patch(id, { configuration: { region: 'us' } })).status).toBe(200);
    expect(await urlOfPlan(server.id)).toContain('https://us.crm.example.test');
    const rejected = await patch(id, { configuration: {}, instance_name: 'not taken' });
    expect([rejected.status, rejected.body.diagnostics[0].code]).toEqual([422, 'missing_configuration']);
    expect(await urlOfPlan(server.id)).toContain('https://us.crm.example.test');
    expect((await api.get(`/connector-instances/${id}`)).body.data).toMatchObject({
      configuration: { region: 'us' },
      instance_name: body.data.instance_name,
    });
  });

  test('of the way to sign in gives the tools that are available with it', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    const changed = await patch(id, { auth_type: 'oauth' });
    expect(changed.body.diagnostics).toMatchObject([{ severity: 'warning', code: 'operation_left_out' }]);
    expect((await patch(id, { auth_type: 'none' })).status).toBe(422);
    expect(await toolNames(server.id)).toEqual(['find_contact_mine']);
  });

  test('of its name deploys nothing, and its plans and its connection have the new name', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    const deployed = async () => (await api.get(`/mcp-servers/${server.id}/deployments`)).body.total;
    const before = await deployed();
    expect((await patch(id, { instance_name: 'Renamed', description: null })).body.data).toMatchObject({
      instance_name: 'Renamed',
      description: null,
    });
    expect(await deployed()).toBe(before);
    const { tools = [], connection } = (await manifestOf(server.id)) ?? {};
    expect(connection).toMatchObject({ instanceName: 'Renamed' });
    for (const digest of [tools[0]?.planDigest, connection?.planDigest]) {
      expect(await plane.snapshot.getPlan(digest ?? '')).toMatchObject({ connection: { instanceName: 'Renamed' } });
    }
    const other = await api.createInstance();
    expect((await patch(other.body.data.id, { instance_name: 'Renamed' })).status).toBe(409);
  });

  test('stops its server and starts it again', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    expect((await patch(id, { is_enabled: false })).body.data.is_enabled).toBe(false);
    expect(await manifestOf(server.id)).toMatchObject({ state: 'stopped', tools: [] });
    expect((await api.get(`/mcp-servers/${server.id}`)).body.data.state).toBe('stopped');
    expect((await api.get(`/mcp-servers/${server.id}/config`)).body.data.tools).toEqual([]);
    await patch(id, { is_enabled: true });
    expect(await manifestOf(server.id)).toMatchObject({ state: 'running', tools: [{ name: 'find_contact' }] });
    expect((await api.get(`/mcp-servers/${server.id}/deployments`)).body.total).toBe(1);
  });

  test('at the same time as others leaves what the last of them says', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    const regions = ['r1', 'r2', 'r3', 'r4'];
    const answers = await Promise.all(regions.map((region) => patch(id, { configuration: { region } })));
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const { configuration } = (await api.get(`/connector-instances/${id}`)).body.data;
    expect(await urlOfPlan(server.id)).toContain(`https://${configuration.region}.crm.example.test`);
  });
});

describe('the server of an instance', () => {
  test('is listed with the instance, which alone decides what it runs', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    const server_ = `/mcp-servers/${server.id}`;
    expect((await api.get(server_)).body.data).toMatchObject({ connectorInstanceId: id, state: 'running' });
    const deployments = (await api.get(`${server_}/deployments`)).body.data;
    const base = `/api/v1${server_}`;
    const answers = [
      await plane.send('POST', `${base}/deploy`, { definition: 'flower: "0.1"' }),
      await plane.send('POST', `${base}/deployments/${deployments[0].id}/rollback`),
      await plane.send('PATCH', base, { config: { allowedHosts: ['a.test'] } }),
      await plane.send('PATCH', base, { sourceServers: {} }),
      await plane.send('DELETE', base),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409]);
    for (const answer of answers) expect(answer.body.error.message).toContain(id);
    expect(await manifestOf(server.id)).toMatchObject({ state: 'running' });
  });

  test('can be renamed, described, shared and shown in another mode', async () => {
    const { body } = await api.createInstance();
    const { server } = body.data;
    const change = { name: 'my-own-name', description: 'Mine', mode: 'SMART', isPublic: true };
    expect((await plane.send('PATCH', `/api/v1/mcp-servers/${server.id}`, change)).status).toBe(200);
    expect((await api.get(`/connector-instances/${body.data.id}`)).body.data.server.slug).toBe('my-own-name');
    expect(await manifestOf(server.id)).toMatchObject({ slug: 'my-own-name', isPublic: true });
  });
});

test('lists are searched and filtered', async () => {
  await api.register(crmDescriptor({ slug: 'listed' }));
  await api.createInstance({ connector: 'listed', instance_name: '100% sales' });
  await api.createInstance({ connector: 'listed', instance_name: '100 others' });
  const names = async (query: string) =>
    (await api.get(`/connector-instances?${query}`)).body.data.map(
      (each: { instance_name: string }) => each.instance_name,
    );
  expect(await names('connector=listed')).toEqual(['100 others', '100% sales']);
  expect(await names('q=100%25')).toEqual(['100% sales']);
  expect((await api.get('/connector-instances?connector=listed&limit=1')).body).toMatchObject({
    total: 2,
    totalPages: 2,
  });
});

describe('an instance whose server cannot be published', () => {
  test('is not kept: 503', async () => {
    await api.register(crmDescriptor({ slug: 'unpublished' }));
    await plane.redis.kill();
    const { status } = await api.createInstance({ connector: 'unpublished' });
    await plane.redis.start();
    expect(status).toBe(503);
    expect((await api.get('/connector-instances?connector=unpublished')).body.total).toBe(0);
    await eventually(
      () =>
        plane.publishing.catchUp().then(
          () => true,
          () => false,
        ),
      (isDone) => isDone,
    );
  });
});
