import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Manifest } from '@toolplane/contracts';
import { createConnectedApi } from './connected-api.ts';
import { flowerDocument, flowerDocumentOf, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

let plane: TestControlPlane;
/** The key of a tenant with a known catalogue. */
let key: string;
/** The server with the tools `close_case` and `find_case`, in the toolkit `desk`. */
let desk: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
  ({ key } = await plane.createTenant());
  desk = await deployed('desk', 'close_case', 'find_case');
});
afterAll(() => plane.close());

const servers = '/api/v1/mcp-servers';
const send = (method: string, to: string, body?: unknown, as = key) => plane.send(method, to, body, { key: as });
const create = async (name: string, fields: object = {}) =>
  (await send('POST', servers, { name, ...fields })).body.data.id as string;
const put = (id: string, policy: unknown, more: object = {}) =>
  send('PUT', `${servers}/${id}/policy`, { policy, ...more });
async function deployed(name: string, ...tools: string[]): Promise<string> {
  const id = await create(name, { mode: 'NORMAL' });
  const definition = flowerDocumentOf(name, ...tools);
  expect((await send('POST', `${servers}/${id}/deploy`, { definition })).status).toBeLessThan(300);
  return id;
}

/** Waits until edges have the current manifest, and returns it. */
async function published(id: string): Promise<Manifest> {
  const row = await plane.database.asPlatform((tx) => tx.server.findUniqueOrThrow({ where: { id } }));
  for (;;) {
    const manifest = await plane.snapshot.getManifest(id);
    if (manifest !== undefined && manifest.revision >= row.revision) return manifest;
    await delay(5);
  }
}

const rule = { id: 'no-closing', description: 'Cases stay open', effect: 'deny', tools: { names: ['close_case'] } };
const policy = { unmatched: 'allow', rules: [rule], limits: [] };

describe('the policy of a server', () => {
  test('does not exist at first, is replaced as a whole, and edges get it with its server', async () => {
    const id = await deployed('replaced', 'close_case');
    const none = await send('GET', `${servers}/${id}/policy`);
    expect([none.status, none.body.data]).toEqual([200, { policy: null, version: 0 }]);
    const ungoverned = await published(id);
    expect(ungoverned).not.toHaveProperty('policy');
    // Patterns of keys name the toolkit as well.
    expect(ungoverned.tools).toMatchObject([{ name: 'close_case', toolkit: 'replaced' }]);

    const { status, body, headers } = await put(id, { rules: [rule] });
    expect([status, headers.get('etag')]).toEqual([200, '"1"']);
    expect(body.data).toEqual({ policy, version: 1, warnings: [] });
    expect((await send('GET', `/api/v1/mcp_manager/${id}/policy`)).body.data).toEqual({ policy, version: 1 });
    const manifest = await published(id);
    expect(manifest.policy).toEqual(policy);
    expect(manifest.tools).toMatchObject([{ name: 'close_case', toolkit: 'replaced' }]);
  });

  test('is gone when it is deleted, and its version goes on', async () => {
    const id = await deployed('deleted', 'close_case');
    await put(id, policy);
    const removed = await send('DELETE', `${servers}/${id}/policy`);
    expect([removed.status, removed.body.data]).toEqual([200, { policy: null, version: 2 }]);
    const manifest = await published(id);
    expect(manifest).not.toHaveProperty('policy');
    expect((await send('DELETE', `${servers}/${id}/policy`)).body.data.version).toBe(2);
    expect((await put(id, policy, { version: 0 })).status).toBe(409);
    expect((await put(id, policy, { version: 2 })).body.data.version).toBe(3);
  });

  test('is not overwritten with one that was based on an earlier version: 409', async () => {
    const id = await create('versions');
    const withETag = (etag: string) =>
      plane.send('PUT', `${servers}/${id}/policy`, { policy }, { key, headers: { 'if-match': etag } });
    expect((await put(id, policy, { version: 0 })).status).toBe(200);
    expect((await put(id, policy, { version: 0 })).status).toBe(409);
    expect((await withETag('"0"')).status).toBe(409);
    expect((await withETag('"1"')).status).toBe(200);
    expect((await withETag('*')).status).toBe(200);
  });

  test('is copied when the server is duplicated, and is independent from then on', async () => {
    const id = await deployed('original', 'close_case');
    await put(id, policy);
    const copy = (await send('POST', `${servers}/${id}/duplicate`, { name: 'copy' })).body.data.id;
    expect((await send('GET', `${servers}/${copy}/policy`)).body.data).toEqual({ policy, version: 1 });
    expect((await published(copy)).policy).toEqual(policy);
    await send('DELETE', `${servers}/${copy}/policy`);
    expect((await send('GET', `${servers}/${id}/policy`)).body.data.policy).toEqual(policy);
  });

  test('applies wherever its tools are selected, even when it is changed later', async () => {
    const home = await deployed('home', 'close_case', 'find_case');
    const id = await create('selecting', { mode: 'NORMAL', selectedTools: ['home.close_case', 'home.find_case'] });
    const place = { toolkit: 'home', nameInToolkit: 'close_case', origin: { serverId: home, name: 'close_case' } };
    const tools = [place, { toolkit: 'home', nameInToolkit: 'find_case' }];
    const ungoverned = await published(id);
    expect(ungoverned).not.toHaveProperty('originPolicies');
    expect(ungoverned.tools).toMatchObject(tools);
    await put(home, policy);
    const manifest = await published(id);
    expect(manifest).toMatchObject({ originPolicies: { [home]: policy }, tools });
    expect(manifest).not.toHaveProperty('policy');
    await send('DELETE', `${servers}/${home}/policy`);
    expect(await published(id)).not.toHaveProperty('originPolicies');
  });

  test('warns of tools that the server does not offer, and says which may be meant', async () => {
    const { status, body } = await put(desk, {
      rules: [{ ...rule, tools: { names: ['close_cas', 'desk.*', 'x*'], toolkits: ['desk', 'crm'] } }],
      limits: [{ id: 'few', per: 'server', concurrent: 1, tools: { names: ['find_case'] } }],
    });
    expect(status).toBe(200);
    expect(body.data.warnings).toMatchObject([
      { path: 'policy.rules.0.tools.names.0', suggestions: expect.arrayContaining(['close_case']) },
      { path: 'policy.rules.0.tools.names.2', suggestions: [] },
      { path: 'policy.rules.0.tools.toolkits.1', suggestions: [] },
    ]);
    await send('DELETE', `${servers}/${desk}/policy`);
  });

  test('warns of prompts and resources that the server does not offer, and suggests those that it does', async () => {
    const id = await create('prompting', { mode: 'NORMAL' });
    const others = `
x-prompts:
  - id: triage
    description: Walks through one case.
    messages: [{ role: user, text: Triage it }]
x-resources:
  - uri_template: "case://{number}"
    name: case
    text: "Case $inputs.number"
`;
    const definition = flowerDocumentOf('prompting', 'close_case') + others;
    expect((await send('POST', `${servers}/${id}/deploy`, { definition })).status).toBeLessThan(300);
    const names = ['prompt:triage', 'resource:case://*', 'prompt:Triage', 'resource:case://1', 'prompt*'];
    const { body } = await put(id, { rules: [{ ...rule, tools: { names } }] });
    expect(body.data.warnings).toMatchObject([
      {
        path: 'policy.rules.0.tools.names.2',
        message: 'The server offers no prompt:Triage at present',
        suggestions: ['prompt:triage'],
      },
      { path: 'policy.rules.0.tools.names.3', suggestions: ['resource:case://{number}'] },
    ]);
  });

  test('warns of keys and agents that the workspace does not have', async () => {
    const agent = (await send('POST', '/api/v1/agents', { name: 'known' })).body.data.id;
    const [own] = (await send('GET', '/api/v1/api-keys')).body.data;
    const { data: foreign } = (await plane.send('POST', '/api/v1/agents', { name: 'foreign' })).body;
    const { body } = await put(desk, {
      rules: [{ id: 'a', effect: 'deny', callers: { keys: [own.id, 'A'.repeat(10)], agents: [agent] } }],
      limits: [{ id: 'b', per: 'server', concurrent: 1, callers: { agents: [foreign.id] } }],
    });
    expect(body.data.warnings.map(({ path }: { path: string }) => path)).toEqual([
      'policy.rules.0.callers.keys.1',
      'policy.limits.0.callers.agents.0',
    ]);
    await send('DELETE', `${servers}/${desk}/policy`);
  });

  test('warns of arguments that no tool covered by the rule has', async () => {
    const schema = { required: ['numbr', 'number'], properties: { number: { minimum: 5 }, amount: {} } };
    const { body } = await put(desk, { rules: [{ ...rule, arguments: schema }] });
    expect(body.data.warnings).toMatchObject([
      { path: 'policy.rules.0.arguments.properties.amount', suggestions: [] },
      { path: 'policy.rules.0.arguments.required.0', suggestions: ['number'] },
    ]);
    await send('DELETE', `${servers}/${desk}/policy`);
  });
});

test('a deployment that renames a tool warns that its policy names it', async () => {
  const id = await create('renamed', { mode: 'NORMAL' });
  const warnings = async (tool: string) => {
    const definition = flowerDocument().replace('ticket_status', tool);
    const { body } = await send('POST', `${servers}/${id}/deploy`, { definition });
    const reported: { code: string; message: string; hint: string }[] = body.data.diagnostics;
    return reported.filter(({ code }) => code === 'policy_tool_missing');
  };
  expect(await warnings('close_case')).toEqual([]);
  await put(id, policy);
  expect(await warnings('close_cases')).toMatchObject([
    {
      message:
        'The server offers no tool close_case at present, but its policy names it (policy.rules.0.tools.names.0)',
      hint: expect.stringContaining('close_cases'),
    },
  ]);
  expect(await warnings('close_case')).toEqual([]);
});

describe('400, naming the place', () => {
  test.each([
    ['unknown members', { rules: [{ ...rule, arguements: {} }] }, 'body.policy.rules.0.arguements'],
    ['an unknown effect', { rules: [{ ...rule, effect: 'maybe' }] }, 'body.policy.rules.0.effect'],
    ['two rules with the same id', { rules: [rule, rule] }, 'body.policy.rules.1.id'],
    ['an approval of a deny', { rules: [{ ...rule, approval: {} }] }, 'body.policy.rules.0.approval'],
    [
      'an unknown time zone',
      { rules: [{ ...rule, times: { timezone: 'X/Y' } }] },
      'body.policy.rules.0.times.timezone',
    ],
    [
      'hours without length',
      { rules: [{ ...rule, times: { from: '08:00', to: '08:00' } }] },
      'body.policy.rules.0.times.to',
    ],
    ['an invalid hour', { rules: [{ ...rule, times: { from: '24:00' } }] }, 'body.policy.rules.0.times.from'],
    [
      'an invalid name pattern',
      { rules: [{ ...rule, tools: { names: ['a b'] } }] },
      'body.policy.rules.0.tools.names.0',
    ],
    ['an empty list', { rules: [{ ...rule, callers: { users: [] } }] }, 'body.policy.rules.0.callers.users'],
    [
      'an invalid schema',
      { rules: [{ ...rule, arguments: { properties: { x: { type: 'text' } } } }] },
      'body.policy.rules.0.arguments.properties.x.type',
    ],
    [
      'a pattern that can take for ever',
      { rules: [{ ...rule, arguments: { properties: { x: { pattern: '(a)\\1' } } } }] },
      'body.policy.rules.0.arguments.properties.x.pattern',
    ],
    ['a limit of nothing', { limits: [{ id: 'a', per: 'user' }] }, 'body.policy.limits.0'],
    ['too much text', { rules: [{ ...rule, arguments: { title: 'x'.repeat(100_000) } }] }, 'body.policy'],
  ])('%s', async (_title, unfit, path) => {
    const { status, body } = await put(desk, unfit);
    expect([status, body.error.details[0].path]).toEqual([400, path]);
  });
});

test('whoever may not write policies may only read and explain them: 403', async () => {
  const { body } = await send('POST', '/api/v1/api-keys', {
    name: 'author',
    permissions: ['servers:read', 'servers:write'],
  });
  const as = body.data.key;
  const statuses = [
    await send('GET', `${servers}/${desk}/policy`, undefined, as),
    await send('POST', `${servers}/${desk}/policy/explain`, { tool: 'find_case' }, as),
    await send('PUT', `${servers}/${desk}/policy`, { policy }, as),
    await send('DELETE', `${servers}/${desk}/policy`, undefined, as),
  ].map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 403, 403]);
});

test('the server of an instance of the organization requires the permission connectors:write', async () => {
  const tenant = await plane.createTenant();
  const instance = await createConnectedApi(plane).createInstance({ workspace: null }, tenant.key);
  const permissions = ['servers:read', 'policies:write'];
  const limited = (await send('POST', '/api/v1/api-keys', { name: 'limited', permissions }, tenant.key)).body.data.key;
  const path = `${servers}/${instance.body.data.server.id}/policy`;
  expect((await send('PUT', path, { policy }, limited)).status).toBe(403);
  expect((await send('PUT', path, { policy }, tenant.key)).status).toBe(200);
});
