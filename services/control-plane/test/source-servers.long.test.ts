import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPools } from '../src/platform/commands/pools.ts';
import { createCursors } from '../src/platform/cursor.ts';
import type { Principal } from '../src/platform/principals/principal.ts';
import { createDeployments } from '../src/servers/deployments/deployments.ts';
import { createServers } from '../src/servers/servers.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { arazzoDocument, openApiDocument } from './source-host.ts';

let plane: TestControlPlane;
let principal: Principal;
let id: string;
let count = 0;
beforeAll(async () => {
  plane = await startTestControlPlane();
  principal = (await plane.domains.apiKeys.verify(plane.rootKey, '127.0.0.1')) as Principal;
});
afterAll(() => plane.close());
beforeEach(async () => {
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: `server-${++count}`, mode: 'NORMAL' });
  id = body.data.id;
});

const definition = arazzoDocument([{ name: 'pets', url: 'https://api.example.test/openapi.json' }]);
const referencesFor = (title: string) => [
  { name: 'pets', location: 'openapi.json', content: openApiDocument('https://api.example.test/v1', title) },
];
const sourceServers = { pets: 'https://staging.example.test/next/v1' };

const path = () => `/api/v1/mcp-servers/${id}`;
const deploy = (title = 'Pets') =>
  plane.send('POST', `${path()}/deploy`, { definition, references: referencesFor(title) });
const change = (fields: object) => plane.send('PATCH', path(), fields);
const rollBack = (deploymentId: string) => plane.send('POST', `${path()}/deployments/${deploymentId}/rollback`);
async function publishedUrl(): Promise<string> {
  const digest = (await plane.snapshot.getManifest(id))?.tools[0]?.planDigest ?? '';
  const url = (await plane.snapshot.getPlan(digest))?.steps[0]?.request?.url;
  return url !== undefined && 'parts' in url ? String(url.parts[0]) : '';
}
const original = 'https://api.example.test/v1/pets';
const staged = 'https://staging.example.test/next/v1/pets';

test('a server of a source is replaced, base path included', async () => {
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: 'staging', sourceServers });
  expect(body.data).toMatchObject({ sourceServers, version: 1 });
  id = body.data.id;
  await deploy();
  expect(await publishedUrl()).toBe(staged);
  expect((await plane.send('GET', path())).body.data.sourceServers).toEqual(sourceServers);
});

describe('a change', () => {
  test('compiles what runs for it and publishes that, in the same deployment', async () => {
    const { body } = await deploy();
    expect(await publishedUrl()).toBe(original);
    const changed = await change({ sourceServers });
    expect([changed.status, changed.body.data]).toMatchObject([200, { sourceServers, activeDeploymentId: body.id }]);
    expect(await publishedUrl()).toBe(staged);
    await change({ sourceServers: {} });
    expect(await publishedUrl()).toBe(original);
  });

  test('answers with what the compiler says of it, such as a name that no source has', async () => {
    await deploy();
    const unknown = await change({ sourceServers: { ...sourceServers, pest: 'https://staging.example.test' } });
    expect([unknown.status, unknown.body.data.diagnostics]).toEqual([
      200,
      [expect.objectContaining({ severity: 'warning', message: expect.stringContaining('pest') })],
    ]);
    expect((await change({ sourceServers })).body.data.diagnostics).toEqual([]);
    expect((await change({ description: 'Pets' })).body.data.diagnostics).toEqual([]);
  });

  test('leaves the servers as they are when it does not name them', async () => {
    await deploy();
    await change({ sourceServers });
    expect((await change({ description: 'Pets' })).body.data.sourceServers).toEqual(sourceServers);
    expect(await publishedUrl()).toBe(staged);
  });

  test('deploying the same again afterwards changes nothing', async () => {
    await deploy();
    await change({ sourceServers });
    expect((await deploy()).status).toBe(204);
    expect(await publishedUrl()).toBe(staged);
  });

  test('may come before the first deployment', async () => {
    expect((await change({ sourceServers })).status).toBe(200);
    await deploy();
    expect(await publishedUrl()).toBe(staged);
  });
});

test('an earlier deployment that runs again uses the present servers', async () => {
  const first = await deploy('First');
  await deploy('Second');
  await change({ sourceServers });
  expect((await rollBack(first.body.id)).status).toBe(200);
  expect(await publishedUrl()).toBe(staged);
});

describe('400', () => {
  test.each([
    ['no URL', { pets: 'staging' }, 'body.sourceServers.pets'],
    ['another scheme', { pets: 'file:///etc' }, 'body.sourceServers.pets'],
    ['credentials', { pets: 'https://user:password@staging.example.test' }, 'body.sourceServers.pets'],
    ['a query', { pets: 'https://staging.example.test/?v=1' }, 'body.sourceServers.pets'],
    ['a name that no source can have', { 'p e t s': 'https://staging.example.test' }, 'body.sourceServers.p e t s'],
    [
      'too many',
      Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`s${index}`, 'https://a.test'])),
      'body.sourceServers',
    ],
  ])('%s', async (_name, servers, violated) => {
    const { status, body } = await change({ sourceServers: servers });
    expect([status, body.error.details.map((violation: { path: string }) => violation.path)]).toEqual([
      400,
      [violated],
    ]);
  });
});

describe('422', () => {
  /** Makes a deployment look as if it dated from a time when the compiler accepted more. */
  async function outdate(deploymentId: string) {
    const data = { definition: definition.replace('listPets', 'noSuchOperation') };
    await plane.database.asPlatform((tx) => tx.deployment.update({ where: { id: deploymentId }, data }));
  }
  const problem = {
    code: 'invalid_document',
    details: [{ path: 'definition#/workflows/0/steps/0/operationId', message: expect.any(String) }],
  };

  test('a change with which what runs would not compile changes nothing', async () => {
    const { body } = await deploy();
    await outdate(body.id);
    const changed = await change({ sourceServers, description: 'changed' });
    expect([changed.status, changed.body.error]).toMatchObject([422, problem]);
    expect((await plane.send('GET', path())).body.data).toMatchObject({ sourceServers: {}, description: null });
    expect(await publishedUrl()).toBe(original);
  });

  test('a rollback to what does not compile for the present servers', async () => {
    const first = await deploy('First');
    await deploy('Second');
    await change({ sourceServers });
    await outdate(first.body.id);
    const { status, body } = await rollBack(first.body.id);
    expect([status, body.error]).toMatchObject([422, problem]);
    expect(await publishedUrl()).toBe(staged);
  });
});

describe('409: what runs is always compiled for the servers that are set', () => {
  test('something else was deployed while a change compiled what ran', async () => {
    await deploy('First');
    const servers = createServers({
      database: plane.database,
      changes: plane.publishing.changes,
      cursors: createCursors('pepper'),
      externalServers: plane.domains.externalServers,
      pools: createPools([]),
      quotas: { requireRoom: async () => {} },
      inspectIssuer: async (_workspaceId, issuer) => issuer,
      deployments: {
        async recompileActive(...request) {
          const recompiled = await plane.domains.deployments.recompileActive(...request);
          await deploy('Second');
          return recompiled;
        },
      },
    });
    await expect(servers.change(principal, id, { sourceServers }, undefined)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await publishedUrl()).toBe(original);
  });

  test('the servers were changed while a deployment was compiled', async () => {
    await deploy('First');
    const { documents } = plane.domains;
    const deployments = createDeployments({
      database: plane.database,
      changes: plane.publishing.changes,
      documents: {
        ...documents,
        async build(...request) {
          const build = await documents.build(...request);
          await change({ sourceServers });
          return build;
        },
      },
    });
    const deployed = deployments.deploy(principal, id, { definition, references: referencesFor('Second') });
    await expect(deployed).rejects.toMatchObject({ code: 'conflict' });
    expect(await publishedUrl()).toBe(staged);
    const { body } = await plane.send('GET', `${path()}/deployments`);
    expect(body.data.map(({ state }: { state: string }) => state)).toEqual(['errored', 'active']);
  });
});
