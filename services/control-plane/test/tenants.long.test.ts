import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectBus, createDebugStreamWriter } from '@toolplane/bus';
import { permissions } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import pg from 'pg';
import { createMember } from './browser.ts';
import { crmDescriptor } from './connected-api.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';
import { requestBodies } from './request-bodies.ts';
import { sealAnywhere } from './seal-anywhere.ts';
import { ticketDescriptor } from './ticket-descriptor.ts';

// Each test goes through all routes, more than a hundred.
jest.setTimeout(180_000);

/**
 * Tries every registered route with own ids, ids of another tenant, ids of nothing, no key, a revoked key and a key
 * without the permission. A new route needs no line here, unless it accepts a body. What people may do with their roles
 * is tested in roles.long.test.ts.
 */

let plane: TestControlPlane;
let own: Tenant;
let foreign: Tenant;
let bodies: Record<string, unknown>;
type Tenant = {
  key: string;
  workspaceId: string;
  serverId: string;
  deploymentId: string;
  agentId: string;
  clientId: string;
  apiKeyId: string;
  callId: string;
  sessionId: string;
  debugToken: string;
  connectorSlug: string;
  instanceId: string;
  externalUserId: string;
  approvalId: string;
  otherApprovalId: string;
  username: string;
  personId: string;
  invitationId: string;
  ssoConnectionId: string;
};
const mcpUrl = 'https://mcp.example.test/mcp';
const queries: Record<string, string> = {
  diffConnectorVersions: '?from=1.0.0&to=1.0.0',
  removeMember: '?scope=organization',
  getSealingTarget: '?issuer=https%3A%2F%2Fid.example.test',
};

beforeAll(async () => {
  plane = await startTestControlPlane({ trustedProxies: ['127.0.0.0/8', '::1'] });
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
  const sealed = await sealAnywhere(plane.sealingKey, { value: 'a-secret-value', hosts: ['api.example.test'] });
  bodies = requestBodies({ sealed, mcpUrl });
  own = await createTenant();
  foreign = await createTenant();
});
afterAll(() => plane.close());

async function createTenant(): Promise<Tenant> {
  const { key, workspaceId } = await plane.createTenant();
  const request = { name: 'tickets', externalMcpConfigs: [{ name: 'weather', url: mcpUrl, tools: ['*'] }] };
  const server = await plane.send('POST', '/api/v1/mcp-servers', request, { key });
  const serverId = server.body.data.id;
  const deployed = await plane.send(
    'POST',
    `/api/v1/mcp-servers/${serverId}/deploy`,
    { definition: flowerDocument() },
    { key },
  );
  const secret = await plane.send('PUT', `/api/v1/mcp-servers/${serverId}/secrets/KEY`, bodies['putSecret'], { key });
  const apiKey = await plane.send('POST', '/api/v1/api-keys', { name: 'second' }, { key });
  const agent = await plane.send('POST', '/api/v1/agents', { name: 'agent' }, { key });
  const clients = `/api/v1/agents/${agent.body.data.id}/oauth-clients`;
  const client = await plane.send('POST', clients, { name: 'client' }, { key });
  const descriptor = ticketDescriptor({ slug: `tickets-of-${serverId.slice(-8)}` });
  const connector = await plane.send('POST', '/api/v1/connectors', { descriptor }, { key });
  const instanceId = await createInstance(key);
  const username = `user-of-${serverId.slice(-8)}`;
  const externalUser = await plane.send('POST', '/api/v1/external-users', { username }, { key });
  const connection = await plane.send(
    'PUT',
    `/api/v1/connector-instances/${instanceId}/credentials`,
    { ...(bodies['putCredentials'] as object), scope: 'user', subject: username },
    { key },
  );
  const made = [server, deployed, secret, apiKey, agent, client, connector, externalUser, connection];
  expect(made.map(({ status }) => status)).toEqual([201, 201, 200, 201, 201, 201, 201, 201, 200]);
  const [deploymentId, apiKeyId] = [deployed.body.id, apiKey.body.data.id];
  const connectorSlug = connector.body.data.slug;
  const [approvalId = '', otherApprovalId = ''] = await createApprovals(key, { workspaceId, serverId });
  const approvals = { approvalId, otherApprovalId };
  const { personId } = await createMember(plane, { email: `${username}@example.test`, role: 'viewer', key });
  const invitation = await plane.send('POST', '/api/v1/invitations', bodies['createInvitation'], { key });
  const sso = await plane.send(
    'POST',
    '/api/v1/sso-connections',
    { ...(bodies['createSsoConnection'] as object), domains: [`${serverId.slice(-8)}.example.test`] },
    { key },
  );
  const people = { personId, invitationId: invitation.body.data.id, ssoConnectionId: sso.body.data.id };
  const ids = {
    agentId: agent.body.data.id,
    clientId: client.body.data.clientId,
    deploymentId,
    apiKeyId,
    instanceId,
    ...(await openDebugSession(key, serverId)),
    callId: await endCall(workspaceId, serverId),
    externalUserId: externalUser.body.data.id,
    ...approvals,
    ...people,
  };
  return { key, workspaceId, serverId, connectorSlug, username, ...ids };
}

/** Creates approvals, as if edges had reported calls, and returns their ids. */
async function createApprovals(key: string, server: { workspaceId: string; serverId: string }): Promise<string[]> {
  const approvalRequest = { ...server, tool: 'ticket_status', ruleId: 'asked', caller: { kind: 'anonymous' as const } };
  const more = { at: Date.now(), argumentNames: [], validSeconds: 60 };
  const digests = ['d', 'e'].map((digit) => digit.repeat(43));
  await plane.domains.approvals.noteApprovalRequests(
    digests.map((requestDigest) => ({ ...approvalRequest, ...more, requestDigest })),
  );
  const { body } = await plane.send('GET', '/api/v1/approvals', undefined, { key });
  return body.data.map(({ id }: { id: string }) => id);
}

/** Ends a call as an edge reports it. */
async function endCall(workspaceId: string, serverId: string): Promise<string> {
  const id = randomUUID();
  await plane.domains.callLog.takeOver([
    {
      id,
      workspaceId,
      serverId,
      tool: 'ticket_status',
      kind: 'tool',
      outcome: 'done',
      source: 'direct',
      startedAt: Date.now(),
      durationMs: 5,
      protocolVersion: '2025-11-25',
      caller: { kind: 'anonymous' },
    },
  ]);
  return id;
}

/** Opens a debug session in which a call was seen. */
async function openDebugSession(key: string, serverId: string) {
  const { body } = await plane.send('POST', `/api/v1/mcp-servers/${serverId}/debug-sessions`, {}, { key });
  const keys = parseCallKeys(plane.keys.commands);
  await using bus = connectBus({ redisUrl: plane.redis.url });
  const writer = await createDebugStreamWriter({ bus, keys });
  const of = { call_id: SEEN_CALL_ID, at: Date.now() };
  const call = { server_id: serverId, tool: 'ticket_status', plan_digest: '', inputs: { bytes: 0 } };
  writer.append(body.data.id, { kind: 'call', ...of, seq: 0, ...call, caller: 'key' });
  writer.append(body.data.id, { kind: 'end', ...of, seq: 1, duration_ms: 1, outcome: 'done' });
  await writer.flush();
  return { sessionId: body.data.id as string, debugToken: body.data.token as string };
}
const SEEN_CALL_ID = 'seen-call';

/** Creates an instance to which people sign in, and which can be tested. */
async function createInstance(key: string): Promise<string> {
  const scopes = '    scopes: [contacts]';
  const testEndpoint = '    test_endpoint: { url: "https://crm.example.test/me" }';
  const descriptor = crmDescriptor().replace(scopes, `${scopes}\n${testEndpoint}`);
  await plane.send('POST', '/api/v1/connectors', { descriptor }, { key });
  const request = { connector: 'crm', instance_name: 'CRM', auth_type: 'oauth', configuration: { region: 'eu' } };
  const { status, body } = await plane.send('POST', '/api/v1/connector-instances', request, { key });
  expect(status).toBe(201);
  return body.data.id;
}

type Route = TestControlPlane['api']['routes'][number];

function pathOf(route: Route, ids: Omit<Tenant, 'key'>): string {
  const id = idOf(route.path, ids);
  return route.path
    .replace('{id}', id)
    .replace('{deploymentId}', ids.deploymentId)
    .replace('{instanceId}', ids.instanceId)
    .replace('{sessionId}', ids.sessionId)
    .replace('{callId}', SEEN_CALL_ID)
    .replace('{name}', route.path.includes('/external/') ? 'weather' : 'KEY')
    .replace('{slug}', ids.connectorSlug)
    .replace('{version}', '1.0.0')
    .replace('{scope}', 'workspace')
    .replace('{username}', ids.username)
    .replace('{personId}', ids.personId)
    .replace('{clientId}', ids.clientId)
    .concat(queries[route.operationId] ?? '');
}

function idOf(path: string, ids: Omit<Tenant, 'key'>): string {
  if (path.startsWith('/api/v1/agents')) return ids.agentId;
  if (path.startsWith('/api/v1/api-keys')) return ids.apiKeyId;
  if (path.startsWith('/api/v1/calls')) return ids.callId;
  if (path.startsWith('/api/v1/invitations')) return ids.invitationId;
  if (path.startsWith('/api/v1/workspaces')) return ids.workspaceId;
  if (path.startsWith('/api/v1/external-users')) return ids.externalUserId;
  if (path.startsWith('/api/v1/sso-connections')) return ids.ssoConnectionId;
  // An approval can be decided only once.
  if (path.startsWith('/api/v1/approvals')) return path.endsWith('/deny') ? ids.otherApprovalId : ids.approvalId;
  return path.startsWith('/api/v1/connector-instances') ? ids.instanceId : ids.serverId;
}

/** Each request has another address, because wrong keys are counted by address, and there are too many routes. */
function call(route: Route, ids: Omit<Tenant, 'key'>, key: string) {
  calls += 1;
  const headers = {
    'x-forwarded-for': `10.0.${Math.floor(calls / 256)}.${calls % 256}`,
    ...(route.path.includes('{sessionId}') ? { authorization: `Token ${ids.debugToken}` } : {}),
  };
  return plane.send(route.method.toUpperCase(), pathOf(route, ids), bodies[route.operationId], { key, headers });
}
let calls = 0;

const nobody = {
  workspaceId: `ws_${'a'.repeat(24)}`,
  serverId: `srv_${'a'.repeat(24)}`,
  deploymentId: `dep_${'a'.repeat(24)}`,
  agentId: `agt_${'a'.repeat(24)}`,
  clientId: `agc_${'a'.repeat(24)}`,
  apiKeyId: 'A'.repeat(10),
  callId: randomUUID(),
  sessionId: `dbg_${'a'.repeat(24)}`,
  debugToken: 'tpd_none',
  connectorSlug: 'nowhere',
  instanceId: `coi_${'a'.repeat(24)}`,
  externalUserId: `usr_${'a'.repeat(24)}`,
  approvalId: `apr_${'a'.repeat(24)}`,
  otherApprovalId: `apr_${'a'.repeat(24)}`,
  username: 'nobody',
  personId: `psn_${'a'.repeat(24)}`,
  invitationId: `inv_${'a'.repeat(24)}`,
  ssoConnectionId: `sso_${'a'.repeat(24)}`,
};
/** Routes for keys. The others are for people alone. */
const keyRoutes = () => plane.api.routes.filter(({ access }) => access !== 'anyone' && access !== 'session');
const namesThings = (route: Route) => route.path.includes('{');

test('a body is known for every route that accepts one', () => {
  const withBody = keyRoutes()
    .filter(({ body }) => body !== undefined)
    .map(({ operationId }) => operationId);
  expect(withBody.sort()).toEqual(Object.keys(bodies).sort());
});

test('things of another tenant answer as things that do not exist: 404, to the letter (T1)', async () => {
  for (const route of keyRoutes().filter(namesThings)) {
    const answers = [await call(route, foreign, own.key), await call(route, nobody, own.key)];
    expect([route.operationId, ...answers.map(({ status }) => status)]).toEqual([route.operationId, 404, 404]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    // The message names what is missing.
    expect([route.operationId, answers[0]?.body.error.message]).not.toContain('Not found');
  }
});

test('one foreign part in a path is enough for a 404', async () => {
  for (const route of plane.api.routes.filter(({ path }) => path.includes('{deploymentId}'))) {
    const { status } = await call(route, { ...own, deploymentId: foreign.deploymentId }, own.key);
    expect([route.operationId, status]).toEqual([route.operationId, 404]);
  }
  for (const route of plane.api.routes.filter(({ path }) => path.includes('{sessionId}'))) {
    const { sessionId, debugToken } = foreign;
    const { status } = await call(route, { ...own, sessionId, debugToken }, own.key);
    expect([route.operationId, status]).toEqual([route.operationId, 404]);
  }
});

test('lists show nothing of another tenant', async () => {
  // The audit log is excluded, because it repeats the requests of this key, including the foreign ids in them.
  const lists = keyRoutes().filter(({ operationId }) => /^list(?!AuditEntries)/.test(operationId));
  for (const route of lists) {
    const { status, text } = await call(route, own, own.key);
    expect([route.operationId, status]).toEqual([route.operationId, 200]);
    const { key, ...ids } = foreign;
    for (const id of Object.values(ids)) expect(text).not.toContain(id);
  }
});

describe('every route', () => {
  test('answers 401 without a key', async () => {
    for (const route of keyRoutes()) {
      expect([route.operationId, (await call(route, own, '')).status]).toEqual([route.operationId, 401]);
    }
  });

  test('answers 401 to a revoked key', async () => {
    const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'short life' }, { key: own.key });
    await plane.send('DELETE', `/api/v1/api-keys/${body.data.id}`, undefined, { key: own.key });
    for (const route of keyRoutes()) {
      expect([route.operationId, (await call(route, own, body.data.key)).status]).toEqual([route.operationId, 401]);
    }
  });

  test('answers 401 to a key that has expired', async () => {
    const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'for a time' }, { key: own.key });
    const client = new pg.Client(plane.tables.superuserUrl);
    await client.connect();
    await client.query(`UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1`, [body.data.id]);
    await client.end();
    for (const route of keyRoutes()) {
      expect([route.operationId, (await call(route, own, body.data.key)).status]).toEqual([route.operationId, 401]);
    }
  });

  test('answers 403 to a key that has every permission except the required one', async () => {
    for (const route of keyRoutes()) {
      if (route.access === 'any-key') continue;
      const others = permissions.filter((permission) => permission !== route.access);
      const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'limited', permissions: others });
      const { status } = await call(route, own, body.data.key);
      expect([route.operationId, status]).toEqual([route.operationId, 403]);
    }
  });

  test('serves its own tenant, deletions last', async () => {
    const turnOf = ({ method, path }: Route) => (method === 'delete' ? 1000 - path.length : 0);
    const routes = keyRoutes().toSorted((a, b) => turnOf(a) - turnOf(b));
    const statuses: Record<string, number> = {};
    for (const route of routes.filter(({ access }) => access !== 'organizations:write')) {
      const ids = wantsOwnServer.has(route.operationId) ? await createServer() : own;
      statuses[route.operationId] = (await call(route, ids, own.key)).status;
    }
    expect(Object.entries(statuses).filter(([, status]) => status >= 300)).toEqual([]);
  });
});

/** Operations that are possible only once per server. */
const wantsOwnServer = new Set(['deleteMcpServerByManager', 'openDebugSession', 'openDebugSessionByManager']);

async function createServer(): Promise<Omit<Tenant, 'key'>> {
  const name = `used-once-${randomUUID()}`;
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name }, { key: own.key });
  return { ...own, serverId: body.data.id };
}
