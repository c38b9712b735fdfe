import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json, Outcome } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { createMemoryStore } from '../../test/memory-store.ts';
import { openClient, rulesWith } from '../../test/open-client.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

const ref = { workspaceId: 'ws', connectionId: 'sso_1' };
const redirectUri = 'https://api.example.test/sign-in/sso/callback';
const state = 'state-of-at-least-16';
const clientId = 'toolplane';
const SECRET = 'canary-client-secret';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
type Header = { alg: string; kid?: string; jku?: string };

let rsa: Keys;
let ec: Keys;
let strangers: Keys;
let server: Upstream;
let commands: TestCommands;
let store: ReturnType<typeof createMemoryStore>;
/** The behaviour of the issuer unless a test changes it. */
let metadata: Record<string, Json>;
let sign: (claims: JWTPayload) => Promise<string> | string;
let answerStatus: number;
let nonce: string;

beforeAll(async () => {
  [rsa, ec, strangers] = (await Promise.all(['RS256', 'ES256', 'RS256'].map((alg) => generateKeyPair(alg)))) as [
    Keys,
    Keys,
    Keys,
  ];
  server = await startUpstream(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', server.url);
    if (pathname === '/.well-known/openid-configuration') return json(metadata)(request, response);
    if (pathname === '/jwks') return json(await jwks())(request, response);
    if (pathname === '/token') {
      const answer = answerStatus === 200 ? { access_token: 'x', id_token: await sign(claims()) } : { error: 'x' };
      return json(answer as Json, answerStatus)(request, response);
    }
    return json({ keys: [{ ...(await exportJWK(strangers.publicKey)), kid: 'evil' }] } as Json)(request, response);
  });
});
beforeEach(() => {
  store = createMemoryStore();
  commands = startCommands(store);
  server.seen.length = 0;
  answerStatus = 200;
  sign = (payload) => signedBy(rsa, { alg: 'RS256', kid: 'rsa' })(payload);
  metadata = {
    issuer: server.url,
    authorization_endpoint: `${server.url}/authorize?prompt=login`,
    token_endpoint: `${server.url}/token`,
    jwks_uri: `${server.url}/jwks`,
  };
});
afterEach(() => expect(commands.internalErrors).toEqual([]));
afterAll(async () => server[Symbol.asyncDispose]());

async function jwks() {
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa' },
    { ...(await exportJWK(ec.publicKey)), kid: 'ec' },
  ];
  return { keys } as Json;
}

const signedBy = (keys: Keys, header: Header) => (payload: JWTPayload) =>
  new SignJWT(payload).setProtectedHeader(header).sign(keys.privateKey);

const seconds = () => Math.floor(commands.time.nowMs / 1000);
const claims = (): JWTPayload => ({
  iss: server.url,
  aud: clientId,
  sub: 'ada-1',
  nonce,
  iat: seconds(),
  exp: seconds() + 300,
  email: 'ada@example.test',
  email_verified: true,
  name: 'Ada',
});

async function start(rest: object = {}, tenant = 'ws'): Promise<Outcome> {
  const command = { command: 'start_single_sign_on', ref, issuer: server.url, clientId, hasSecret: false };
  const outcome = await commands.send({ ...command, redirectUri, state, ...rest }, tenant);
  if (outcome.ok) nonce = new URL(startedOf(outcome).authorizationUrl).searchParams.get('nonce') ?? '';
  return outcome;
}

function startedOf(outcome: Outcome): { authorizationUrl: string; session: string } {
  if (!outcome.ok || outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value as { authorizationUrl: string; session: string };
}

const finish = (session: string, rest: object = {}) =>
  commands.send({ command: 'finish_single_sign_on', ref, session, code: 'a-code', ...rest });

async function signOn(rest: object = {}): Promise<Outcome> {
  return finish(startedOf(await start()).session, rest);
}

const signedOn = {
  ok: true,
  outcome: 'done',
  value: {
    issuer: expect.any(String),
    subject: 'ada-1',
    email: 'ada@example.test',
    isEmailVerified: true,
    name: 'Ada',
  },
};

test('a person is sent to the issuer with PKCE, a nonce and the state, and only we can read the session', async () => {
  const { authorizationUrl, session } = startedOf(await start());
  const {
    code_challenge: challenge,
    nonce: sent,
    ...rest
  } = Object.fromEntries(new URL(authorizationUrl).searchParams);
  expect(rest).toEqual({
    prompt: 'login',
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    scope: 'openid email profile',
    code_challenge_method: 'S256',
  });
  expect([challenge, sent]).toEqual([expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^[\w-]{43}$/)]);
  expect(await finish(session)).toEqual(signedOn);
  const form = new URLSearchParams(server.seen.find(({ url }) => url === '/token')?.body);
  expect(
    createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url'),
  ).toBe(challenge);
  for (const text of [sent ?? '', form.get('code_verifier') ?? '', server.url]) expect(session).not.toContain(text);
});

test.each<[string, (payload: JWTPayload) => Promise<string>]>([
  ['RS256', (it) => changed({})(it)],
  ['ES256', (it) => signedBy(ec, { alg: 'ES256', kid: 'ec' })(it)],
  ['several audiences, issued to this client', (it) => changed({ aud: [clientId, 'another'], azp: clientId })(it)],
])('an ID token is accepted: %s', async (_name, good) => {
  sign = good;
  expect(await signOn()).toEqual(signedOn);
});

const changed = (rest: JWTPayload) => (payload: JWTPayload) =>
  signedBy(rsa, { alg: 'RS256', kid: 'rsa' })({ ...payload, ...rest });
const without = (name: string) => (payload: JWTPayload) =>
  signedBy(rsa, { alg: 'RS256', kid: 'rsa' })(
    Object.fromEntries(Object.entries(payload).filter(([it]) => it !== name)),
  );

test.each<[string, (payload: JWTPayload) => Promise<string> | string]>([
  ['alg none', (it) => new UnsecuredJWT(it).encode()],
  [
    'HS256 with the public key',
    async (it) => {
      const { n = '' } = await exportJWK(rsa.publicKey);
      return new SignJWT(it).setProtectedHeader({ alg: 'HS256', kid: 'rsa' }).sign(Buffer.from(n));
    },
  ],
  [
    'HS256 with the client secret',
    (it) => new SignJWT(it).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET.padEnd(32, '.'))),
  ],
  ['the key of a stranger', (it) => signedBy(strangers, { alg: 'RS256', kid: 'rsa' })(it)],
  ['an unknown kid', (it) => signedBy(strangers, { alg: 'RS256', kid: 'evil' })(it)],
  ['a jku', (it) => signedBy(strangers, { alg: 'RS256', kid: 'evil', jku: `${server.url}/evil-jwks` })(it)],
  ['another audience', changed({ aud: 'another' })],
  ['several audiences and no authorized party', changed({ aud: [clientId, 'another'] })],
  ['another client', changed({ azp: 'another' })],
  ['another issuer', changed({ iss: 'https://evil.example.test' })],
  ['the issuer with an extra slash', (it) => changed({ iss: `${it.iss}/` })(it)],
  ['another nonce', changed({ nonce: 'another' })],
  ['no nonce', without('nonce')],
  ['no expiry', without('exp')],
  ['no subject', without('sub')],
  ['an expiry an hour ago', (it) => changed({ exp: (it.exp ?? 0) - 3900 })(it)],
  [
    'a changed payload',
    async (it) => {
      const [head, , tail] = (await signedBy(rsa, { alg: 'RS256', kid: 'rsa' })(it)).split('.');
      return [head, Buffer.from(JSON.stringify({ ...it, sub: 'eve' })).toString('base64url'), tail].join('.');
    },
  ],
  ['a text that is not a JWT', () => 'x'],
])('an ID token is refused with %s (B040)', async (_name, forge) => {
  sign = forge;
  const outcome = await signOn();
  expect(outcome).toMatchObject({ ok: false, error: { code: 'credentials_refused' } });
  expect(JSON.stringify(outcome)).not.toMatch(/ada|eve|eyJ/);
  expect(server.seen.map(({ url }) => url)).not.toContain('/evil-jwks');
});

test.each<[string, Json | undefined, boolean]>([
  ['true', true, true],
  ['false', false, false],
  ['text', 'true', false],
  ['absent', undefined, false],
])('an e-mail address is verified only when the issuer says so: %s', async (_name, said, isEmailVerified) => {
  sign = said === undefined ? without('email_verified') : changed({ email_verified: said });
  expect(await signOn()).toMatchObject({ ok: true, value: { isEmailVerified } });
});

test('an answer from another issuer, or without a promised issuer, is refused before a code is sent (B040)', async () => {
  const refused = { ok: false, error: { code: 'credentials_refused' } };
  expect(await signOn({ iss: 'https://evil.example.test' })).toMatchObject(refused);
  metadata['authorization_response_iss_parameter_supported'] = true;
  expect(await signOn()).toMatchObject(refused);
  expect(server.seen.map(({ url }) => url)).not.toContain('/token');
  expect(await signOn({ iss: server.url })).toEqual(signedOn);
});

test('an issuer that identifies itself by another name, or has an unusable endpoint URL, is refused', async () => {
  const bad = { ok: false, error: { code: 'upstream_bad_response' } };
  for (const rest of [{ issuer: `${server.url}/` }, { token_endpoint: 'javascript:x' }, { jwks_uri: '/jwks' }]) {
    const known = metadata;
    metadata = { ...known, ...rest } as Record<string, Json>;
    expect(await start()).toMatchObject(bad);
    metadata = known;
  }
});

test('a session is valid for ten minutes, and only for its own connection', async () => {
  const { session } = startedOf(await start());
  const elsewhere = await finish(session, { ref: { ...ref, connectionId: 'sso_2' } });
  expect(elsewhere).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  commands.time.nowMs += 10 * 60_000;
  expect(await finish(session)).toMatchObject({ ok: false, error: { code: 'credentials_refused' } });
  expect(server.seen.map(({ url }) => url)).not.toContain('/token');
});

test('a client secret goes only to the token endpoint that it is sealed for', async () => {
  const put = (hosts: string[]) =>
    store.put(
      { workspaceId: 'ws', serverId: 'sso_1', name: 'client_secret' },
      { value: new SecretValue(SECRET), hosts, version: 1 },
    );
  expect(await start({ hasSecret: true })).toMatchObject({ ok: false, error: { code: 'secret_missing' } });
  await put(['id.example.test']);
  expect(await start({ hasSecret: true })).toMatchObject({ ok: false, error: { code: 'secret_host_denied' } });
  await put(['127.0.0.1']);
  expect(await finish(startedOf(await start({ hasSecret: true })).session)).toEqual(signedOn);
  const token = server.seen.find(({ url }) => url === '/token');
  expect(token?.headers.authorization).toBe(`Basic ${btoa(`${clientId}:${SECRET}`)}`);
});

test('a code that the issuer refuses signs nobody in', async () => {
  answerStatus = 400;
  expect(await signOn()).toMatchObject({ ok: false, error: { code: 'credentials_refused' } });
});

test('egress rules also apply to an issuer, and other tenants’ connections are not found (T3)', async () => {
  expect(await start({}, 'other')).toMatchObject({ ok: false, error: { code: 'not_found' } });
  commands = startCommands(store, { client: openClient({ rulesOf: () => rulesWith({ denyHosts: ['127.0.0.1'] }) }) });
  expect(await start()).toMatchObject({ ok: false, error: { code: 'egress_denied' } });
  expect(server.seen).toEqual([]);
});
