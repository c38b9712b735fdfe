import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createConnectedApi } from './connected-api.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

/* Lifecycle of servers: stopped, started, archived, duplicated. */

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let key: string;
let id: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
});
afterAll(() => plane.close());
beforeEach(async () => {
  ({ key } = await plane.createTenant());
  id = (await send('POST', path, { name: 'desk', mode: 'NORMAL', description: 'A desk' })).body.data.id;
  expect((await deploy()).status).toBe(201);
});

const path = '/api/v1/mcp-servers';
const send = (method: string, to: string, body?: unknown) => plane.send(method, to, body, { key });
const act = (name: string, of = id) => send('POST', `${path}/${of}/${name}`);
const deploy = (definition = flowerDocument()) => send('POST', `${path}/${id}/deploy`, { definition });
const published = async (of = id) => {
  const manifest = await plane.snapshot.getManifest(of);
  return [manifest?.state, ...(manifest?.tools ?? []).map(({ name }) => name)];
};
/** Waits until the state is published, because other processes receive it by messages, some of them a little later. */
const isPublished = async (expected: unknown[], of = id) => {
  while (!isDeepStrictEqual(await published(of), expected)) await delay(10);
};
const catalogue = async () => (await api.get('/tools', key)).body.data.map(({ slug }: { slug: string }) => slug);
const listed = async (query = '') =>
  (await send('GET', `${path}?${query}`)).body.data.map(({ slug }: { slug: string }) => slug);

describe('a server that is stopped', () => {
  test('offers nothing, here and for the other planes, until it is started', async () => {
    const stopped = await act('stop');
    expect(stopped.status).toBe(200);
    expect(stopped.body.data).toMatchObject({ state: 'stopped', isStopped: true, isArchived: false, version: 2 });
    expect(stopped.headers.get('etag')).toBe('"2"');
    await isPublished(['stopped']);
    expect(await catalogue()).toEqual([]);
    expect((await send('GET', `${path}/${id}/config`)).body.data.tools).toEqual([]);
    const started = await send('POST', `/api/v1/mcp_manager/desk/start`);
    expect(started.body.data).toMatchObject({ state: 'running', isStopped: false, version: 3 });
    await isPublished(['running', 'ticket_status']);
    expect(await catalogue()).toEqual(['tickets.ticket_status']);
  });

  test('stays stopped when something is deployed to it or it is changed', async () => {
    await act('stop');
    expect((await deploy(flowerDocument().replace('ticket_status', 'other'))).status).toBe(201);
    await send('PATCH', `${path}/${id}`, { description: 'changed', sourceServers: { api: 'https://a.example.test' } });
    await isPublished(['stopped']);
    expect(await catalogue()).toEqual([]);
    await act('start');
    await isPublished(['running', 'other']);
  });

  test('may be stopped again, with no effect', async () => {
    await act('stop');
    expect((await act('stop')).body.data.version).toBe(2);
  });

  test('is missing where its tools are selected, and offers none that it selects itself', async () => {
    const request = { name: 'mixed', mode: 'NORMAL', selectedTools: ['tickets.ticket_status'] };
    const mixed = (await send('POST', path, request)).body.data.id;
    await act('stop');
    await isPublished(['running'], mixed);
    expect((await send('GET', `${path}/${mixed}`)).body.data.missing).toEqual(['tickets.ticket_status']);
    await act('start');
    await isPublished(['running', 'ticket_status'], mixed);
    await act('stop', mixed);
    await isPublished(['stopped'], mixed);
    expect((await send('GET', `${path}/${mixed}/config`)).body.data.tools).toEqual([]);
  });
});

describe('a server that is archived', () => {
  test('is stopped and listed apart, and its name stays taken', async () => {
    const { body } = await act('archive');
    expect(body.data).toMatchObject({ state: 'stopped', isStopped: true, isArchived: true });
    await send('POST', path, { name: 'other' });
    expect([await listed(), await listed('isArchived=false'), await listed('isArchived=true')]).toEqual([
      ['other'],
      ['other'],
      ['desk'],
    ]);
    await isPublished(['stopped']);
    expect(await catalogue()).toEqual([]);
    expect((await send('POST', path, { name: 'desk' })).status).toBe(409);
    expect((await send('GET', `${path}/desk`)).body.data.id).toBe(id);
  });

  test('cannot be started before it is unarchived, and is stopped then', async () => {
    await act('archive');
    expect((await act('start')).status).toBe(409);
    expect((await act('unarchive')).body.data).toMatchObject({ isStopped: true, isArchived: false });
    expect(await listed()).toEqual(['desk']);
    await act('start');
    await isPublished(['running', 'ticket_status']);
  });
});

describe('a duplicate', () => {
  test('has the settings and runs the same, with plans and a toolkit of its own, and without secrets', async () => {
    const sealed = await sealAnywhere(plane.sealingKey, { value: 'a-secret-value', hosts: ['api.example.test'] });
    expect((await send('PUT', `${path}/${id}/secrets/API_KEY`, { sealed })).status).toBe(200);
    const settings = { isPublic: true, config: { allowedHosts: ['*.example.test'] } };
    await send('PATCH', `${path}/${id}`, settings);
    const { status, body } = await send('POST', `${path}/desk/duplicate`, { name: 'second-desk' });
    expect(status).toBe(201);
    expect(body.data).toMatchObject({
      slug: 'second-desk',
      description: 'A desk',
      ...settings,
      state: 'running',
      version: 1,
      secretsToSet: ['API_KEY'],
      diagnostics: expect.any(Array),
      selectedTools: [],
    });
    const copy = body.data.id;
    expect(copy).not.toBe(id);
    const [tool] = (await plane.snapshot.getManifest(copy))?.tools ?? [];
    expect(await plane.snapshot.getPlan(tool?.planDigest ?? '')).toMatchObject({ serverId: copy });
    expect(await catalogue()).toEqual(['tickets-2.ticket_status', 'tickets.ticket_status']);
    expect((await send('GET', `${path}/${copy}/secrets`)).body.data).toEqual([]);
    const deployments = (await send('GET', `${path}/${copy}/deployments`)).body.data;
    expect(deployments).toMatchObject([{ state: 'active' }]);
    const shown = (await send('GET', `${path}/${copy}/deployments/${deployments[0].id}`)).body.data;
    expect(shown.definition).toBe(flowerDocument());
  });

  test('keeps the selection, including what is missing, and runs when the original is stopped', async () => {
    const request = { name: 'mixed', mode: 'NORMAL', selectedTools: ['tickets.ticket_status'] };
    await send('POST', path, request);
    await act('stop');
    const copy = (await send('POST', `${path}/mixed/duplicate`, { name: 'mixed-2' })).body.data;
    expect(copy).toMatchObject({ selectedTools: ['tickets.ticket_status'], missing: ['tickets.ticket_status'] });
    const desk = (await send('POST', `${path}/${id}/duplicate`, { name: 'desk-2' })).body.data;
    expect(desk).toMatchObject({ state: 'running', isStopped: false });
  });

  test('of a server without a document has none', async () => {
    await send('POST', path, { name: 'empty', mode: 'NORMAL' });
    const { status, body } = await send('POST', `${path}/empty/duplicate`, { name: 'empty-2' });
    expect([status, body.data.state, body.data.secretsToSet]).toEqual([201, 'stopped', []]);
    expect(await published(body.data.id)).toEqual(['stopped']);
  });

  test('needs a name that is free, and leaves nothing when it cannot be published', async () => {
    expect((await send('POST', `${path}/${id}/duplicate`, { name: 'desk' })).status).toBe(409);
    expect((await send('POST', `${path}/${id}/duplicate`, { name: 'Not A Slug' })).status).toBe(400);
    await plane.redis.kill();
    expect((await send('POST', `${path}/${id}/duplicate`, { name: 'late' })).status).toBe(503);
    await plane.redis.start();
    expect(await listed()).toEqual(['desk']);
  });
});

test('a step based on an older version is 409 with If-Match, and changes nothing', async () => {
  await send('PATCH', `${path}/${id}`, { description: 'changed' });
  const stepAt = async (name: string, version: number) =>
    (await plane.send('POST', `${path}/${id}/${name}`, undefined, { key, headers: { 'if-match': `"${version}"` } }))
      .status;
  for (const name of ['stop', 'start', 'archive', 'unarchive']) expect(await stepAt(name, 1)).toBe(409);
  await isPublished(['running', 'ticket_status']);
  expect([await stepAt('stop', 2), await stepAt('archive', 3)]).toEqual([200, 200]);
});

test('409 for the server of a connector instance, which is stopped at its instance', async () => {
  const { server } = (await api.createInstance({}, key)).body.data;
  for (const name of ['stop', 'start', 'archive', 'unarchive']) expect((await act(name, server.id)).status).toBe(409);
  expect((await send('POST', `${path}/${server.id}/duplicate`, { name: 'copy' })).status).toBe(409);
});
