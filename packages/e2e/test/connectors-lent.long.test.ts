import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRestClient, type RestClient } from '@toolplane/local/rest-client';
import { approveAsMember } from '../src/approver.ts';
import {
  createInstance,
  putCredential,
  registerConnector,
  type TestCredential,
  type TestInstance,
} from '../src/connectors.ts';
import { callPlainly, type PlainAnswer } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { markerOf, startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { until } from '../src/until.ts';
import { createTenant } from '../src/workspaces.ts';

/*
 * An instance of the organization is set up once, in one workspace, and every workspace of the organization uses its
 * tools: with its own rules and its own credentials, or else with those of the organization.
 */

type Team = { workspaceId: string; apiKey: string; rest: RestClient; desk: string; finder: string };

let platform: TestPlatform;
let api: TicketApi;
let instance: TestInstance;
let team: Team;

const keyOf = (whose: string) => `key-of-${whose}-0123456789`;

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  const fields = [{ key: 'api_key', label: 'API key', field_type: 'secret', required: true }];
  const authentication = [{ type: 'api_key', fields }];
  const operation = {
    endpoint: `${api.url}/echo`,
    auth_type_ref: 'api_key',
    auth_headers: { 'X-API-Key': '{api_key}' },
  };
  const operations = { ask: operation, remove: operation };
  await registerConnector(platform, smallConnector({ slug: 'echo', authentication, operations }));
  instance = await createInstance(platform, {
    connector: 'echo',
    instance_name: 'Echo',
    auth_type: 'api_key',
    workspace: null,
  });
  await put('organization', 'organization');
  team = await createTeam('Team');
}, 90_000);
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

/** A workspace of the same organization, with a server of each mode. */
async function createTeam(name: string): Promise<Team> {
  const { id: workspaceId } = await create<{ id: string }>(platform.rest, '/workspaces', { name });
  const permissions = ['tools:call', 'servers:read', 'servers:write', 'secrets:write'];
  const { key: apiKey } = await create<{ key: string }>(platform.rest, '/api-keys', { name, workspaceId, permissions });
  const rest = createRestClient(platform.api, apiKey);
  const normal = {
    name: 'desk',
    mode: 'NORMAL',
    selectedTools: ['echo.ask'],
    config: { allowSharedConnections: true },
  };
  const { id: desk } = await create<{ id: string }>(rest, '/mcp-servers', normal);
  const smart = { name: 'finder', mode: 'SMART', config: { allowSharedConnections: true } };
  const { id: finder } = await create<{ id: string }>(rest, '/mcp-servers', smart);
  return { workspaceId, apiKey, rest, desk, finder };
}

async function create<Created>(rest: RestClient, path: string, body: unknown): Promise<Created> {
  const created = await rest.call<Created>('POST', path, body);
  if (created === undefined) throw new Error(`nothing was created at ${path}`);
  return created;
}

function put(scope: TestCredential['scope'], whose: string, rest: { apiKey?: string; subject?: string } = {}) {
  const { apiKey, subject } = rest;
  const fields = { api_key: keyOf(whose) };
  const credential = { scope, auth_type: 'api_key', fields, hosts: [api.host], ...(subject && { subject }) };
  return putCredential(platform, instance, credential, apiKey === undefined ? {} : { apiKey });
}

const callDesk = (headers: Record<string, string> = {}) =>
  callPlainly(platform, team.desk, 'ask', {}, { headers: { 'x-api-key': team.apiKey, ...headers } });
const callFinder = (slug = 'echo.ask', headers: Record<string, string> = {}) =>
  execute(team.finder, slug, { 'x-api-key': team.apiKey, ...headers });

function execute(server: string, slug: string, headers: Record<string, string>) {
  return callPlainly(platform, server, 'execute_tools', { calls: [{ slug, arguments: {} }] }, { headers });
}

const isSeenBy = ({ result }: PlainAnswer, whose: string) =>
  result?.isError !== true && JSON.stringify(result ?? '').includes(markerOf(keyOf(whose)));

/** Publications and changes of credentials are announced at once, but take a moment to arrive. */
async function untilBothUse(whose: string): Promise<void> {
  await until(async () => isSeenBy(await callDesk(), whose) && isSeenBy(await callFinder(), whose));
}

test('servers of another workspace call its tools with the credentials of the organization', async () => {
  await untilBothUse('organization');
  expect(await team.rest.call('GET', '/tools')).toContainEqual(
    expect.objectContaining({ slug: 'echo.ask', server: null }),
  );
});

test('another organization finds nothing of it (T1)', async () => {
  const other = await createTenant(platform, 'Other');
  expect(await other.rest.call('GET', '/tools')).toEqual([]);
  const selecting = { name: 'desk', mode: 'NORMAL', selectedTools: ['echo.ask'] };
  await expect(other.rest.call('POST', '/mcp-servers', selecting)).rejects.toThrow();
  const { id } = await create<{ id: string }>(other.rest, '/mcp-servers', { name: 'finder' });
  const headers = { 'x-api-key': other.apiKey };
  await until(async () => (await execute(id, 'echo.ask', headers)).status === 200);
  expect(JSON.stringify(await execute(id, 'echo.ask', headers))).not.toContain('marker');
  for (const server of [team.desk, team.finder, instance.server.id]) {
    expect((await callPlainly(platform, server, 'ask', {}, { headers })).status).toBe(404);
  }
});

test('users are those of the calling workspace, even if another one has users of the same name (T2)', async () => {
  await put('user', 'ann-at-home', { subject: 'ann' });
  const asAnn = { 'x-username': 'ann' };
  expect(isSeenBy(await callDesk(asAnn), 'organization')).toBe(true);
  await put('user', 'ann-of-the-team', { subject: 'ann', apiKey: team.apiKey });
  await until(async () => isSeenBy(await callDesk(asAnn), 'ann-of-the-team'));
  expect(isSeenBy(await callFinder('echo.ask', asAnn), 'ann-of-the-team')).toBe(true);
  const atHome = await callPlainly(platform, instance.server.id, 'ask', {}, { headers: asAnn });
  expect(isSeenBy(atHome, 'ann-at-home')).toBe(true);
  const listed = await team.rest.call<TestCredential[]>('GET', `/connector-instances/${instance.id}/credentials`);
  const names = listed?.map(({ scope, subject }) => `${scope} ${subject}`);
  expect(names?.toSorted()).toEqual(['organization null', 'user ann']);
});

test('credentials of the calling workspace come before those of the organization', async () => {
  await put('workspace', 'team', { apiKey: team.apiKey });
  await untilBothUse('team');
  expect(isSeenBy(await callPlainly(platform, instance.server.id, 'ask'), 'organization')).toBe(true);
});

test('the egress rules of the calling workspace apply', async () => {
  const rules = `/workspaces/${team.workspaceId}/egress`;
  await platform.rest.call('PUT', rules, { allowHosts: null, denyHosts: ['127.0.0.1'] });
  await until(async () => (await callDesk()).result?.isError === true);
  expect(isSeenBy(await callPlainly(platform, instance.server.id, 'ask'), 'organization')).toBe(true);
  await platform.rest.call('PUT', rules, { allowHosts: null, denyHosts: [] });
  await untilBothUse('team');
});

test('the policy of its server applies in the other workspaces as well', async () => {
  expect(isSeenBy(await callFinder('echo.remove'), 'team')).toBe(true);
  const rules = [{ id: 'no-removal', effect: 'deny', tools: { names: ['remove'] } }];
  const policy = { unmatched: 'allow', rules, limits: [] };
  await platform.rest.call('PUT', `/mcp-servers/${instance.server.id}/policy`, { policy });
  await until(async () => !isSeenBy(await callFinder('echo.remove'), 'team'));
  await untilBothUse('team');
});

test('its rules for a user let in no user of the same name elsewhere (T31)', async () => {
  const path = `/mcp-servers/${instance.server.id}/policy`;
  const rules = [{ id: 'ann', effect: 'allow', callers: { users: ['ann'] } }];
  await platform.rest.call('PUT', path, { policy: { unmatched: 'deny', rules, limits: [] } });
  const asAnn = { 'x-username': 'ann' };
  await until(async () => !isSeenBy(await callDesk(asAnn), 'ann-of-the-team'));
  await until(async () => !isSeenBy(await callFinder('echo.ask', asAnn), 'ann-of-the-team'));
  const atHome = await callPlainly(platform, instance.server.id, 'ask', {}, { headers: asAnn });
  expect(isSeenBy(atHome, 'ann-at-home')).toBe(true);
  await platform.rest.call('DELETE', path);
  await untilBothUse('team');
});

test('what its policy has approved is approved in the calling workspace, at the server that was called', async () => {
  const rules = [{ id: 'look', effect: 'approve', tools: { names: ['ask'] }, approval: { by: 'workspace' } }];
  const path = `/mcp-servers/${instance.server.id}/policy`;
  await platform.rest.call('PUT', path, { policy: { unmatched: 'allow', rules, limits: [] } });
  const refused = async () => (await callDesk()).result?.structuredContent['code'] === 'approval_required';
  await until(refused);
  const approver = {
    name: 'approver',
    workspaceId: team.workspaceId,
    permissions: ['approvals:write', 'servers:read'],
  };
  const { key } = await create<{ key: string }>(platform.rest, '/api-keys', approver);
  const rest = createRestClient(platform.api, key);
  type Approval = { id: string; tool: string };
  let pending: Approval[] = [];
  await until(async () => {
    pending = (await rest.call<Approval[]>('GET', `/approvals?state=pending&serverId=${team.desk}`)) ?? [];
    return pending.length > 0;
  });
  expect(pending).toMatchObject([{ tool: 'ask' }]);
  await approveAsMember(platform, pending[0]?.id ?? '', team.workspaceId);
  await until(async () => isSeenBy(await callDesk(), 'team'));
  expect(await refused()).toBe(true);
  await platform.rest.call('DELETE', path);
  await untilBothUse('team');
});

test('somebody without a key finds none of its tools, even at a public server', async () => {
  await team.rest.call('PATCH', `/mcp-servers/${team.finder}`, { isPublic: true });
  const execute = async () => {
    const response = await fetch(`${platform.mcp}/mcp/${team.finder}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'execute_tools', arguments: { calls: [{ slug: 'echo.ask', arguments: {} }] } },
      }),
    });
    return { status: response.status, text: await response.text() };
  };
  await until(async () => (await execute()).status === 200);
  const { text } = await execute();
  expect(text).toContain('echo.ask');
  expect(text).not.toContain('marker');
  await untilBothUse('team');
});
