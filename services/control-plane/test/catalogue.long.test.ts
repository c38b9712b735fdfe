import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CatalogueToolkit } from '@toolplane/contracts';
import { createCatalogueFilling } from '../src/servers/deployments/fill-catalogue.ts';
import { createConnectedApi, crmDescriptor, eventually } from './connected-api.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
/** Each test has its own tenant, because a catalogue contains all servers of a workspace. */
let key: string;
let workspaceId: string;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
});
afterAll(() => plane.close());

async function startTenant(): Promise<void> {
  ({ key, workspaceId } = await plane.createTenant());
}

async function deployWorkflow(name: string, definition = flowerDocument()): Promise<string> {
  const server = { name, mode: 'NORMAL', description: `About ${name}` };
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', server, { key });
  await plane.send('POST', `/api/v1/mcp-servers/${body.data.id}/deploy`, { definition }, { key });
  return body.data.id;
}

/** The catalogue as an edge that was just started reads it. */
async function readPublished(workspaceId: string): Promise<CatalogueToolkit[]> {
  await using fresh = await plane.openSnapshot();
  return (await fresh.getCatalogue(workspaceId))?.toolkits ?? [];
}

const tools = async (query = '') => (await api.get(`/tools?limit=100&${query}`, key)).body.data;
const toolkits = async (query = '') => (await api.get(`/toolkits?limit=100&${query}`, key)).body.data;
const slugs = (items: { slug: string }[]) => items.map(({ slug }) => slug);

describe('tools', () => {
  test('of workflows and connectors are listed together, by slug', async () => {
    await startTenant();
    const serverId = await deployWorkflow('desk');
    await api.register(crmDescriptor({ slug: 'crm' }), key);
    const { body } = await api.createInstance({ connector: 'crm' }, key);
    expect(await tools()).toEqual([
      {
        slug: 'crm.find_contact',
        name: 'find_contact',
        title: null,
        toolkit: 'crm',
        read_only: true,
        description: 'Finds a contact by its id.',
        connection: 'not_connected',
        server: { id: body.data.server.id, slug: 'crm-crm' },
      },
      {
        slug: 'tickets.ticket_status',
        name: 'ticket_status',
        title: null,
        toolkit: 'tickets',
        description: expect.any(String),
        read_only: true,
        connection: 'not_required',
        server: { id: serverId, slug: 'desk' },
      },
    ]);
    const [withSchema] = await tools('include_schemas=true&toolkit=crm');
    expect(withSchema.input_schema).toMatchObject({ type: 'object', required: ['id'] });
  });

  test('are found by slug, name, title and description, and filtered', async () => {
    await startTenant();
    await deployWorkflow(
      'desk',
      flowerDocument('100% right').replace('- id: ticket', '- x-title: Case state\n    id: ticket'),
    );
    await api.register(crmDescriptor({ slug: 'crm', tools: ['find_contact', 'find_deal'] }), key);
    await api.createInstance({ connector: 'crm', auth_type: 'oauth' }, key);
    expect(slugs(await tools('q=CRM.FIND_deal'))).toEqual(['crm.find_deal_mine']);
    expect(slugs(await tools('q=case%20STATE'))).toEqual(['tickets.ticket_status']);
    expect(slugs(await tools('q=100%25%20r'))).toEqual(['tickets.ticket_status']);
    expect(slugs(await tools('q=100_'))).toEqual([]);
    expect(slugs(await tools('read_only=true'))).toEqual(['tickets.ticket_status']);
    expect(slugs(await tools('read_only=false'))).toEqual(['crm.find_contact_mine', 'crm.find_deal_mine']);
    expect(slugs(await tools('toolkit=tickets'))).toEqual(['tickets.ticket_status']);
    expect(slugs(await tools('connection=not_connected'))).toHaveLength(2);
    expect((await api.get('/tools?limit=1&page=2', key)).body).toMatchObject({
      total: 3,
      totalPages: 3,
      hasNextPage: true,
      data: [{ slug: 'crm.find_deal_mine' }],
    });
    expect((await api.get('/tools?read_only=yes', key)).status).toBe(400);
  });

  test('are those that run: after a deployment, a rollback, a stop and a deletion', async () => {
    await startTenant();
    const id = await deployWorkflow('desk');
    const other = flowerDocument().replace('ticket_status', 'close_ticket');
    await plane.send('POST', `/api/v1/mcp-servers/${id}/deploy`, { definition: other }, { key });
    expect(slugs(await tools())).toEqual(['tickets.close_ticket']);
    const deployments = (await api.get(`/mcp-servers/${id}/deployments`, key)).body.data;
    const path = `/api/v1/mcp-servers/${id}/deployments/${deployments[1].id}/rollback`;
    expect((await plane.send('POST', path, undefined, { key })).status).toBe(200);
    expect(slugs(await tools())).toEqual(['tickets.ticket_status']);
    await plane.send('DELETE', `/api/v1/mcp-servers/${id}`, undefined, { key });
    expect(await tools()).toEqual([]);

    await api.register(crmDescriptor({ slug: 'crm' }), key);
    const instance = (await api.createInstance({ connector: 'crm' }, key)).body.data;
    const instancePath = `/api/v1/connector-instances/${instance.id}`;
    await plane.send('PATCH', instancePath, { is_enabled: false }, { key });
    expect(await tools()).toEqual([]);
    await plane.send('PATCH', instancePath, { is_enabled: true }, { key });
    expect(slugs(await tools())).toEqual(['crm.find_contact']);
    await api.register(crmDescriptor({ slug: 'crm', version: '2.0.0', tools: ['find_deal'] }), key);
    await eventually(tools, (listed) => slugs(listed)[0] === 'crm.find_deal');
    await plane.send('DELETE', instancePath, undefined, { key });
    expect(await tools()).toEqual([]);
  });

  test('whose texts contain what PostgreSQL cannot store are listed without it', async () => {
    await startTenant();
    await deployWorkflow('desk', flowerDocument().replace('Look a ticket up (a)', '"Look a ticket\\0 up"'));
    expect((await tools())[0].description).not.toContain('\0');
  });

  test('of servers that were deployed before the catalogue existed are listed once it is filled', async () => {
    await startTenant();
    await deployWorkflow('desk');
    await plane.database.asPlatform((tx) => tx.tool.deleteMany());
    expect(await tools()).toEqual([]);
    await createCatalogueFilling({ database: plane.database })();
    expect(slugs(await tools())).toEqual(['tickets.ticket_status']);
  });
});

describe('toolkits', () => {
  test('show what they are made of', async () => {
    await startTenant();
    const serverId = await deployWorkflow('desk');
    await api.register(crmDescriptor({ slug: 'crm', tools: ['find_contact', 'find_deal'] }), key);
    const request = { connector: 'crm', instance_name: 'Main account' };
    const { id, server } = (await api.createInstance(request, key)).body.data;
    expect(await toolkits()).toEqual([
      {
        slug: 'crm',
        name: 'CRM crm',
        description: 'Contacts of the sales department.',
        kind: 'connector',
        version: '1.0.0',
        categories: ['saas', 'custom'],
        tools_count: 2,
        connection: 'not_connected',
        instance_id: id,
        instance_name: 'Main account',
        connector: 'crm',
        server: { id: server.id, slug: server.slug },
        sla: { availability_percentage: 99.5, latency_ms_p95: 1500 },
      },
      {
        slug: 'tickets',
        name: 'desk',
        description: 'About desk',
        kind: 'workflow',
        categories: [],
        tools_count: 1,
        connection: 'not_required',
        server: { id: serverId, slug: 'desk' },
      },
    ]);
    expect(slugs(await toolkits('kind=workflow'))).toEqual(['tickets']);
    expect(slugs(await toolkits('category=saas'))).toEqual(['crm']);
    for (const q of ['SALES', 'main%20acc']) expect(slugs(await toolkits(`q=${q}`))).toEqual(['crm']);
  });

  test('keep their slugs, and no other ever gets one of them', async () => {
    await startTenant();
    await api.register(crmDescriptor({ slug: 'crm' }), key);
    await api.register(crmDescriptor({ slug: 'crm-3' }), key);
    const ids: string[] = [];
    for (const name of ['first', 'second']) {
      ids.push((await api.createInstance({ connector: 'crm', instance_name: name }, key)).body.data.id);
    }
    const remove = (id = '') => plane.send('DELETE', `/api/v1/connector-instances/${id}`, undefined, { key });
    const named = async () =>
      (await toolkits()).map((each: { slug: string; instance_name: string }) => [each.slug, each.instance_name]);
    await remove(ids[0]);
    expect(await named()).toEqual([['crm-2', 'second']]);
    await api.createInstance({ connector: 'crm-3', instance_name: 'other' }, key);
    await api.createInstance({ connector: 'crm', instance_name: 'third' }, key);
    expect(await named()).toEqual([
      ['crm-2', 'second'],
      ['crm-3', 'other'],
      ['crm-4', 'third'],
    ]);
    const patch = (change: object) => plane.send('PATCH', `/api/v1/connector-instances/${ids[1]}`, change, { key });
    for (const is_enabled of [false, true]) await patch({ is_enabled });
    expect(await named()).toContainEqual(['crm-2', 'second']);
  });

  test('of a document with another id have another slug, and the first slug again with the first id', async () => {
    await startTenant();
    const id = await deployWorkflow('desk');
    const deploy = (definition: string) =>
      plane.send('POST', `/api/v1/mcp-servers/${id}/deploy`, { definition }, { key });
    await deploy(flowerDocument().replace('id: tickets', 'id: cases'));
    expect(slugs(await toolkits())).toEqual(['cases']);
    await deployWorkflow('second', flowerDocument());
    await deploy(flowerDocument());
    expect(slugs(await toolkits())).toEqual(['tickets', 'tickets-2']);
    expect((await toolkits('q=desk'))[0].slug).toBe('tickets');
  });

  test('that share a slug are numbered, even when they come at the same moment', async () => {
    await startTenant();
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => deployWorkflow(name, flowerDocument(name))));
    expect(slugs(await toolkits())).toEqual(['tickets', 'tickets-2', 'tickets-3', 'tickets-4']);
  });

  test('that share a slug are numbered by age, and the oldest keeps it', async () => {
    await startTenant();
    for (const name of ['first', 'second', 'third']) await deployWorkflow(name, flowerDocument(name));
    const named = (await toolkits()).map(({ slug, name }: { slug: string; name: string }) => [slug, name]);
    expect(named).toEqual([
      ['tickets', 'first'],
      ['tickets-2', 'second'],
      ['tickets-3', 'third'],
    ]);
    expect(slugs(await tools('toolkit=tickets-2'))).toEqual(['tickets-2.ticket_status']);
  });

  test('are connected by credentials of the workspace or the organization, not by those of a user', async () => {
    await startTenant();
    await api.register(crmDescriptor({ slug: 'crm' }), key);
    const { id } = (await api.createInstance({ connector: 'crm' }, key)).body.data;
    const path = `/api/v1/connector-instances/${id}/credentials`;
    const sealed = await api.seal({ token: 'sk_live_canary' });
    const put = (body: object) => plane.send('PUT', path, { auth_type: 'token', sealed, ...body }, { key });
    const connection = async () => (await toolkits())[0].connection;
    await put({ scope: 'user', subject: 'ada' });
    expect(await connection()).toBe('not_connected');
    await put({ scope: 'workspace' });
    expect(await connection()).toBe('active');
    expect(slugs(await tools('connection=active'))).toEqual(['crm.find_contact']);
    const signInAs = (auth_type: string) =>
      plane.send('PATCH', `/api/v1/connector-instances/${id}`, { auth_type }, { key });
    await signInAs('oauth');
    expect(await connection()).toBe('not_connected');
    await signInAs('token');
    expect(await connection()).toBe('active');
    await plane.send('DELETE', `${path}/workspace`, undefined, { key });
    expect(await connection()).toBe('not_connected');
  });
});

describe('what the edge is told', () => {
  const published = () => readPublished(workspaceId);
  const names = (toolkits: CatalogueToolkit[]) => toolkits.map(({ toolkit, name }) => [toolkit, name]);
  const patch = (path: string, change: object) => plane.send('PATCH', `/api/v1/${path}`, change, { key });
  const post = (path: string) => plane.send('POST', `/api/v1/mcp-servers/${path}`, {}, { key });

  test('is every toolkit of the servers of the workspace that run, with words to find it by', async () => {
    await startTenant();
    expect(await published()).toEqual([]);
    const serverId = await deployWorkflow('desk');
    const descriptor = crmDescriptor({ slug: 'crm', tools: ['find_contact', 'find_deal'] });
    await api.register(descriptor.replace('categories:', 'tags: [sales]\n  categories:'), key);
    const instance = { connector: 'crm', instance_name: 'Main\n\u200baccount' };
    const { server } = (await api.createInstance(instance, key)).body.data;
    expect(await published()).toEqual([
      {
        serverId: server.id,
        toolkit: 'crm',
        name: 'CRM crm',
        synonyms: ['Main account', 'saas', 'custom', 'sales'],
      },
      { serverId, toolkit: 'tickets', name: 'desk' },
    ]);
  });

  test('tells instances of one connector apart by their own names', async () => {
    await startTenant();
    for (const slug of ['crm', 'mail']) await api.register(crmDescriptor({ slug }), key);
    for (const [connector, instance_name] of [
      ['crm', 'Production'],
      ['crm', 'Sandbox'],
      ['mail', 'Main'],
    ]) {
      await api.createInstance({ connector, instance_name }, key);
    }
    expect(names(await published())).toEqual([
      ['crm', 'CRM crm: Production'],
      ['crm-2', 'CRM crm: Sandbox'],
      ['mail', 'CRM mail'],
    ]);
  });

  test('follows what a server does: deployed, renamed, stopped, started, archived, deleted', async () => {
    await startTenant();
    const id = await deployWorkflow('desk');
    const other = { definition: flowerDocument().replace('id: tickets', 'id: cases') };
    await plane.send('POST', `/api/v1/mcp-servers/${id}/deploy`, other, { key });
    expect(names(await published())).toEqual([['cases', 'desk']]);
    await patch(`mcp-servers/${id}`, { name: 'front-desk' });
    expect(names(await published())).toEqual([['cases', 'front-desk']]);
    for (const action of ['stop', 'archive']) {
      await post(`${id}/${action}`);
      expect(await published()).toEqual([]);
      if (action === 'archive') await post(`${id}/unarchive`);
      await post(`${id}/start`);
      expect(names(await published())).toEqual([['cases', 'front-desk']]);
    }
    await plane.send('DELETE', `/api/v1/mcp-servers/${id}`, undefined, { key });
    expect(await published()).toEqual([]);
  });

  test('follows what an instance does: renamed, disabled, enabled, with another version, deleted', async () => {
    await startTenant();
    await api.register(crmDescriptor({ slug: 'crm' }), key);
    const { id } = (await api.createInstance({ connector: 'crm', instance_name: 'Main' }, key)).body.data;
    const path = `connector-instances/${id}`;
    await patch(path, { instance_name: 'Support' });
    expect((await published())[0]?.synonyms?.[0]).toBe('Support');
    await patch(path, { is_enabled: false });
    expect(await published()).toEqual([]);
    await patch(path, { is_enabled: true });
    expect(names(await published())).toEqual([['crm', 'CRM crm']]);
    const renamed = crmDescriptor({ slug: 'crm', version: '2.0.0' }).replace('CRM crm', 'Customers');
    await api.register(renamed, key);
    await eventually(published, (toolkits) => toolkits[0]?.name === 'Customers');
    await plane.send('DELETE', `/api/v1/${path}`, undefined, { key });
    expect(await published()).toEqual([]);
  });
});

describe('tenants', () => {
  test('an instance of the organization is in the catalogue of each of its workspaces, with its own connection', async () => {
    await api.register(crmDescriptor({ slug: 'shared-crm' }));
    const shared = (await api.createInstance({ connector: 'shared-crm', workspace: null })).body.data;
    const sealed = await api.seal({ token: 'sk_live_canary' });
    const credentials = { scope: 'workspace', auth_type: 'token', sealed };
    await plane.send('PUT', `/api/v1/connector-instances/${shared.id}/credentials`, credentials);
    const neighbour = await api.createNeighbour(['servers:read', 'servers:write']);
    key = neighbour.key;
    const desk = await deployWorkflow('neighbours-desk');
    const { server } = shared;
    expect(await toolkits()).toMatchObject([
      { slug: 'shared-crm', connection: 'not_connected', server: null },
      { slug: 'tickets' },
    ]);
    expect(await tools('toolkit=shared-crm')).toMatchObject([{ server: null }]);
    expect(slugs(await tools())).toEqual(['shared-crm.find_contact', 'tickets.ticket_status']);
    key = plane.rootKey;
    const inHome = { connection: 'active', server: { id: server.id, slug: server.slug } };
    expect(await toolkits('q=shared-crm')).toMatchObject([inHome]);
    expect(JSON.stringify(await tools())).not.toContain('neighbours-desk');
    // The edge offers what belongs to the workspace, and what the organization lends to it.
    expect((await readPublished(neighbour.workspaceId)).map(({ serverId }) => serverId)).toEqual([server.id, desk]);
    const atHome = (await readPublished('ws_default')).map(({ serverId }) => serverId);
    expect([atHome.includes(server.id), atHome.includes(desk)]).toEqual([true, false]);
    await startTenant();
    expect([await tools(), await toolkits()]).toEqual([[], []]);
  });

  test('401 without a key, 403 without the permission', async () => {
    const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'caller', permissions: ['tools:call'] });
    for (const path of ['/tools', '/toolkits']) {
      expect((await api.get(path, '')).status).toBe(401);
      expect((await api.get(path, body.data.key)).status).toBe(403);
    }
  });

  test('the tools of another workspace cannot be reached by the slug of their toolkit', async () => {
    await startTenant();
    await deployWorkflow('desk');
    const ownId = workspaceId;
    await startTenant();
    expect(ownId).not.toBe(workspaceId);
    expect(await tools('toolkit=tickets')).toEqual([]);
  });
});
