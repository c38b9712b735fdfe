import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRestClient } from '@toolplane/local/rest-client';
import { createInstance, putCredential, registerConnector, requestRest, type TestInstance } from '../src/connectors.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { markerOf, startTicketApi, type TicketApi } from '../src/ticket-api.ts';

/*
 * Caches of credentials, plans and servers are shared by all tenants: no tenant may ever get what belongs to another.
 */

const WORKSPACES = 20;
const USERS = 10;

type Tenant = { index: number; apiKey: string; instance: TestInstance };

let platform: TestPlatform;
let api: TicketApi;
let tenants: Tenant[];

const keyOf = (tenant: number, user: number) => `key-${tenant}-of-user-${user}-0123456789`;
const keyOfWorkspace = (tenant: number) => `key-of-workspace-${tenant}-0123456789`;

const descriptor = (url: string, slug = 'echo') =>
  smallConnector({
    slug,
    authentication: [
      { type: 'api_key', fields: [{ key: 'api_key', label: 'API key', field_type: 'secret', required: true }] },
    ],
    operations: {
      echo: { endpoint: `${url}/echo`, auth_type_ref: 'api_key', auth_headers: { 'X-API-Key': '{api_key}' } },
    },
  });

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  await registerConnector(platform, descriptor(api.url));
  tenants = await Promise.all(Array.from({ length: WORKSPACES }, (_, index) => createTenant(index)));
}, 120_000);

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

async function createTenant(index: number): Promise<Tenant> {
  const workspace = (await requestRest(platform, 'POST', '/workspaces', { name: `Tenant ${index}` })).body.data;
  const permissions = ['tools:call', 'servers:read', 'servers:write', 'secrets:write', 'connectors:write'];
  const request = { name: 'agent', workspaceId: workspace.id, permissions };
  const { key: apiKey } = (await requestRest(platform, 'POST', '/api-keys', request)).body.data;
  const instance = await createInstance(
    platform,
    { connector: 'echo', instance_name: 'Echo', auth_type: 'api_key' },
    { apiKey },
  );
  const put = (scope: 'user' | 'workspace', value: string, subject?: string) =>
    putCredential(
      platform,
      instance,
      {
        scope,
        auth_type: 'api_key',
        fields: { api_key: value },
        hosts: [api.host],
        ...(subject === undefined ? {} : { subject }),
      },
      { apiKey },
    );
  await put('workspace', keyOfWorkspace(index));
  for (let user = 0; user < USERS; user += 1) await put('user', keyOf(index, user), `user-${user}`);
  return { index, apiKey, instance };
}

async function markOf({ apiKey, instance }: Tenant, headers: Record<string, string> = {}): Promise<unknown> {
  const all = { headers: { 'x-api-key': apiKey, ...headers } };
  const { result } = await callPlainly(platform, instance.server.id, 'echo', {}, all);
  return result?.structuredContent;
}

test('of 200 parallel calls of 20 workspaces with 10 users each, every answer carries its own mark (T2)', async () => {
  const callers = tenants.flatMap((tenant) => Array.from({ length: USERS }, (_, user) => ({ tenant, user })));
  // Calls are made twice: the second time, all caches are filled.
  for (let round = 0; round < 2; round += 1) {
    const marks = await Promise.all(
      callers.map(({ tenant, user }) => markOf(tenant, { 'x-username': `user-${user}` })),
    );
    const expected = callers.map(({ tenant, user }) => ({ result: { marker: markerOf(keyOf(tenant.index, user)) } }));
    expect(marks).toEqual(expected);
  }
}, 60_000);

test('the credentials that a call brings reach the toolkit that they are for, whichever tool a model calls (T26)', async () => {
  const [{ apiKey }] = tenants as [Tenant];
  const own = 'own-key-for-the-first-0123456789';
  await registerConnector(platform, descriptor(api.url, 'other'));
  const request = { connector: 'other', instance_name: 'Other', auth_type: 'api_key' };
  const other = await createInstance(platform, request, { apiKey });
  const fields = { api_key: 'stored-key-of-the-other-0123456789' };
  await putCredential(
    platform,
    other,
    { scope: 'workspace', auth_type: 'api_key', fields, hosts: [api.host] },
    { apiKey },
  );
  const rest = createRestClient(platform.api, apiKey);
  const tools = (await rest.call<{ slug: string }[]>('GET', '/tools'))?.map(({ slug }) => slug) ?? [];
  const [first = '', second = ''] = [/^echo.*\.echo$/, /^other.*\.echo$/].map((name) =>
    tools.find((tool) => name.test(tool)),
  );
  const toolkit = first.split('.')[0] ?? '';
  const smart = await rest.call<{ id: string }>('POST', '/mcp-servers', { name: 'smart', mode: 'SMART' });
  const calls = [{ slug: first }, { slug: second }];
  const execute = async (headers: Record<string, string>) => {
    const all = { 'x-api-key': apiKey, 'x-upstream-authorization': own, ...headers };
    const { result } = await callPlainly(platform, smart?.id ?? '', 'execute_tools', { calls }, { headers: all });
    return result?.structuredContent['results'];
  };
  const marked = (value: string) =>
    expect.objectContaining({ ok: true, output: { result: { marker: markerOf(value) } } });
  expect(await execute({ 'x-upstream-toolkit': toolkit })).toEqual([marked(own), marked(fields.api_key)]);
  const refused = expect.objectContaining({ error: expect.objectContaining({ code: 'invalid_request' }) });
  expect(await execute({})).toEqual([refused, refused]);
});

test('the credentials that a call brings, or that are updated in the middle, reach no call of anybody else', async () => {
  const [first, second] = tenants as [Tenant, Tenant];
  const own = 'own-key-of-a-caller-0123456789';
  const calls = Array.from({ length: 8 }, () => [
    markOf(first, { 'x-upstream-authorization': own }),
    markOf(first),
    markOf(second),
  ]).flat();
  const marks = await Promise.all(calls);
  const expected = Array(8)
    .fill([own, keyOfWorkspace(first.index), keyOfWorkspace(second.index)])
    .flat()
    .map((value: string) => ({ result: { marker: markerOf(value) } }));
  expect(marks).toEqual(expected);
  const updated = 'updated-key-of-workspace-0123456789';
  await putCredential(
    platform,
    first.instance,
    { scope: 'workspace', auth_type: 'api_key', fields: { api_key: updated }, hosts: [api.host] },
    { apiKey: first.apiKey },
  );
  expect(await Promise.all([markOf(first), markOf(second)])).toEqual(
    [updated, keyOfWorkspace(second.index)].map((value) => ({ result: { marker: markerOf(value) } })),
  );
});
