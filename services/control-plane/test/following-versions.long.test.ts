import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { saveRejection } from '../src/connectors/instances/store.ts';
import { createConnectedApi, crmDescriptor, eventually } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
});
afterAll(() => plane.close());

const patch = (id: string, change: object) => plane.send('PATCH', `/api/v1/connector-instances/${id}`, change);
const manifestOf = (serverId: string) => plane.snapshot.getManifest(serverId);
const toolNames = async (serverId: string) => (await manifestOf(serverId))?.tools.map(({ name }) => name).toSorted();

/** Reads the manifest after a catch-up, which the service does every second, even while an instance is being moved. */
const manifestMeanwhile = async (serverId: string) => {
  await api.catchUp();
  return manifestOf(serverId);
};

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

  test('that does not compile for an instance leaves that one as it is, and says why', async () => {
    const optional = ['{ key: region, required: true }', '{ key: region, required: true }, { key: tenant }'] as const;
    await api.register(crmDescriptor({ slug: 'demanding' }).replace(...optional));
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
      version: '2.0.0',
      deploy_message: null,
    });
  });

  test('is not reported as failed by an attempt that a change of the instance has overtaken', async () => {
    const { id } = (await api.createInstance()).body.data;
    await plane.database.asPlatform(async (tx) => {
      const { deployedVersionId } = await tx.connectorInstance.findUniqueOrThrow({ where: { id } });
      await saveRejection(tx, id, { versionId: deployedVersionId ?? '', message: 'It does not compile' });
    });
    expect((await api.get(`/connector-instances/${id}`)).body.data.deploy_message).toBeNull();
  });

  test('that was registered while no process moved instances is caught up with', async () => {
    await api.register(crmDescriptor({ slug: 'left-over' }));
    const { body } = await api.createInstance({ connector: 'left-over' });
    const { id } = body.data;
    await plane.redis.kill();
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

  test('that no longer offers tools stops the server, and one that does again starts the same one', async () => {
    await api.register(crmDescriptor({ slug: 'silent' }));
    const { body } = await api.createInstance({ connector: 'silent' });
    const { server } = body.data;
    const isIn = (state: string) =>
      eventually(
        () => manifestMeanwhile(server.id),
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

  test('that is deprecated later moves them back', async () => {
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
      () => manifestMeanwhile(server.id),
      (manifest) => manifest?.tools[0]?.name === 'find_contact',
    );
  });
});

test('many instances are moved at once, with none left behind and others served meanwhile', async () => {
  await api.register(crmDescriptor({ slug: 'many' }));
  const make = (name: number) => api.createInstance({ connector: 'many', instance_name: `many ${name}` });
  const names = Array.from({ length: 40 }, (_, index) => index);
  for (let start = 0; start < names.length; start += 8) await Promise.all(names.slice(start, start + 8).map(make));
  await api.register(crmDescriptor({ slug: 'many', version: '1.1.0', tools: ['find_deal'] }));
  const [other, moved] = await Promise.all([
    api.createInstance(),
    eventually(
      async () => (await api.get('/connector-instances?connector=many&limit=100')).body,
      ({ data }) => data.every(({ version }: { version: string }) => version === '1.1.0'),
    ),
  ]);
  expect([other.status, moved.total]).toEqual([201, names.length]);
});
