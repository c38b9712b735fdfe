import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { metaToolNames } from '@toolplane/contracts';
import { eventually } from './connected-api.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/mcp-servers';
async function createRunningServer(name: string): Promise<string> {
  const { body } = await plane.send('POST', path, { name, mode: 'NORMAL' });
  await plane.send('POST', `${path}/${body.data.id}/deploy`, { definition: flowerDocument(name) });
  return body.data.id;
}

/** Catches up, as the service does every second, until Redis is reachable again. */
async function caughtUp(): Promise<void> {
  for (;;) {
    try {
      return await plane.publishing.catchUp();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The manifests as a process that was just started reads them. */
async function readManifests(ids: string[]) {
  await using fresh = await plane.openSnapshot();
  return Promise.all(ids.map((id) => fresh.getManifest(id)));
}

async function readCatalogue(workspaceId = 'ws_default') {
  await using fresh = await plane.openSnapshot();
  return fresh.getCatalogue(workspaceId);
}

const readManifest = async (id: string) => (await readManifests([id]))[0];

async function emptyRedis(): Promise<void> {
  await plane.redis.kill();
  await plane.redis.start();
}

test('an emptied Redis is filled again with the same documents, over all pages', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 25; index++) ids.push(await createRunningServer(`full-${index}`));
  const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'stays' });
  const before = await readManifests(ids);
  const catalogue = await readCatalogue();
  expect(catalogue?.toolkits).toHaveLength(25);

  await emptyRedis();
  await caughtUp();
  await using fresh = await plane.openSnapshot();
  expect(await Promise.all(ids.map((id) => fresh.getManifest(id)))).toEqual(before);
  for (const manifest of before) {
    expect(await fresh.getPlan(manifest?.tools[0]?.planDigest ?? '')).toMatchObject({ serverId: manifest?.serverId });
  }
  expect(await fresh.getApiKey(body.data.id)).toMatchObject({ state: 'active' });
  expect(await fresh.getCatalogue('ws_default')).toEqual(catalogue);
});

test('what changes while Redis is away is published when it is back', async () => {
  const id = await createRunningServer('changing');
  const gone = await createRunningServer('going');
  const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'revoked meanwhile' });

  await plane.redis.kill();
  const statuses = [
    (await plane.send('PATCH', `${path}/${id}`, { isPublic: true })).status,
    (await plane.send('DELETE', `${path}/${gone}`)).status,
    (await plane.send('DELETE', `/api/v1/api-keys/${body.data.id}`)).status,
  ];
  expect(statuses).toEqual([200, 204, 200]);
  expect((await plane.send('GET', path, undefined, { key: body.data.key })).status).toBe(401);

  await plane.redis.start();
  await caughtUp();
  await using fresh = await plane.openSnapshot();
  expect(await fresh.getManifest(id)).toMatchObject({ isPublic: true });
  expect(await fresh.getManifest(gone)).toMatchObject({ state: 'deleted' });
  const offering = (await fresh.getCatalogue('ws_default'))?.toolkits.map(({ serverId }) => serverId);
  expect([offering?.includes(id), offering?.includes(gone)]).toEqual([true, false]);
  expect(await fresh.getApiKey(body.data.id)).toMatchObject({ state: 'revoked' });
});

test('a deployment whose process died shows as errored', async () => {
  const id = await createRunningServer('interrupted');
  await plane.database.asPlatform((tx) =>
    tx.deployment.create({
      data: {
        id: 'dep_interrupted',
        workspaceId: 'ws_default',
        serverId: id,
        state: 'deploying',
        definition: '',
        references: '[]',
        compiled: '{}',
        createdAt: new Date(Date.now() - 61_000),
      },
    }),
  );
  await plane.publishing.catchUp();
  const { body } = await plane.send('GET', `${path}/${id}/deployments/dep_interrupted`);
  expect(body.data).toMatchObject({ state: 'errored', error: { code: 'internal' } });
});

test('nothing is published twice without a reason', async () => {
  const id = await createRunningServer('quiet');
  const { revision } = (await readManifest(id)) ?? {};
  const catalogue = await readCatalogue();
  await plane.publishing.catchUp();
  await plane.publishing.catchUp();
  expect((await readManifest(id))?.revision).toBe(revision);
  expect(await readCatalogue()).toEqual(catalogue);
});

test('a new workspace has a catalogue at once, and its revision grows with each change', async () => {
  const { key, workspaceId } = await plane.createTenant();
  const first = await readCatalogue(workspaceId);
  expect(first).toMatchObject({ workspaceId, toolkits: [] });
  const { body } = await plane.send('POST', path, { name: 'desk', mode: 'NORMAL' }, { key });
  await plane.send('POST', `${path}/${body.data.id}/deploy`, { definition: flowerDocument() }, { key });
  const second = await readCatalogue(workspaceId);
  expect(second?.toolkits).toEqual([{ serverId: body.data.id, toolkit: 'tickets', name: 'desk' }]);
  expect(second?.revision).toBeGreaterThan(first?.revision ?? Number.POSITIVE_INFINITY);
});

test('a catalogue misses nothing of changes that come at the same moment', async () => {
  const { key, workspaceId } = await plane.createTenant();
  const deployed = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const { body } = await plane.send('POST', path, { name: `desk-${index}`, mode: 'NORMAL' }, { key });
      await plane.send('POST', `${path}/${body.data.id}/deploy`, { definition: flowerDocument() }, { key });
      if (index % 2 === 0) return [body.data.id];
      await plane.send('DELETE', `${path}/${body.data.id}`, undefined, { key });
      return [];
    }),
  );
  const offering = async () => (await readCatalogue(workspaceId))?.toolkits.map(({ serverId }) => serverId).toSorted();
  // A change may be published shortly afterwards, together with another one.
  await eventually(offering, (ids) => isDeepStrictEqual(ids, deployed.flat().toSorted()));
});

test('a catalogue that could not be published after its change is published with what was left unfinished', async () => {
  const { key, workspaceId } = await plane.createTenant();
  const { body } = await plane.send('POST', path, { name: 'desk', mode: 'NORMAL' }, { key });
  await plane.send('POST', `${path}/${body.data.id}/deploy`, { definition: flowerDocument() }, { key });
  // The state after the end of a process that had saved the change but not published it.
  await plane.database.asPlatform(async (tx) => {
    await tx.tool.deleteMany({ where: { serverId: body.data.id } });
    await tx.toolChange.create({ data: { id: 'tch_left', workspaceId, serverId: body.data.id } });
  });
  expect((await readCatalogue(workspaceId))?.toolkits).toHaveLength(1);
  await plane.publishing.catchUp();
  expect((await readCatalogue(workspaceId))?.toolkits).toEqual([]);
});

test('the mode SMART is published, and such a server runs without any tools of its own until it is stopped', async () => {
  const { body } = await plane.send('POST', path, { name: 'smart' });
  const { id } = body.data;
  expect(body.data).toMatchObject({ mode: 'SMART', state: 'running' });
  expect(await readManifest(id)).toMatchObject({ state: 'running', mode: 'smart', tools: [] });
  await plane.send('POST', `${path}/${id}/deploy`, { definition: flowerDocument('smart') });
  expect(await readManifest(id)).toMatchObject({ mode: 'smart', tools: [{ name: 'ticket_status' }] });
  const config = (await plane.send('GET', `${path}/${id}/config`)).body.data;
  expect(config).toMatchObject({ mode: 'SMART', tools: [{ name: 'ticket_status' }], metaTools: [...metaToolNames] });
  await plane.send('POST', `${path}/${id}/stop`, {});
  expect(await readManifest(id)).toMatchObject({ state: 'stopped', tools: [] });
  await plane.send('POST', `${path}/${id}/start`, {});
  await plane.send('PATCH', `${path}/${id}`, { mode: 'NORMAL' });
  expect(await readManifest(id)).toMatchObject({ state: 'running' });
  expect(Object.keys((await readManifest(id)) ?? {})).not.toContain('mode');
  expect((await plane.send('GET', `${path}/${id}/config`)).body.data.metaTools).toEqual([]);
});
