import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/mcp-servers';
async function createRunningServer(name: string): Promise<string> {
  const { body } = await plane.send('POST', path, { name });
  await plane.send('POST', `${path}/${body.data.id}/deploy`, { definition: flowerDocument(name) });
  return body.data.id;
}

/** As the service does every second, until Redis is reachable again. */
async function caughtUp(): Promise<void> {
  for (;;) {
    try {
      return await plane.publishing.catchUp();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** As a process sees it that was just started. */
async function readManifests(ids: string[]) {
  await using fresh = await plane.openSnapshot();
  return Promise.all(ids.map((id) => fresh.getManifest(id)));
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

  await emptyRedis();
  await caughtUp();
  await using fresh = await plane.openSnapshot();
  expect(await Promise.all(ids.map((id) => fresh.getManifest(id)))).toEqual(before);
  for (const manifest of before) {
    expect(await fresh.getPlan(manifest?.tools[0]?.planDigest ?? '')).toMatchObject({ serverId: manifest?.serverId });
  }
  expect(await fresh.getApiKey(body.data.id)).toMatchObject({ state: 'active' });
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
  expect(statuses).toEqual([200, 200, 200]);
  expect((await plane.send('GET', path, undefined, { key: body.data.key })).status).toBe(401);

  await plane.redis.start();
  await caughtUp();
  await using fresh = await plane.openSnapshot();
  expect(await fresh.getManifest(id)).toMatchObject({ isPublic: true });
  expect(await fresh.getManifest(gone)).toMatchObject({ state: 'deleted' });
  expect(await fresh.getApiKey(body.data.id)).toMatchObject({ state: 'revoked' });
});

test('a deployment whose process died shows as errored', async () => {
  const id = await createRunningServer('interrupted');
  await plane.database.asPlatform((tx) =>
    tx.deployment.create({
      data: {
        ...{ id: 'dep_interrupted', workspaceId: 'ws_default', serverId: id, state: 'deploying' },
        ...{ definition: '', references: '[]', compiled: '{}', createdAt: new Date(Date.now() - 61_000) },
      },
    }),
  );
  await plane.publishing.catchUp();
  const { body } = await plane.send('GET', `${path}/${id}/deployments/dep_interrupted`);
  expect(body.data.state).toBe('errored');
});

test('nothing is published twice without a reason', async () => {
  const id = await createRunningServer('quiet');
  const { revision } = (await readManifest(id)) ?? {};
  await plane.publishing.catchUp();
  await plane.publishing.catchUp();
  expect((await readManifest(id))?.revision).toBe(revision);
});
