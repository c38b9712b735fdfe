import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConnectedApi, crmDescriptor } from './connected-api.ts';
import { flowerDocumentOf, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

/* Servers in mode NORMAL that offer tools of other servers of their workspace in addition to their own. */

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
/** Each group of tests has its own tenant, because the numbers in slugs depend on the existing ones. */
let key: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
});
afterAll(() => plane.close());

const path = '/api/v1/mcp-servers';
const send = (method: string, to: string, body?: unknown) => plane.send(method, to, body, { key });
const create = async (name: string, fields: object = {}) => (await send('POST', path, { name, ...fields })).body.data;
const deploy = (id: string, definition: string) => send('POST', `${path}/${id}/deploy`, { definition });
const select = (id: string, selectedTools: string[]) => send('PATCH', `${path}/${id}`, { selectedTools });
const get = async (id: string) => (await send('GET', `${path}/${id}`)).body.data;

async function deployed(name: string, ...tools: string[]): Promise<string> {
  const { id } = await create(name);
  expect((await deploy(id, flowerDocumentOf(name, ...tools))).status).toBe(201);
  return id;
}

/** The tools that the edge offers, by the names that clients see. */
async function offered(id: string) {
  const row = await plane.database.asPlatform((tx) => tx.server.findUnique({ where: { id } }));
  let manifest = await plane.snapshot.getManifest(id);
  // The manifest was published before the response, but the notification may still be on its way.
  while (row !== null && (manifest?.revision ?? 0) < row.revision) {
    await delay(5);
    manifest = await plane.snapshot.getManifest(id);
  }
  return Object.fromEntries((manifest?.tools ?? []).map((tool) => [tool.name, tool]));
}
const names = async (id: string) => Object.keys(await offered(id));

describe('a server offers', () => {
  let desk: string;
  let crm: { id: string; server: { id: string } };
  beforeAll(async () => {
    ({ key } = await plane.createTenant());
    desk = await deployed('desk', 'close_case', 'find_case');
    await api.register(crmDescriptor({ slug: 'crm', tools: ['find_contact', 'find_case'] }), key);
    crm = (await api.createInstance({ connector: 'crm' }, key)).body.data;
  });

  test('its own tools and the selected ones, each with the plan and the hosts of its origin', async () => {
    const { id } = await create('mixed', { mode: 'NORMAL', config: { allowedHosts: ['own.example.test'] } });
    await deploy(id, flowerDocumentOf('mixed', 'ticket_status'));
    await send('PATCH', `${path}/${desk}`, { config: { allowedHosts: ['desk.example.test'] } });
    const { status, body } = await select(id, ['desk.close_case', 'crm.find_contact']);
    expect([status, body.data.selectedTools]).toEqual([200, ['desk.close_case', 'crm.find_contact']]);
    expect(body.data).toMatchObject({ renamed: [], missing: [], leftOut: [], mode: 'NORMAL' });
    const tools = await offered(id);
    expect(Object.keys(tools)).toEqual(['ticket_status', 'close_case', 'find_contact']);
    const atHome = await offered(desk);
    const place = { nameInToolkit: 'close_case', origin: { serverId: desk, name: 'close_case' } };
    expect(tools['close_case']).toEqual({ ...atHome['close_case'], ...place });
    expect(tools['find_contact']).toMatchObject({ usesConnection: true, origin: { serverId: crm.server.id } });
    expect(tools['ticket_status']).not.toHaveProperty('origin');
    const plan = await plane.snapshot.getPlan(tools['close_case']?.planDigest ?? '');
    expect(plan).toMatchObject({ serverId: desk, tool: 'close_case', allowedHosts: ['desk.example.test'] });
    const config = (await send('GET', `/api/v1/mcp_manager/${id}/config`)).body.data;
    expect(config).toMatchObject({ selectedTools: ['desk.close_case', 'crm.find_contact'], missing: [] });
    expect(config.tools.map(({ name }: { name: string }) => name)).toEqual(Object.keys(tools));
    expect(config.tools[2].inputSchema).toMatchObject({ required: ['id'] });
  });

  test('selected ones alone, and runs', async () => {
    const { id, state } = await create('selecting', { mode: 'NORMAL', selectedTools: ['desk.close_case'] });
    expect(state).toBe('running');
    expect(await plane.snapshot.getManifest(id)).toMatchObject({ state: 'running', tools: [{ name: 'close_case' }] });
    expect((await get(id)).selectedTools).toEqual(['desk.close_case']);
  });

  test('none of them in mode SMART, and all of them when it is NORMAL again', async () => {
    const { id } = await create('moody', { mode: 'NORMAL', selectedTools: ['desk.close_case'] });
    await send('PATCH', `${path}/${id}`, { mode: 'SMART' });
    expect(await plane.snapshot.getManifest(id)).toMatchObject({ mode: 'smart', tools: [] });
    await send('PATCH', `${path}/${id}`, { mode: 'NORMAL' });
    expect(await names(id)).toEqual(['close_case']);
  });

  test('two tools with the same name under the names of their toolkits, and says so', async () => {
    const slugs = ['desk.find_case', 'crm.find_case'];
    const { id, renamed } = await create('both', { mode: 'NORMAL', selectedTools: slugs });
    expect(renamed).toEqual([
      { slug: 'desk.find_case', name: 'desk__find_case' },
      { slug: 'crm.find_case', name: 'crm__find_case' },
    ]);
    expect((await get(id)).renamed).toEqual(renamed);
    const tools = await offered(id);
    expect(tools).toMatchObject({
      desk__find_case: { origin: { serverId: desk, name: 'find_case' } },
      crm__find_case: { origin: { serverId: crm.server.id, name: 'find_case' } },
    });
  });

  test('tools of several instances of one connector with the name of the instance, whose account they use', async () => {
    await api.register(crmDescriptor({ slug: 'sales', tools: ['find_deal'] }), key);
    const make = async (instance_name: string) =>
      (await api.createInstance({ connector: 'sales', instance_name }, key)).body.data;
    const [one, two] = [await make('Europe'), await make('Asia')];
    const slugs = ['sales.find_deal', 'crm.find_contact'];
    const { id } = await create('one-account', { mode: 'NORMAL', selectedTools: slugs });
    const texts = async () => Object.values(await offered(id)).map(({ description }) => description);
    const [deal, contact] = ['Finds a contact by its id.', 'Finds a contact by its id.'];
    expect(await texts()).toEqual([deal, contact]);
    await select(id, [...slugs, 'sales-2.find_deal']);
    expect(await texts()).toEqual([`${deal}\n\nAccount: Europe`, contact, `${deal}\n\nAccount: Asia`]);
    const config = (await send('GET', `${path}/${id}/config`)).body.data;
    expect(config.tools.map(({ description }: { description: string }) => description)).toEqual(await texts());
    await send('PATCH', `/api/v1/connector-instances/${two.id}`, { instance_name: 'Africa' });
    expect((await texts()).at(-1)).toBe(`${deal}\n\nAccount: Africa`);
    const [first] = Object.values(await offered(id));
    const plan = await plane.snapshot.getPlan(first?.planDigest ?? '');
    expect(plan).toMatchObject({ connection: { instanceId: one.id, instanceName: 'Europe' } });
    await select(id, slugs);
    expect(await texts()).toEqual([deal, contact]);
  });

  test('its own tool by its own name, whatever is selected, and leaves out one without a free name', async () => {
    const { id } = await create('full', { mode: 'NORMAL', selectedTools: ['desk.find_case'] });
    expect(await names(id)).toEqual(['find_case']);
    await deploy(id, flowerDocumentOf('full', 'find_case'));
    expect(await names(id)).toEqual(['find_case', 'desk__find_case']);
    await deploy(id, flowerDocumentOf('full', 'find_case', 'desk__find_case'));
    expect(await names(id)).toEqual(['find_case', 'desk__find_case']);
    expect(await get(id)).toMatchObject({ renamed: [], leftOut: [{ slug: 'desk.find_case' }] });
  });
});

describe('400 with nothing saved', () => {
  beforeAll(async () => {
    ({ key } = await plane.createTenant());
    await deployed('desk', 'close_case', 'close_cases', 'find_case', 'open_case');
  });
  const refusal = async (method: string, to: string, body: object) => {
    const answer = await send(method, to, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request']);
    return answer.body.error.details;
  };

  test('for unknown slugs, each with up to three that may have been meant', async () => {
    const slugs = ['desk.close_case', 'desk.close_csae', 'nothing.of-the-kind'];
    const details = await refusal('POST', path, { name: 'new', mode: 'NORMAL', selectedTools: slugs });
    expect(details).toEqual([
      {
        path: 'body.selectedTools.1',
        message: expect.any(String),
        suggestions: ['desk.close_case', 'desk.close_cases', expect.any(String)],
      },
      { path: 'body.selectedTools.2', message: expect.any(String), suggestions: [] },
    ]);
    expect((await send('GET', `${path}/new`)).status).toBe(404);
  });

  test('for a change that selects something unknown', async () => {
    const { id } = await create('kept', { mode: 'NORMAL', selectedTools: ['desk.close_case'] });
    await refusal('PATCH', `${path}/${id}`, { selectedTools: ['desk.x'], description: 'changed' });
    expect(await get(id)).toMatchObject({ version: 1, description: null, selectedTools: ['desk.close_case'] });
    expect(await names(id)).toEqual(['close_case']);
  });

  test('for a server in mode SMART, unless it becomes NORMAL with it', async () => {
    const { id } = await create('smart');
    expect(await refusal('PATCH', `${path}/${id}`, { selectedTools: ['desk.close_case'] })).toMatchObject([
      { path: 'body.selectedTools' },
    ]);
    const both = { mode: 'NORMAL', selectedTools: ['desk.close_case'] };
    expect((await send('PATCH', `${path}/${id}`, both)).status).toBe(200);
    await refusal('PATCH', `${path}/${id}`, { ...both, mode: 'SMART' });
  });

  test('for the same tool twice, for more than 200, and for one of its own tools', async () => {
    const twice = ['desk.close_case', 'desk.find_case', 'desk.close_case'];
    expect(await refusal('POST', path, { name: 'twice', mode: 'NORMAL', selectedTools: twice })).toMatchObject([
      { path: 'body.selectedTools.2' },
    ]);
    const many = Array.from({ length: 201 }, (_, index) => `desk.tool_${index}`);
    await refusal('POST', path, { name: 'many', mode: 'NORMAL', selectedTools: many });
    await send('PATCH', `${path}/desk`, { mode: 'NORMAL' });
    const [own] = await refusal('PATCH', `${path}/desk`, { selectedTools: ['desk.close_case'] });
    expect(own).toMatchObject({ path: 'body.selectedTools.0', message: expect.stringContaining('this server') });
  });

  test('for a tool of another workspace, as for one that does not exist (T1)', async () => {
    key = plane.rootKey;
    await deployed('hidden', 'find_secret');
    ({ key } = await api.createNeighbour(['servers:read', 'servers:write']));
    const selectedTools = ['hidden.find_secret'];
    const details = await refusal('POST', path, { name: 'far', mode: 'NORMAL', selectedTools });
    expect(details).toEqual([
      { path: 'body.selectedTools.0', message: 'is not in any toolkit of the catalogue', suggestions: [] },
    ]);
  });
});

describe('on a public server', () => {
  const selection = { mode: 'NORMAL', isPublic: true, selectedTools: ['desk.close_case', 'open.say_hello'] };
  beforeAll(async () => {
    ({ key } = await plane.createTenant());
    await deployed('desk', 'close_case');
    await send('PATCH', `${path}/${await deployed('open', 'say_hello')}`, { isPublic: true });
  });

  test('tools that need a key at their origin are named in the answer, because anybody can call them here', async () => {
    const { id, exposed } = await create('hello', { ...selection, isPublic: false });
    expect(exposed).toEqual([]);
    const { body } = await send('PATCH', `${path}/${id}`, { isPublic: true });
    expect(body.data.exposed).toEqual(['desk.close_case']);
    expect((await get(id)).exposed).toEqual(['desk.close_case']);
    expect((await send('GET', `${path}/${id}/config`)).body.data.exposed).toEqual(['desk.close_case']);
    const copy = await send('POST', `${path}/${id}/duplicate`, { name: 'hello-2' });
    expect(copy.body.data.exposed).toEqual(['desk.close_case']);
  });

  test('tools of the organization are for those who may make their own server public, even while they are missing (T1)', async () => {
    key = plane.rootKey;
    await api.register(crmDescriptor({ slug: 'org-crm' }));
    const instance = (await api.createInstance({ connector: 'org-crm', workspace: null })).body.data;
    const shared = { ...selection, selectedTools: ['org-crm.find_contact'] };
    const { id } = await create('internal', { ...shared, isPublic: false });
    await create('for-everybody', shared);
    const permissions = ['servers:read', 'servers:write'];
    key = (await send('POST', '/api/v1/api-keys', { name: 'k', permissions })).body.data.key;
    const attempts = async () => [
      (await send('POST', path, { name: 'leak', ...shared })).status,
      (await send('PATCH', `${path}/${id}`, { isPublic: true })).status,
      (await send('POST', `${path}/for-everybody/duplicate`, { name: 'leak' })).status,
    ];
    expect(await attempts()).toEqual([403, 403, 403]);
    expect((await send('PATCH', `${path}/${id}`, { description: 'for us' })).status).toBe(200);
    await plane.send('PATCH', `/api/v1/connector-instances/${instance.id}`, { is_enabled: false });
    expect((await get(id)).missing).toEqual(shared.selectedTools);
    expect((await attempts()).slice(1)).toEqual([403, 403]);
    expect((await send('PATCH', `${path}/for-everybody`, { isPublic: false })).status).toBe(200);
  });
});

test('409 for the server of a connector instance, which alone decides what it offers', async () => {
  ({ key } = await plane.createTenant());
  await deployed('desk', 'close_case');
  await api.register(crmDescriptor({ slug: 'crm' }), key);
  const { server } = (await api.createInstance({ connector: 'crm' }, key)).body.data;
  expect((await select(server.id, ['desk.close_case'])).status).toBe(409);
});

describe('the server follows at once what its origin does', () => {
  let desk: string;
  let id: string;
  beforeAll(async () => {
    ({ key } = await plane.createTenant());
    desk = await deployed('desk', 'close_case', 'find_case');
    ({ id } = await create('mixed', { mode: 'NORMAL', selectedTools: ['desk.close_case', 'desk.find_case'] }));
  });

  test('a tool that is gone is missing and not offered, and comes back with the same name', async () => {
    const { revision = 0 } = (await plane.snapshot.getManifest(id)) ?? {};
    await deploy(desk, flowerDocumentOf('desk', 'find_case'));
    expect(await names(id)).toEqual(['find_case']);
    expect((await plane.snapshot.getManifest(id))?.revision).toBeGreaterThan(revision);
    expect(await get(id)).toMatchObject({ missing: ['desk.close_case'], state: 'running' });
    expect((await send('GET', `${path}/${id}/config`)).body.data).toMatchObject({ missing: ['desk.close_case'] });
    // A missing tool may stay selected when the rest is changed.
    expect((await select(id, ['desk.find_case', 'desk.close_case'])).status).toBe(200);
    const { body } = await send('GET', `${path}/${desk}/deployments`);
    await send('POST', `${path}/${desk}/deployments/${body.data[1].id}/rollback`);
    expect(await names(id)).toEqual(['find_case', 'close_case']);
    expect((await get(id)).missing).toEqual([]);
  });

  test('a document of another id is another toolkit', async () => {
    await deploy(desk, flowerDocumentOf('other', 'close_case', 'find_case'));
    expect(await names(id)).toEqual([]);
    expect(await plane.snapshot.getManifest(id)).toMatchObject({ state: 'running' });
    await deploy(desk, flowerDocumentOf('desk', 'close_case', 'find_case'));
    expect(await names(id)).toHaveLength(2);
  });

  test('its allowed hosts', async () => {
    await send('PATCH', `${path}/${desk}`, { config: { allowedHosts: ['new.example.test'] } });
    const { close_case } = await offered(id);
    expect(close_case?.planDigest).toBe((await offered(desk))['close_case']?.planDigest);
    expect(await plane.snapshot.getPlan(close_case?.planDigest ?? '')).toMatchObject({
      allowedHosts: ['new.example.test'],
    });
  });

  test('an instance that is turned off and on, whose credentials change, and that is deleted', async () => {
    await api.register(crmDescriptor({ slug: 'crm' }), key);
    const instance = (await api.createInstance({ connector: 'crm' }, key)).body.data;
    await select(id, ['crm.find_contact', 'desk.find_case']);
    const instancePath = `/api/v1/connector-instances/${instance.id}`;
    const before = await plane.snapshot.getManifest(id);
    const sealed = await api.seal({ token: 'sk_live_canary' });
    await send('PUT', `${instancePath}/credentials`, { scope: 'workspace', auth_type: 'token', sealed });
    expect((await plane.snapshot.getManifest(id))?.toolsetVersion).not.toBe(before?.toolsetVersion);
    await send('PATCH', instancePath, { is_enabled: false });
    expect(await names(id)).toEqual(['find_case']);
    await send('PATCH', instancePath, { is_enabled: true });
    expect(await names(id)).toEqual(['find_contact', 'find_case']);
    await send('DELETE', instancePath);
    expect(await names(id)).toEqual(['find_case']);
    expect((await get(id)).missing).toEqual(['crm.find_contact']);
  });

  test('two that select from each other, even when both change at the same moment', async () => {
    await send('PATCH', `${path}/${desk}`, { mode: 'NORMAL' });
    await deploy(id, flowerDocumentOf('mixed', 'ticket_status'));
    await select(id, ['desk.close_case']);
    await select(desk, ['mixed.ticket_status']);
    await Promise.all(
      Array.from({ length: 4 }, (_, round) => [
        deploy(id, flowerDocumentOf('mixed', 'ticket_status', `of_round_${round}`)),
        deploy(desk, flowerDocumentOf('desk', 'close_case', `of_round_${round}`)),
      ]).flat(),
    ).then((answers) => expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201)));
    const same = async (own: string, other: string, name: string) =>
      expect((await offered(own))[name]?.planDigest).toBe((await offered(other))[name]?.planDigest);
    await same(id, desk, 'close_case');
    await same(desk, id, 'ticket_status');
  });

  test('its deletion, while Redis is away, as soon as it is back', async () => {
    await select(id, ['desk.close_case']);
    await plane.redis.kill();
    expect((await send('DELETE', `${path}/${desk}`)).status).toBe(204);
    expect((await get(id)).missing).toEqual(['desk.close_case']);
    await plane.redis.start();
    for (;;) {
      const isUp = await plane.publishing.catchUp().then(
        () => true,
        () => false,
      );
      if (isUp) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await using fresh = await plane.openSnapshot();
    const [selecting, deleted] = [await fresh.getManifest(id), await fresh.getManifest(desk)];
    expect(selecting?.tools.map(({ name }) => name)).toEqual(['ticket_status', expect.stringContaining('of_round')]);
    expect(deleted).toMatchObject({ state: 'deleted' });
  });
});
