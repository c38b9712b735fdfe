import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type ConnectionReport,
  failed,
  type Json,
  type Manifest,
  succeeded,
  type ToolCall,
} from '@toolplane/contracts';
import type { KeyPrincipal, TokenPrincipal } from '../src/callers/principal.ts';
import type { McpRequest } from '../src/calls/mcp-request.ts';
import { type ConnectionRequest, manageConnection } from '../src/connections/manage-connection.ts';
import { toHostedServer } from '../src/manifests/hosted-server.ts';
import { openSession } from './legacy-session.ts';
import { ask, type ModernAnswer, type ModernOptions } from './modern-client.ts';
import { policyOf } from './policies.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

let edge: TestEdge;
/** The data plane's record of the users that are connected. */
const connected = new Set<string>();
/** The links that the data plane has created. */
let links: string[];
let count = 0;

const canOpen = { elicitation: { url: {} } };
const connection: Manifest['connection'] = {
  planDigest: 'd-report',
  deadlineMs: 5000,
  authentication: 'fields',
  requiredFields: ['api_key'],
};
const tools: Manifest['tools'] = [
  { ...echoTool, planDigest: 'd1', deadlineMs: 5000, isRepeatable: true, usesConnection: true },
];

beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
});
beforeEach(async () => {
  links = [];
  connected.clear();
  edge.calls.length = 0;
  edge.handle = async ({ body }) => answer(body as ToolCall);
  await edge.publishServer({ tools, connection });
});

function answer({ tool, arguments: inputs, caller }: ToolCall) {
  const who = caller.username ?? 'project_default_user';
  if (tool !== 'connection:report') {
    if (connected.has(who)) return succeeded({ text: `as ${who}` });
    return failed('not_started', 'credentials_missing', 'There are no credentials for crm', {
      details: { connector: 'crm' },
    });
  }
  const report: ConnectionReport = connected.has(who)
    ? { status: 'active', scope: 'user', label: `${who}@example.test` }
    : { status: 'not_connected' };
  if (inputs['link'] !== true) return succeeded(report as Json);
  const token = `token-${who}-${links.length + 1}`;
  const link = { token, hash: `${edge.workspaceId}-${token}`, expiresAt: Date.now() + 900_000 };
  links.push(link.token);
  return succeeded({ ...report, link } as Json);
}

/** Returns a new user for each test, because links are stored. */
const newUser = () => `ann-${++count}`;
const runs = () => edge.calls.filter(({ tool }) => tool === 'echo').length;
const urlOf = (token: string) => `https://console.example.test/connect/${edge.workspaceId}/${token}`;

type Params = Record<string, unknown>;

function callTool(username: string, options: ModernOptions = {}, params: Params = {}): Promise<ModernAnswer> {
  const headers = { 'x-username': username };
  return ask(edge, 'tools/call', { name: 'echo', arguments: { text: 'a' }, ...params }, { headers, ...options });
}

describe('a call without the connection that it needs', () => {
  test('sends the person to a page if the client can open one, and runs when the client comes back', async () => {
    const user = newUser();
    const asked = await callTool(user, { capabilities: canOpen });
    const { inputRequests, requestState } = asked.result;
    expect(asked.result).toMatchObject({ resultType: 'input_required' });
    expect(inputRequests).toEqual({
      connect: {
        method: 'elicitation/create',
        params: { mode: 'url', message: expect.stringContaining('Echo server'), url: urlOf(links[0] ?? '') },
      },
    });
    connected.add(user);
    const back = { requestState, inputResponses: { connect: { action: 'accept' } } };
    const done = await callTool(user, { capabilities: canOpen }, back);
    expect(done.result.structuredContent).toEqual({ text: `as ${user}` });
  });

  test('names the instance that the person has to connect', async () => {
    await edge.publishServer({ tools, connection: { ...connection, instanceName: 'Support desk' } });
    const { inputRequests } = (await callTool(newUser(), { capabilities: canOpen })).result;
    const message = expect.stringMatching(/^"Support desk" \(Echo server\) has to be connected first\./);
    expect(inputRequests).toMatchObject({ connect: { params: { message } } });
  });

  test('says what to wait for when the client comes back too early, and its state stays valid', async () => {
    const user = newUser();
    const { requestState } = (await callTool(user, { capabilities: canOpen })).result;
    const back = { requestState, inputResponses: { connect: { action: 'accept' } } };
    const early = await callTool(user, { capabilities: canOpen }, back);
    expect(early.result).toMatchObject({ isError: true, structuredContent: { code: 'credentials_missing' } });
    expect(early.result.content[0].text).toContain(urlOf(links[0] ?? ''));
    connected.add(user);
    expect((await callTool(user, { capabilities: canOpen }, back)).result.isError).toBeUndefined();
    expect(links).toHaveLength(1);
  });

  test('of two states of one approved call, its question and the page, only the later one runs it (T50)', async () => {
    const rules = [{ id: 'person', effect: 'approve' as const, approval: { by: 'user' as const } }];
    await edge.publishServer({ tools, connection, policy: policyOf({ rules }) });
    const user = newUser();
    const options = { capabilities: { elicitation: { form: {}, url: {} } } };
    const question = (await callTool(user, options)).result;
    const allowed = {
      requestState: question.requestState,
      inputResponses: { approval: { action: 'accept', content: { allow: true } } },
    };
    const page = (await callTool(user, options, allowed)).result;
    expect(Object.keys(page.inputRequests)).toEqual(['connect']);
    connected.add(user);
    const back = { requestState: page.requestState, inputResponses: { connect: { action: 'accept' } } };
    expect((await callTool(user, options, back)).result.structuredContent).toEqual({ text: `as ${user}` });
    expect((await callTool(user, options, allowed)).error?.code).toBe(-32602);
  });

  test('does not ask again after the person has declined', async () => {
    const user = newUser();
    const { requestState } = (await callTool(user, { capabilities: canOpen })).result;
    const back = { requestState, inputResponses: { connect: { action: 'decline' } } };
    const { result } = await callTool(user, { capabilities: canOpen }, back);
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'credentials_missing' } });
    expect(JSON.stringify(result)).not.toContain('/connect/');
  });

  test('gives any other client the link in its text, the same one each time', async () => {
    const user = newUser();
    for (const options of [{}, { capabilities: { elicitation: {} } }]) {
      const { result } = await callTool(user, options);
      expect(result).toMatchObject({ isError: true });
      expect(result.content[0].text).toContain(`let the person open ${urlOf(links[0] ?? '')} and connect there`);
      expect(result.structuredContent).toMatchObject({
        code: 'credentials_missing',
        outcome: 'not_started',
        details: { connector: 'crm', connect_url: urlOf(links[0] ?? ''), expires_at: expect.any(String) },
      });
    }
    expect(links).toHaveLength(1);
  });

  test('gives the same link to two callers who ask at the same moment', async () => {
    const user = newUser();
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    edge.handle = async ({ body }) => {
      const outcome = answer(body as ToolCall);
      if ((body as ToolCall).arguments['link'] !== true || links.length > 1) return outcome;
      reached.resolve();
      await go.promise;
      return outcome;
    };
    const first = callTool(user);
    await reached.promise;
    const second = (await callTool(user)).result.structuredContent;
    go.resolve();
    expect((await first).result.structuredContent).toEqual(second);
    expect(links).toHaveLength(2);
  });

  test('never gives a used link, even to a user who has lost the connection since', async () => {
    const user = newUser();
    await callTool(user);
    await edge.markLinkUsed(`${edge.workspaceId}-${links[0]}`);
    const { result } = await callTool(user);
    expect(result.content[0].text).toContain(urlOf(`token-${user}-2`));
  });

  test('gives each user a link of their own, and callers who name none the default user’s (T31)', async () => {
    const [ann, bob] = [newUser(), newUser()];
    for (const user of [ann, bob]) await callTool(user);
    await ask(edge, 'tools/call', { name: 'echo', arguments: { text: 'a' } });
    expect(links).toEqual([`token-${ann}-1`, `token-${bob}-2`, 'token-project_default_user-3']);
  });

  test('gives no link to a caller without a key, not even on a public server (B037)', async () => {
    await edge.publishServer({ tools, connection, isPublic: true });
    const { body } = await edge.post(call({ text: 'a' }), { key: '' });
    expect(body.result).toMatchObject({ isError: true, structuredContent: { code: 'credentials_missing' } });
    expect(JSON.stringify(body)).not.toContain('/connect/');
    expect(links).toEqual([]);
  });

  test.each([canOpen, {}])('runs once and has one row in the call log: %j', async (capabilities) => {
    edge.endedCalls.length = 0;
    expect(JSON.stringify(await callTool(newUser(), { capabilities }))).toContain(urlOf(links[0] ?? ''));
    expect([runs(), edge.endedCalls.filter(({ tool }) => tool === 'echo').length]).toEqual([1, 1]);
  });

  test('gets no link if it had already sent something', async () => {
    edge.handle = async () => failed('done', 'credentials_missing', 'There are no credentials for crm');
    const { result } = await callTool(newUser(), { capabilities: canOpen });
    expect(result.structuredContent).toMatchObject({ outcome: 'done' });
    expect(links).toEqual([]);
  });

  test('is still answered when no link can be made', async () => {
    edge.handle = async ({ body }) => {
      const { tool } = body as ToolCall;
      if (tool === 'echo') return answer(body as ToolCall);
      return failed('not_started', 'secret_store_read_only', 'The store takes no secrets');
    };
    const { result } = await callTool(newUser(), { capabilities: canOpen });
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'credentials_missing' } });
  });

  test('gives no link on a server whose callers send their own tokens', async () => {
    await edge.publishServer({ tools, connection: { ...connection, authentication: 'none', requiredFields: [] } });
    expect((await callTool(newUser(), { capabilities: canOpen })).result).toMatchObject({ isError: true });
    expect(links).toEqual([]);
  });
});

describe('a legacy client', () => {
  async function callLegacy(protocolVersion: string, capabilities: object, user: string) {
    const headers = { accept: 'application/json, text/event-stream', 'x-username': user };
    const session = await openSession(edge, { protocolVersion, capabilities, headers });
    return (await edge.post(call({ text: 'a' }), { headers: { ...headers, ...session } })).body;
  }

  test('of 2025-11-25 that can open pages gets the link as −32042, and its next call runs', async () => {
    const user = newUser();
    const { error } = await callLegacy('2025-11-25', canOpen, user);
    expect(error).toMatchObject({
      code: -32042,
      data: { elicitations: [{ mode: 'url', url: urlOf(links[0] ?? '') }] },
    });
    expect([error.data.elicitations[0].elicitationId, runs()]).toEqual([expect.any(String), 1]);
    connected.add(user);
    expect((await callLegacy('2025-11-25', canOpen, user)).result.structuredContent).toEqual({ text: `as ${user}` });
  });

  test.each([
    ['of 2025-11-25 that cannot open pages', '2025-11-25', {}],
    ['of a version without pages', '2025-06-18', { elicitation: {} }],
  ])('%s gets the link in its text', async (_name, version, capabilities) => {
    const { result } = await callLegacy(version, capabilities, newUser());
    expect([result.isError, runs()]).toEqual([true, 1]);
    expect(result.content[0].text).toContain(urlOf(links[0] ?? ''));
  });
});

test('a call without a connection gets no link for the account of all who name nobody with a key that may name nobody (T41)', async () => {
  const { key } = await edge.publishKey({ mayAssertUser: false });
  for (const capabilities of [canOpen, {}]) {
    const { result } = await ask(edge, 'tools/call', { name: 'echo', arguments: { text: 'a' } }, { key, capabilities });
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'credentials_missing' } });
    expect(JSON.stringify(result)).not.toContain('/connect/');
  }
  expect(links).toEqual([]);
});

describe('managing a connection', () => {
  const aKey = { kind: 'api-key', keyId: 'key_1', permissions: ['tools:call', 'secrets:write'] } as const;
  type Caller = Partial<Omit<KeyPrincipal, 'kind'>> | Partial<Omit<TokenPrincipal, 'kind'>>;

  async function manage(username: string, connectionRequest: ConnectionRequest, caller: Caller | 'anonymous' = {}) {
    const manifest = await edge.parts.snapshot.getManifest(edge.serverId);
    if (manifest === undefined) throw new Error('the server is not published');
    const principal =
      caller === 'anonymous'
        ? { kind: caller }
        : { ...aKey, workspaceId: edge.workspaceId, ...(username === '' ? {} : { username }), ...caller };
    const request = {
      era: 'modern',
      protocolVersion: '2026-07-28',
      id: 1,
      method: 'tools/call',
      params: {},
      meta: {},
      principal,
      server: toHostedServer(manifest),
      signal: new AbortController().signal,
      headers: username === '' ? {} : { 'x-username': username },
    } as unknown as McpRequest;
    return manageConnection(edge.parts, request, request.server, connectionRequest);
  }

  test('shows its status without creating anything', async () => {
    const user = newUser();
    expect(await manage(user, { mode: 'status' })).toEqual({
      status: 'not_connected',
      required_fields: ['api_key'],
      message: expect.stringContaining("mode 'connect'"),
    });
    connected.add(user);
    expect(await manage(user, { mode: 'status' })).toEqual({ status: 'active', label: `${user}@example.test` });
    expect(links).toEqual([]);
  });

  test('gives a link, the same one while it is valid, until a new one is requested', async () => {
    const user = newUser();
    const first = await manage(user, { mode: 'connect' });
    expect(first).toEqual({
      status: 'initiated',
      connect_url: urlOf(`token-${user}-1`),
      required_fields: ['api_key'],
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
      message: expect.any(String),
    });
    expect(await manage(user, { mode: 'connect' })).toEqual(first);
    expect(await manage(user, { mode: 'status' })).toMatchObject({ status: 'initiated' });
    const second = await manage(user, { mode: 'connect', reconnect: true });
    expect(second.connect_url).toBe(urlOf(`token-${user}-2`));
    expect((await manage(user, { mode: 'connect' })).connect_url).toBe(second.connect_url);
  });

  test('of a connected user shows that, and gives a link only to reconnect', async () => {
    const user = newUser();
    connected.add(user);
    expect(await manage(user, { mode: 'connect' })).toEqual({ status: 'active', label: `${user}@example.test` });
    expect(await manage(user, { mode: 'connect', reconnect: true })).toMatchObject({ connect_url: expect.any(String) });
  });

  const onlyCalls = { permissions: ['tools:call'] as const };
  const aToken = { kind: 'token', issuer: 'https://issuer.test', subject: 's', permissions: [] };
  test.each<[string, boolean, Caller, string]>([
    ['a key that may only call tools', false, onlyCalls, newUser()],
    ['the same key, for calls that name nobody', false, onlyCalls, ''],
    ['a key that may store credentials', true, {}, newUser()],
    ['a token of the user whose account it is', true, aToken, newUser()],
    ['a token of no user', false, aToken, ''],
  ])(
    'gives a link that replaces a working account to who may replace it: %s: %s (T41)',
    async (_who, isGiven, caller, user) => {
      connected.add(user === '' ? 'project_default_user' : user);
      const managed = await manage(user, { mode: 'connect', reconnect: true }, caller);
      expect([managed.status, managed.connect_url !== undefined]).toEqual([isGiven ? 'initiated' : 'failed', isGiven]);
      expect(links).toHaveLength(isGiven ? 1 : 0);
      const seen = edge.calls.map((made) => made.arguments).filter(({ link }) => link === true);
      expect(seen).toEqual(isGiven ? [{ link: true, replaces: true }] : []);
    },
  );

  test('never gives a link that replaces an account to somebody else (T41)', async () => {
    const user = newUser();
    connected.add(user);
    const replacing = await manage(user, { mode: 'connect', reconnect: true });
    connected.delete(user);
    const other = await manage(user, { mode: 'connect' }, onlyCalls);
    expect(other.connect_url).not.toBe(replacing.connect_url);
  });

  test.each([
    ['manage_connections', (caller: Caller) => manage('', { mode: 'connect' }, caller)],
    ['reconnecting', (caller: Caller) => manage('', { mode: 'connect', reconnect: true }, caller)],
  ])(
    'gives no link for the account of all who name nobody to a key that may name nobody: %s (T41)',
    async (_how, ask) => {
      const managed = await ask({ mayAssertUser: false });
      expect(managed).toEqual({ status: 'failed', message: expect.stringContaining('may not name a user') });
      expect(links).toEqual([]);
      expect((await ask({})).connect_url).toBeDefined();
    },
  );

  test('has nothing to do where no sign-in is needed', async () => {
    await edge.publishServer({ tools });
    expect(await manage(newUser(), { mode: 'connect' })).toEqual({ status: 'no_auth_required' });
  });

  test('says why it failed', async () => {
    edge.handle = async () => failed('not_started', 'secret_unavailable', 'The secret store is away');
    expect(await manage(newUser(), { mode: 'status' })).toEqual({
      status: 'failed',
      message: 'The secret store is away',
    });
  });

  test('gives no link to a caller without a key (B037)', async () => {
    await edge.post(call({ text: 'a' }));
    for (const mode of ['connect', 'status'] as const) {
      const managed = await manage('', { mode }, 'anonymous');
      expect(managed.status).toBe(mode === 'connect' ? 'failed' : 'not_connected');
      expect(managed.connect_url).toBeUndefined();
    }
  });
});
