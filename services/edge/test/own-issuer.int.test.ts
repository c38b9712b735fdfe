import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type FinalOutcome,
  failed,
  ISSUER_KEYS,
  ISSUER_USER,
  type Json,
  type JsonObject,
  type Manifest,
  type ManifestAuthorization,
  succeeded,
  type ToolCall,
} from '@toolplane/contracts';
import type { JWTPayload } from 'jose';
import { policyOf } from './policies.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';
import { createTestIssuer, type TestIssuer } from './test-issuer.ts';

/* Tokens of the owner's own authorization server, instead of the platform's. */

let edge: TestEdge;
let issuer: TestIssuer;
/** The answers of the UserInfo endpoint, by token. */
let users: Record<string, JsonObject>;
let digests = 0;

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const forward = { ...echoTool, ...plan, name: 'forward', usesToken: true, annotations: {} } as const;
const taken = { ...forward, name: 'taken', origin: { serverId: 'srv_home', name: 'forward' } };
const connected = { ...echoTool, ...plan, name: 'connected', usesConnection: true } as const;
const tools = [{ ...echoTool, ...plan }, forward, taken, connected];
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

beforeAll(async () => {
  edge = await startTestEdge();
  issuer = await createTestIssuer('https://id.example.test/');
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  users = {};
  edge.calls.length = 0;
  edge.handle = async ({ body }): Promise<FinalOutcome> => {
    const { tool, caller } = body as ToolCall;
    if (tool === ISSUER_KEYS) return succeeded({ keys: issuer.keys });
    if (tool !== ISSUER_USER) return succeeded({ caller } as Json);
    const claims = users[caller.token ?? ''];
    return claims === undefined ? failed('done', 'step_failed', 'no', { status: 401 }) : succeeded({ claims });
  };
});

/** Publishes an authorization with a different plan each time, so that no test gets another's cached answer. */
async function publish(
  changes: Partial<ManifestAuthorization> = {},
  isPublic = false,
  more: Partial<Manifest> = {},
): Promise<void> {
  digests += 1;
  const authorization: ManifestAuthorization = {
    issuer: issuer.url,
    tokens: 'jwt',
    ageSecondsMax: 3600,
    planDigest: `issuer${digests}`,
    deadlineMs: 5000,
    ...changes,
  };
  await edge.publishServer({ tools, authorization, isPublic, ...more });
}

const sign = (claims: JWTPayload = {}, header: object = { typ: 'JWT' }) =>
  issuer.sign({ aud: `http://127.0.0.1/mcp/${edge.serverId}`, sub: 'ann', ...claims }, header);
const post = (token: string, message: object = list, headers: Record<string, string> = {}) =>
  edge.post(message, { key: '', headers: { authorization: `Bearer ${token}`, ...headers } });
const callOf = (name: string) => ({ ...call({}), params: { name, arguments: { text: 'a' } } });
const callerOf = async (name: string, token: string) =>
  (await post(token, callOf(name))).body.result?.structuredContent?.caller;
const asked = () => edge.calls.map(({ tool }) => tool);

describe('a JWT', () => {
  test('is verified with the keys of its issuer, which the data plane is asked for only once', async () => {
    await publish();
    const tokens = await Promise.all([sign(), sign({ sub: 'bob' }), sign({ sub: 'carl' })]);
    const answers = await Promise.all(tokens.map((token) => post(token)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(edge.calls).toEqual([expect.objectContaining({ tool: ISSUER_KEYS, caller: { config: {} } })]);
  });

  test.each<[string, JWTPayload, object]>([
    ['of another issuer', { iss: 'https://id.example.test' }, {}],
    ['that has expired', { exp: 1 }, {}],
    ['that is not an access token', {}, { typ: 'logout+jwt' }],
    ['with a foreign algorithm', {}, { alg: 'HS256' }],
  ])('%s causes no look-up of keys', async (_name, claims, header) => {
    await publish();
    const good = await sign(claims);
    const [, ...rest] = good.split('.');
    const head = Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'k1', ...header })).toString('base64url');
    expect((await post([head, ...rest].join('.'))).status).toBe(401);
    expect(edge.calls).toEqual([]);
  });

  test('must be for this server, or for the audience that the owner has named', async () => {
    await publish();
    expect((await post(await sign({ aud: 'api://ours' }))).status).toBe(401);
    await publish({ audience: 'api://ours' });
    expect((await post(await sign({ aud: 'api://ours' }))).status).toBe(200);
    expect((await post(await sign())).status).toBe(401);
  });

  test('may be as old as the owner allows (B032)', async () => {
    const old = () => sign({ iat: Math.floor(Date.now() / 1000) - 7200 });
    await publish();
    expect((await post(await old())).status).toBe(401);
    await publish({ ageSecondsMax: 86_400 });
    expect((await post(await old())).status).toBe(200);
  });

  test('is answered with an error when the issuer’s keys cannot be fetched', async () => {
    await publish();
    edge.handle = async () => failed('done', 'upstream_unreachable', 'away');
    const answer = await post(await sign());
    expect([answer.status, answer.body.error.data.code]).toEqual([503, 'config_unavailable']);
  });

  test('can be obtained from that issuer, as callers without a token are told', async () => {
    await publish({ scopes: { read: 'weather.read', call: 'weather.write' } });
    const { headers } = await edge.post(list, { key: '' });
    expect(headers.get('www-authenticate')).toContain('scope="weather.write", resource_metadata=');
    const url = `${edge.url}/.well-known/oauth-protected-resource/mcp/${edge.serverId}`;
    expect(await (await fetch(url)).json()).toMatchObject({
      authorization_servers: [issuer.url],
      scopes_supported: ['weather.read', 'weather.write'],
    });
  });
});

describe('a user of an issuer', () => {
  const hashed = expect.stringMatching(/^sub-[\w-]{43}$/);
  test.each<[string, unknown]>([
    ['ann@example.test', 'ann@example.test'],
    ['auth0|1234', hashed],
    ['psn_somebody', hashed],
    ['agt_something', hashed],
    ['sub-somebody', hashed],
    ['project_default_user', hashed],
  ])('%s has a name here that nobody else has: %s', async (sub, username) => {
    await publish();
    expect(await callerOf('connected', await sign({ sub }))).toEqual({ config: {}, onlyOwn: true, username });
  });

  test('may be named by another claim, and is not admitted without it', async () => {
    await publish({ claims: { username: 'email' } });
    const token = await sign({ email: 'ann@example.test' });
    expect(await callerOf('connected', token)).toMatchObject({ username: 'ann@example.test' });
    expect((await post(await sign())).status).toBe(401);
    expect((await post(await sign({ email: ['ann@example.test'] }))).status).toBe(401);
  });
});

describe('scopes', () => {
  test('have the names that the issuer uses (B034)', async () => {
    await publish({ scopes: { read: 'weather.read', call: 'weather.write' } });
    const reader = await sign({ scope: 'weather.read' });
    expect((await post(reader, callOf('echo'))).status).toBe(200);
    const refused = await post(reader, callOf('forward'));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="weather.write"');
    expect((await post(await sign({ scp: ['weather.write'] }), callOf('forward'))).status).toBe(200);
    expect((await post(await sign({ scope: 'tools:call' }))).status).toBe(403);
  });

  test('are not requested where the issuer has none for them', async () => {
    await publish();
    expect((await post(await sign(), callOf('forward'))).status).toBe(200);
    await publish({ scopes: { read: 'use' } });
    expect((await post(await sign({ scope: 'use' }), callOf('forward'))).status).toBe(200);
    expect((await post(await sign())).status).toBe(403);
  });
});

describe('the caller’s token (B035)', () => {
  test('goes only to those plans of this server that forward it', async () => {
    await publish();
    const token = await sign();
    expect(await callerOf('forward', token)).toEqual({ config: {}, token });
    for (const name of ['taken', 'echo']) expect(await callerOf(name, token)).toEqual({ config: {} });
    expect(await callerOf('connected', token)).toEqual({ config: {}, onlyOwn: true, username: 'ann' });
  });

  test('is never an API key, and is never forwarded on a public server', async () => {
    await publish();
    const bearer = { authorization: `Bearer ${edge.key}` };
    const answer = await edge.post(callOf('forward'), { key: '', headers: bearer });
    expect(answer.body.result.structuredContent.caller).toEqual({ config: {} });
    await publish({}, true);
    expect(await callerOf('forward', await sign())).toEqual({ config: {} });
  });

  test('may differ when a call is repeated with its idempotency key', async () => {
    await publish();
    const key = { 'idempotency-key': 'same' };
    const [first, second] = [await sign(), await sign()];
    const answers = [await post(first, callOf('forward'), key), await post(second, callOf('forward'), key)];
    expect(answers.map(({ body }) => body.result.structuredContent.caller.token)).toEqual([first, first]);
    expect(asked().filter((tool) => tool === 'forward')).toHaveLength(1);
  });
});

const manyTexts = Array.from({ length: 300 }, (_, index) => `group ${index}`);

test.each([
  ['300 groups', (denied: string[]) => ({ groups: [...manyTexts, ...denied] })],
  ['a group that is not text', (denied: string[]) => ({ groups: [7, ...denied] })],
  ['a claim of 300 texts', (denied: string[]) => ({ teams: [...manyTexts, ...denied] })],
])('a rule that denies finds its value in a token with %s', async (_title, claimsWith) => {
  const rules = [
    { id: 'guests', effect: 'deny' as const, tools: { names: ['echo'] }, callers: { groups: ['guests'] } },
    { id: 'teams', effect: 'deny' as const, tools: { names: ['echo'] }, callers: { claims: { teams: ['guests'] } } },
  ];
  await publish({}, false, { policy: policyOf({ rules }) });
  const sees = async (denied: string[]) => {
    const { body } = await post(await sign(claimsWith(denied)));
    return body.result.tools.some(({ name }: { name: string }) => name === 'echo');
  };
  expect([await sees([]), await sees(['guests'])]).toEqual([true, false]);
});

describe('an opaque token', () => {
  test('is sent to the issuer once a minute', async () => {
    await publish({ tokens: 'opaque' });
    users = { 'opaque-1': { sub: 'ann', groups: ['staff'] } };
    expect(await callerOf('connected', 'opaque-1')).toEqual({ config: {}, onlyOwn: true, username: 'ann' });
    await Promise.all([post('opaque-1'), post('opaque-1')]);
    expect(edge.calls.filter(({ tool }) => tool === ISSUER_USER)).toEqual([
      expect.objectContaining({ caller: { config: {}, token: 'opaque-1' } }),
    ]);
  });

  test('that the issuer does not know is refused, and not sent to it again', async () => {
    await publish({ tokens: 'opaque' });
    users = { silent: { name: 'Nobody' }, over: { sub: 'ann', exp: 1 } };
    for (const token of ['wrong', 'silent', 'over']) {
      expect([(await post(token)).status, (await post(token)).status]).toEqual([401, 401]);
    }
    expect(asked()).toEqual([ISSUER_USER, ISSUER_USER, ISSUER_USER]);
  });

  test('that looks like an API key is sent to nobody (B026)', async () => {
    await publish({ tokens: 'opaque' });
    expect([(await post(`${edge.key}x`)).status, (await post(edge.key.slice(0, -1))).status]).toEqual([401, 401]);
    expect(asked()).toEqual([]);
  });

  test('is neither accepted nor refused while the issuer cannot be asked', async () => {
    await publish({ tokens: 'opaque' });
    edge.handle = async () => failed('unknown', 'upstream_timeout', 'late');
    expect((await post('opaque-1')).status).toBe(503);
  });

  test('is delayed while five others are being checked, so that calls have room left', async () => {
    await publish({ tokens: 'opaque' });
    const answer = Promise.withResolvers<FinalOutcome>();
    edge.handle = () => answer.promise;
    const asking = Array.from({ length: 5 }, (_, index) => post(`new-${index}`));
    while (asked().length < 5) await new Promise(setImmediate);
    expect((await post('new-6')).status).toBe(429);
    answer.resolve(succeeded({ claims: { sub: 'ann' } }));
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await post('new-6')).status).toBe(200);
  });

  test('is not sent to the issuer from an address that has sent too many wrong ones (B030)', async () => {
    await publish({ tokens: 'opaque' });
    const { url } = await edge.startReplica();
    const ask = (token: string) =>
      fetch(`${url}/mcp/${edge.serverId}`, {
        method: 'POST',
        body: JSON.stringify(list),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      });
    for (let tries = 0; tries < 70; tries += 1) await ask(`wrong-${tries}`);
    expect(asked()).toHaveLength(60);
  });
});
