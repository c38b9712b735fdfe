import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Json, succeeded, type ToolCall } from '@toolplane/contracts';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { openStream } from './event-reader.ts';
import { call, echoTool, modern, startTestEdge, type TestAnswer, type TestEdge } from './test-edge.ts';
import { createTestIssuer, type TestIssuer } from './test-issuer.ts';

/* Access tokens of the platform's own authorization server (MCP, Authorization; T26). */

let redis: TestRedis;
let edge: TestEdge;
let issuer: TestIssuer;

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const write = { ...echoTool, ...plan, name: 'write', annotations: { destructiveHint: false } };
const connected = { ...echoTool, ...plan, name: 'connected', usesConnection: true } as const;
const tools = [{ ...echoTool, ...plan }, write, connected];
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

beforeAll(async () => {
  redis = await startTestRedis();
  edge = await startTestEdge(undefined, redis.url);
  issuer = await createTestIssuer('https://tp.test/oauth');
  await edge.publishIssuer(issuer.url, issuer.keys);
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});
beforeEach(async () => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded({ caller: (body as ToolCall).caller } as Json);
  await edge.publishServer({ tools });
});

const audienceOf = (serverId: string) => `http://127.0.0.1/mcp/${serverId}`;
const metadataOf = (serverId: string) => `http://127.0.0.1/.well-known/oauth-protected-resource/mcp/${serverId}`;
const claims = (more: JWTPayload = {}): JWTPayload => ({
  aud: audienceOf(edge.serverId),
  sub: 'psn_ann',
  client_id: 'https://client.test',
  tp_ws: edge.workspaceId,
  scope: 'tools:read tools:call',
  groups: ['role:viewer'],
  ...more,
});
const post = (
  token: string,
  message: object = list,
  { headers = {}, ...options }: { headers?: object; path?: string } = {},
) => edge.post(message, { key: '', headers: { authorization: `Bearer ${token}`, ...headers }, ...options });
const callOf = (name: string) => ({ ...call({}), params: { name, arguments: { text: 'a' } } });
const outcomeOf = ({ status, headers, body }: TestAnswer) => [
  status,
  body.error?.data?.code,
  /error="(\w+)"/.exec(headers.get('www-authenticate') ?? '')?.[1],
];
const refused = [401, 'unauthenticated', 'invalid_token'];

test('a token issued for a server is accepted there, in both eras and at both of its paths', async () => {
  const token = await issuer.sign(claims());
  const answer = await post(token);
  expect(answer.body.result.tools.map(({ name }: { name: string }) => name)).toEqual(['connected', 'echo', 'write']);
  expect((await post(token, list, { path: `/api/v1/mcp/${edge.serverId}` })).status).toBe(200);
  const params = { name: 'write', arguments: { text: 'a' }, _meta: modern.meta };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const called = await post(token, message, { headers: modern.headers('tools/call', 'write') });
  expect(called.body.result.structuredContent).toEqual({ caller: { config: {} } });
});

describe('an invalid token is refused without asking anybody about it', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const foreign = async () => (await generateKeyPair('ES256')).privateKey;
  const shared = async (secret: string, header: object) =>
    new SignJWT({ iss: issuer.url, iat: now(), exp: now() + 60, ...claims() })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'k1', ...header })
      .sign(Buffer.from(secret.padEnd(32)));

  test.each<[string, () => Promise<string> | string]>([
    ['without a signature (B031)', () => new UnsecuredJWT({ iss: issuer.url, exp: now() + 60, ...claims() }).encode()],
    [
      'with alg none and a signature (B031)',
      async () =>
        (await issuer.sign(claims())).replace(
          /^[^.]+/,
          Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url'),
        ),
    ],
    ['signed with the public key as a shared secret (B031)', () => shared(JSON.stringify(issuer.keys[0]), {})],
    [
      'with a key of its own in its header (B031)',
      async () => {
        const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
        return issuer.sign(claims(), { jwk: await exportJWK(publicKey) }, privateKey);
      },
    ],
    [
      'with an unknown critical header (B031)',
      () =>
        new SignJWT({ iss: issuer.url, iat: now(), exp: now() + 60, ...claims() })
          .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', crit: ['x'], x: 1 })
          .sign(issuer.privateKey, { crit: { x: true } }),
    ],
    ['with an unknown kid (B031)', () => issuer.sign(claims(), { kid: 'k2' })],
    ['with a kid that is a path (B031)', () => issuer.sign(claims(), { kid: '../../a' })],
    ['signed with a foreign key', async () => issuer.sign(claims(), {}, await foreign())],
    [
      'with a modified payload',
      async () =>
        (await issuer.sign(claims())).replace(
          /\.[^.]+\./,
          `.${Buffer.from(JSON.stringify({ ...claims(), iss: issuer.url, iat: now(), exp: now() + 60, sub: 'psn_bob' })).toString('base64url')}.`,
        ),
    ],
    ['for another server (B032)', () => issuer.sign(claims({ aud: audienceOf('srv_other') }))],
    ['for a prefix of the server (B032)', () => issuer.sign(claims({ aud: audienceOf(edge.serverId).slice(0, -1) }))],
    ['without an audience (B032)', () => issuer.sign(claims({ aud: undefined as never }))],
    ['whose issuer ends in a slash (B032)', () => issuer.sign(claims({ iss: `${issuer.url}/` }))],
    ['that has expired (B032)', () => issuer.sign(claims({ exp: now() - 31 }))],
    ['that is not valid yet (B032)', () => issuer.sign(claims({ nbf: now() + 60 }))],
    ['that was issued in the future', () => issuer.sign(claims({ iat: now() + 120 }))],
    ['without an expiry (B032)', () => issuer.sign(claims({ exp: undefined as never }))],
    ['that is two hours old (B032)', () => issuer.sign(claims({ iat: now() - 7200 }))],
    ['without a time of issue', () => issuer.sign(claims({ iat: undefined as never }))],
    ['without a subject', () => issuer.sign(claims({ sub: undefined as never }))],
    [
      'that names another place for its keys (B033)',
      async () =>
        issuer.sign(claims(), { jku: 'http://127.0.0.1:9/keys', x5u: 'http://127.0.0.1:9/x' }, await foreign()),
    ],
    ['that is not an access token', () => issuer.sign(claims(), { typ: 'JWT' })],
    ['that only its client may use (cnf)', () => issuer.sign(claims({ cnf: { jkt: 'a' } }))],
    ['of another workspace', () => issuer.sign(claims({ tp_ws: 'ws_other' }))],
    ['with a subject that is neither a person nor an agent', () => issuer.sign(claims({ sub: 'ann' }))],
    ['that is not a JWT', () => 'garbage'],
    ['that is three words separated by dots', () => 'a.b.c'],
    ['that is too long', async () => issuer.sign(claims({ padding: 'a'.repeat(13_000) }))],
  ])('%s', async (_name, make) => {
    expect(outcomeOf(await post(await make(), callOf('echo')))).toEqual(refused);
    expect(edge.calls).toEqual([]);
  });

  test('the audience may be one of several (B032)', async () => {
    expect((await post(await issuer.sign(claims({ aud: ['https://a.test', audienceOf(edge.serverId)] })))).status).toBe(
      200,
    );
  });

  test('a valid token that names another place for its keys does not cause a fetch (B033)', async () => {
    const header = { jku: 'http://127.0.0.1:9/keys', x5u: 'http://127.0.0.1:9/x' };
    expect((await post(await issuer.sign(claims(), header))).status).toBe(200);
    expect(edge.calls).toEqual([]);
  });
});

describe('the authorization server of a server', () => {
  test('is named in the refusal, in the same way for a server that does not exist', async () => {
    const strange = await edge.post(list, { key: '' });
    expect(strange.headers.get('www-authenticate')).toBe(
      `Bearer realm="http://127.0.0.1", scope="tools:call", resource_metadata="${metadataOf(edge.serverId)}"`,
    );
    const none = await edge.post(list, { key: '', path: '/mcp/srv_none' });
    const challenge = strange.headers.get('www-authenticate')?.replaceAll(edge.serverId, 'srv_none');
    expect([none.status, none.headers.get('www-authenticate'), none.text]).toEqual([401, challenge, strange.text]);
    const token = await issuer.sign(claims());
    expect(outcomeOf(await post(token, list, { path: '/mcp/srv_none' }))).toEqual(refused);
  });

  test('is to be asked only for read access where all tools only read', async () => {
    await edge.publishServer({});
    const { headers } = await edge.post(list, { key: '' });
    expect(headers.get('www-authenticate')).toContain('scope="tools:read"');
  });

  test('is in the metadata of the server (RFC 9728), which does not contain the server’s name', async () => {
    const read = async (path: string, method = 'GET') => {
      const response = await fetch(`${edge.url}/.well-known/oauth-protected-resource${path}`, { method });
      return { status: response.status, body: await response.json() };
    };
    expect(await read(`/mcp/${edge.serverId}`)).toEqual({
      status: 200,
      body: {
        resource: audienceOf(edge.serverId),
        authorization_servers: [issuer.url],
        scopes_supported: ['tools:read', 'tools:call'],
        bearer_methods_supported: ['header'],
      },
    });
    expect((await read('/mcp/srv_none')).status).toBe(404);
    expect((await read(`/mcp/${edge.slug}`)).status).toBe(404);
    expect((await read(`/mcp/${edge.serverId}`, 'POST')).status).toBe(405);
    await edge.publishServer({ isPublic: true });
    expect((await read(`/mcp/${edge.serverId}`)).status).toBe(404);
  });

  test('is not named where a server is addressed by its slug, which a token cannot name', async () => {
    const { headers } = await edge.post(list, { key: '', path: `/mcp/${edge.slug}` });
    expect(headers.get('www-authenticate')).toBe('Bearer realm="http://127.0.0.1"');
    const token = await issuer.sign(claims());
    expect((await post(token, list, { path: `/mcp/${edge.slug}` })).status).toBe(401);
  });

  test('a token is accepted only in the header', async () => {
    const token = await issuer.sign(claims());
    const path = `/mcp/${edge.serverId}?access_token=${token}`;
    expect((await edge.post(list, { key: '', path })).status).toBe(401);
    expect((await edge.post(list, { key: token })).status).toBe(401);
    expect((await post(token, list, { headers: { 'x-api-key': edge.key } })).status).toBe(400);
  });
});

describe('scopes', () => {
  const lacks = (scope: string) =>
    `Bearer realm="http://127.0.0.1", error="insufficient_scope", scope="${scope}", resource_metadata="${metadataOf(edge.serverId)}"`;

  test('read access sees all tools and may call those that only read (B034)', async () => {
    const token = await issuer.sign(claims({ scope: 'openid tools:read' }));
    expect((await post(token)).body.result.tools).toHaveLength(3);
    expect((await post(token, callOf('echo'))).body.result.isError).toBeUndefined();
    const answer = await post(token, callOf('write'));
    expect(outcomeOf(answer)).toEqual([403, 'insufficient_scope', 'insufficient_scope']);
    expect(answer.headers.get('www-authenticate')).toBe(lacks('tools:call'));
    const params = { name: 'write', arguments: { text: 'a' }, _meta: modern.meta };
    const message = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
    const modernAnswer = await post(token, message, { headers: modern.headers('tools/call', 'write') });
    expect([modernAnswer.status, modernAnswer.body.id]).toEqual([403, 7]);
    expect(modernAnswer.headers.get('www-authenticate')).toBe(lacks('tools:call'));
    expect(edge.calls.map(({ tool }) => tool)).toEqual(['echo']);
  });

  test('a token without any of our scopes sees nothing (B034)', async () => {
    const answer = await post(await issuer.sign(claims({ scope: 'openid' })));
    expect(outcomeOf(answer)).toEqual([403, 'insufficient_scope', 'insufficient_scope']);
    expect(answer.headers.get('www-authenticate')).toBe(lacks('tools:read'));
  });

  test('access to call every tool includes read access', async () => {
    const token = await issuer.sign(claims({ scope: 'tools:call' }));
    expect((await post(token)).status).toBe(200);
    expect((await post(token, callOf('echo'))).status).toBe(200);
  });
});

describe('a token speaks for', () => {
  const callerOf = async (token: string, options: object = {}) =>
    (await post(token, callOf('connected'), options)).body.result?.structuredContent?.caller;

  test('its subject, who may name only himself (B037)', async () => {
    const token = await issuer.sign(claims());
    expect(await callerOf(token)).toEqual({ config: {}, username: 'psn_ann', onlyOwn: true });
    expect(await callerOf(token, { headers: { 'x-username': 'psn_ann' } })).toMatchObject({ username: 'psn_ann' });
    const other = await post(token, callOf('connected'), { headers: { 'x-username': 'bob' } });
    expect(outcomeOf(other)).toEqual([403, 'forbidden', undefined]);
  });

  test('only the agent itself when an agent has its own token', async () => {
    const token = await issuer.sign(claims({ sub: 'agt_1', groups: undefined as never }));
    expect(await callerOf(token)).toEqual({ config: {}, agentId: 'agt_1' });
    expect((await post(token, list, { headers: { 'x-username': 'agt_1' } })).status).toBe(403);
  });

  test.each(['psn_ann', 'agt_1'])('nobody while its subject is deactivated: %s', async (sub) => {
    const token = await issuer.sign(claims({ sub }));
    expect((await post(token)).status).toBe(200);
    await edge.publishUserRules({ deactivated: [edge.digestOf(sub)] });
    while ((await post(token)).status !== 403);
    await edge.publishUserRules({});
    while ((await post(token)).status !== 200);
  });

  test('a member also where the workspace does not accept unknown users', async () => {
    const token = await issuer.sign(claims());
    await edge.publishUserRules({ unknownUsers: 'refuse' });
    const keyed = () => edge.post(list, { headers: { 'x-username': 'nobody' } });
    while ((await keyed()).status !== 404);
    expect((await post(token)).status).toBe(200);
    await edge.publishUserRules({});
    while ((await keyed()).status !== 200);
  });
});

test('a token is refused once its key has been withdrawn', async () => {
  const next = await createTestIssuer(issuer.url, 'k2');
  const [old, fresh] = [await issuer.sign(claims()), await next.sign(claims())];
  expect([(await post(old)).status, (await post(fresh)).status]).toEqual([200, 401]);
  await edge.publishIssuer(issuer.url, [...issuer.keys, ...next.keys]);
  expect([(await post(old)).status, (await post(fresh)).status]).toEqual([200, 200]);
  await edge.publishIssuer(issuer.url, next.keys);
  expect([(await post(old)).status, (await post(fresh)).status]).toEqual([401, 200]);
  await edge.publishIssuer(issuer.url, issuer.keys);
});

test('a server whose owner has his own issuer does not accept tokens of the platform', async () => {
  const token = await issuer.sign(claims());
  expect((await post(token)).status).toBe(200);
  const own = { issuer: 'https://id.example.test', tokens: 'jwt', ageSecondsMax: 3600 } as const;
  await edge.publishServer({ tools, authorization: { ...own, planDigest: 'keys', deadlineMs: 1000 } });
  expect(outcomeOf(await post(token))[0]).toBe(401);
  expect(edge.calls).toEqual([]);
});

test('a stream ends when the token that opened it expires', async () => {
  // The clock may deviate by half a minute in either direction, as for any valid token.
  const token = await issuer.sign(claims({ exp: Math.floor(Date.now() / 1000) - 28 }));
  const stream = await openStream(`${edge.url}/mcp/${edge.serverId}/sse`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
  });
  expect(stream.status).toBe(200);
  await stream.rest();
});

describe('a stream', () => {
  const open = async (token: string) => {
    const stream = await openStream(`${edge.url}/mcp/${edge.serverId}/sse`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
    });
    await stream.next();
    return stream;
  };

  test('of a member stays open where the workspace does not accept unknown users', async () => {
    await edge.publishUserRules({ unknownUsers: 'refuse' });
    while ((await edge.post(list, { headers: { 'x-username': 'nobody' } })).status !== 404);
    const stream = await open(await issuer.sign(claims()));
    await edge.publishServer({});
    expect((await stream.next())?.message).toMatchObject({ method: 'notifications/tools/list_changed' });
    stream.leave();
    await edge.publishUserRules({});
    while ((await edge.post(list, { headers: { 'x-username': 'nobody' } })).status !== 200);
  });

  test('of an agent ends when the agent is turned off', async () => {
    const stream = await open(await issuer.sign(claims({ sub: 'agt_2' })));
    await edge.publishUserRules({ deactivated: [edge.digestOf('agt_2')] });
    expect(await stream.next()).toBeUndefined();
    await edge.publishUserRules({});
    while ((await edge.post(list, { headers: { 'x-username': 'agt_2' } })).status !== 200);
  });

  test('ends when the owner replaces the issuer of its token', async () => {
    const stream = await open(await issuer.sign(claims()));
    const own = { issuer: 'https://id.example.test', tokens: 'jwt', ageSecondsMax: 3600 } as const;
    await edge.publishServer({ tools, authorization: { ...own, planDigest: 'keys', deadlineMs: 1000 } });
    expect(await stream.next()).toBeUndefined();
  });
});

test('an address that tries tokens is slowed down, but a valid token from there still passes (B030)', async () => {
  const { url } = await edge.startReplica();
  const ask = (token: string) =>
    fetch(`${url}/mcp/${edge.serverId}`, {
      method: 'POST',
      body: JSON.stringify(list),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });
  const statuses: number[] = [];
  for (let tries = 0; tries < 70; tries += 1) statuses.push((await ask(`wrong.token.${tries}`)).status);
  expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  expect((await ask(await issuer.sign(claims()))).status).toBe(200);
});
