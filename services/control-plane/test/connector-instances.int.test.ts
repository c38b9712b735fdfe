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
      ...{ id: expect.stringMatching(/^coi_/), version: '1.0.0', workspace: 'ws_default', description: 'Of sales' },
      ...{ is_enabled: true, has_credentials: false, test_status: null, last_tested_at: null, deploy_message: null },
      ...{ configuration: { region: 'eu' }, auth_type: 'token' },
      server: { id: expect.stringMatching(/^srv_/), url: `https://mcp.example.test/mcp/${server.id}` },
    });
    expect(await manifestOf(server.id)).toMatchObject({
      ...{ state: 'running', instructions: 'Tools for contacts', toolsetVersion: 0 },
      tools: [{ name: 'find_contact', usesConnection: true }],
    });
    expect(await urlOfPlan(server.id)).toContain('https://eu.crm.example.test/contacts/');
    expect((await api.get(`/connector-instances/${id}`)).body.data).toEqual(body.data);
  });

  test('what the instance does not sign in for is advice', async () => {
    const { body } = await api.createInstance();
    expect(body.diagnostics).toMatchObject([{ severity: 'warning', code: 'operation_left_out' }]);
  });

  test('without MCP there is no server', async () => {
    await api.register(crmDescriptor({ slug: 'no-tools', mcp: false }));
    const { status, body } = await api.createInstance({ connector: 'no-tools' });
    expect([status, body.data.server, body.data.version]).toEqual([201, null, '1.0.0']);
  });

  test('slugs of servers are the server_name made fit, and numbered', async () => {
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

  test('one that is not enabled is there, and its server is stopped', async () => {
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

  test('409 for a name that the workspace has, 404 for a connector and a workspace that are not there', async () => {
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

  test('400 for configurations that are none', async () => {
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
      ...{ configuration: { region: 'us' }, instance_name: body.data.instance_name },
    });
  });

  test('of the way to sign in gives the tools that it has', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    await patch(id, { auth_type: 'oauth' });
    expect(await toolNames(server.id)).toEqual(['find_contact_mine']);
  });

  test('of its name deploys nothing', async () => {
    const { body } = await api.createInstance();
    const { id, server } = body.data;
    const { revision } = (await manifestOf(server.id)) ?? {};
    expect((await patch(id, { instance_name: 'Renamed', description: null })).body.data).toMatchObject({
      ...{ instance_name: 'Renamed', description: null },
    });
    expect((await manifestOf(server.id))?.revision).toBe(revision);
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

describe('a new version of a connector', () => {
  test('moves its instances at once', async () => {
    await api.register(crmDescriptor({ slug: 'moving' }));
    const { body } = await api.createInstance({ connector: 'moving' });
    const { id, server } = body.data;
    const before = performance.now();
    await api.register(crmDescriptor({ slug: 'moving', version: '1.1.0', tools: ['find_contact', 'find_deal'] }));
    await eventually(
      () => toolNames(server.id),
      (names) => names?.length === 2,
    );
    expect(performance.now() - before).toBeLessThan(5000);
    const moved = await eventually(
      async () => (await api.get(`/connector-instances/${id}`)).body.data,
      ({ version }) => version === '1.1.0',
    );
    expect(moved.deploy_message).toBeNull();
  });

  test('for which one does not compile leaves that one on what it runs, and says why', async () => {
    await api.register(crmDescriptor({ slug: 'demanding' }));
    const { body } = await api.createInstance({ connector: 'demanding' });
    const other = await api.createInstance({ connector: 'demanding', configuration: { region: 'eu', tenant: 'acme' } });
    const demanding = crmDescriptor({ slug: 'demanding', version: '2.0.0', tools: ['find_deal'] }).replace(
      '{ key: region, required: true }',
      '{ key: region, required: true }, { key: tenant, required: true }',
    );
    await api.register(demanding);
    await eventually(
      () => toolNames(other.body.data.server.id),
      (names) => names?.[0] === 'find_deal',
    );
    const left = await eventually(
      async () => (await api.get(`/connector-instances/${body.data.id}`)).body.data,
      ({ deploy_message }) => deploy_message !== null,
    );
    expect(left).toMatchObject({
      version: '1.0.0',
      deploy_message: expect.stringMatching(/^Version 2\.0\.0 .*"tenant"/),
    });
    expect(await toolNames(body.data.server.id)).toEqual(['find_contact']);

    await patch(body.data.id, { configuration: { region: 'eu', tenant: 'acme' } });
    expect(await toolNames(body.data.server.id)).toEqual(['find_deal']);
    expect((await api.get(`/connector-instances/${body.data.id}`)).body.data).toMatchObject({
      ...{ version: '2.0.0', deploy_message: null },
    });
  });

  test('that was registered while nobody moved instances is caught up with', async () => {
    await api.register(crmDescriptor({ slug: 'left-over' }));
    const { body } = await api.createInstance({ connector: 'left-over' });
    const { id } = body.data;
    await plane.redis.stop();
    await api.register(crmDescriptor({ slug: 'left-over', version: '1.1.0', tools: ['find_deal'] }));
    await plane.redis.start();
    const moved = await eventually(
      async () => {
        await api.catchUp().catch(() => undefined);
        return (await api.get(`/connector-instances/${id}`)).body.data;
      },
      ({ version }) => version === '1.1.0',
    );
    await using fresh = await plane.openSnapshot();
    expect(await fresh.getManifest(moved.server.id)).toMatchObject({ tools: [{ name: 'find_deal' }] });
  });

  test('that offers no tools any more stops the server, and one that does again starts the same', async () => {
    await api.register(crmDescriptor({ slug: 'silent' }));
    const { body } = await api.createInstance({ connector: 'silent' });
    const { server } = body.data;
    const isIn = (state: string) =>
      eventually(
        () => manifestOf(server.id),
        (manifest) => manifest?.state === state,
      );
    await api.register(crmDescriptor({ slug: 'silent', version: '1.1.0', mcp: false }));
    await isIn('stopped');
    await api.register(crmDescriptor({ slug: 'silent', version: '1.2.0' }));
    await isIn('running');
  });

  test('gives an instance without a server one', async () => {
    await api.register(crmDescriptor({ slug: 'late', mcp: false }));
    const { body } = await api.createInstance({ connector: 'late' });
    await api.register(crmDescriptor({ slug: 'late', version: '1.1.0' }));
    const { server } = await eventually(
      async () => (await api.get(`/connector-instances/${body.data.id}`)).body.data,
      ({ version }) => version === '1.1.0',
    );
    expect(await manifestOf(server.id)).toMatchObject({ state: 'running' });
  });

  test('that is deprecated again moves them back', async () => {
    await api.register(crmDescriptor({ slug: 'back' }));
    const { body } = await api.createInstance({ connector: 'back' });
    const { server } = body.data;
    await api.register(crmDescriptor({ slug: 'back', version: '1.1.0', tools: ['find_deal'] }));
    await eventually(
      () => toolNames(server.id),
      (names) => names?.[0] === 'find_deal',
    );
    await plane.send('POST', '/api/v1/connectors/back/deprecate', { version: '1.1.0' });
    await eventually(
      () => toolNames(server.id),
      (names) => names?.[0] === 'find_contact',
    );
  });
});

describe('an instance of the organization', () => {
  test('403 without the permission of the organization, for making as for changing', async () => {
    const neighbour = await api.createNeighbour(['servers:read', 'connectors:write']);
    const made = await api.createInstance({ workspace: null });
    expect([made.status, made.body.data.workspace]).toEqual([201, null]);
    const { id, connector } = made.body.data;
    const options = { key: neighbour.key };
    const request = { connector, instance_name: 'x', auth_type: 'token', configuration: { region: 'eu' } };
    const answers = [
      await plane.send('POST', path, { ...request, workspace: null }, options),
      await plane.send('PATCH', `${path}/${id}`, { is_enabled: false }, options),
      await plane.send('DELETE', `${path}/${id}`, undefined, options),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  test('is seen by every workspace of the organization with its server, one of a workspace by none', async () => {
    const neighbour = await api.createNeighbour(['servers:read', 'servers:write', 'connectors:write']);
    const shared = (await api.createInstance({ workspace: null })).body.data;
    const own = (await api.createInstance()).body.data;
    const listed = (await api.get('/connector-instances?limit=100', neighbour.key)).body.data;
    expect(listed).toContainEqual(expect.objectContaining({ id: shared.id, server: shared.server }));
    expect(JSON.stringify(listed)).not.toContain(own.id);
    expect((await api.get(`/connector-instances/${own.id}`, neighbour.key)).status).toBe(404);
    const { key } = await plane.createTenant();
    for (const { id } of [shared, own]) {
      expect((await api.get(`/connector-instances/${id}`, key)).status).toBe(404);
    }
    const changed = await plane.send('PATCH', `${path}/${shared.id}`, { is_enabled: false }, { key: neighbour.key });
    expect(changed.status).toBe(200);
    expect(await manifestOf(shared.server.id)).toMatchObject({ state: 'stopped', workspaceId: 'ws_default' });
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
    await plane.redis.stop();
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
