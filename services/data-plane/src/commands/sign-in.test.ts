import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Authorization, CredentialRef, Json } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { startTokenServer, TOKEN_CANARY, type TokenServer } from '../../test/token-server.ts';
import { json } from '../../test/upstream.ts';
import { type Credential, parseCredential, serializeCredential } from '../secrets/credential.ts';

const CLIENT_CANARY = 'canary-client';
const STATE = 'state-of-at-least-16';
const ids = { ownerId: 'ws', instanceId: 'coi' };
const user: CredentialRef = { ...ids, scope: 'user', subject: 'ada@example.com' };
const workspace: CredentialRef = { ...ids, scope: 'workspace', subject: 'ws' };
const organization: CredentialRef = { ...ids, scope: 'organization' };

let server: TokenServer;
let store: ReturnType<typeof createMemoryStore>;
let commands: TestCommands;
beforeEach(async () => {
  server = await startTokenServer();
  server.clients.set('app', CLIENT_CANARY);
  store = createMemoryStore();
  commands = startCommands(store);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  expect(commands.internalErrors).toEqual([]);
});

type Stored = { fields?: Record<string, string>; hosts?: string[]; authentication?: string };

async function put(ref: CredentialRef, { fields, hosts = ['127.0.0.1'], authentication = 'oauth' }: Stored = {}) {
  const texts = fields ?? { client_id: 'app', client_secret: CLIENT_CANARY };
  const values = new Map(Object.entries(texts).map(([key, text]) => [key, new SecretValue(text)]));
  await store.put(toSecretRef(ref), {
    value: serializeCredential({ authentication, fields: values }),
    hosts,
    version: 1,
  });
}

async function recordOf(ref: CredentialRef): Promise<(Credential & { hosts: string[] }) | undefined> {
  const secret = await store.get(toSecretRef(ref));
  return secret === undefined ? undefined : { ...parseCredential(secret), hosts: secret.hosts };
}

const authorization = (rest: Partial<Authorization> = {}): Authorization => ({
  authenticationId: 'oauth',
  workspaceId: 'ws',
  authorizationUrl: 'https://login.example.com/authorize?prompt=consent',
  tokenUrl: server.tokenUrl,
  scopes: ['read', 'offline_access'],
  clientAuth: 'basic',
  redirectUri: 'https://toolplane.example.com/api/v1/oauth/callback',
  ...rest,
});

const start = (rest: Partial<Authorization> = {}, ref = user, tenant = 'ws') => {
  const command = { command: 'start_authorization', ref, authorization: authorization(rest), state: STATE };
  return commands.send(command as Json, tenant);
};

async function started(rest: Partial<Authorization> = {}, ref = user): Promise<{ url: string; session: string }> {
  const outcome = await start(rest, ref);
  if (!outcome.ok || outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value as { url: string; session: string };
}

const finish = (session: string, code: string, ref = user, tenant = 'ws') => {
  return commands.send({ command: 'finish_authorization', ref, session, code } as Json, tenant);
};

const signIn = async (rest: Partial<Authorization> = {}, ref = user) => {
  const { url, session } = await started(rest, ref);
  return finish(session, server.agree(url).code, ref);
};

describe('start_authorization', () => {
  test('sends the person to the page, with all parameters of RFC 6749 and PKCE', async () => {
    await put(workspace);
    const url = new URL((await started()).url);
    expect(url.origin + url.pathname).toBe('https://login.example.com/authorize');
    const { code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams);
    expect(rest).toEqual({
      prompt: 'consent',
      response_type: 'code',
      client_id: 'app',
      scope: 'read offline_access',
      state: STATE,
      redirect_uri: authorization().redirectUri,
      code_challenge_method: 'S256',
    });
    expect(challenge).toMatch(/^[\w-]{43}$/);
    const other = new URL((await started()).url);
    expect(other.searchParams.get('code_challenge')).not.toBe(challenge);
  });

  test('without scopes requests none', async () => {
    await put(workspace);
    expect(new URL((await started({ scopes: [] })).url).searchParams.has('scope')).toBe(false);
  });

  test('returns a session that nobody can read', async () => {
    await put(workspace);
    const { session } = await started();
    const bytes = Buffer.from(session.split('.')[1] ?? '', 'base64url').toString('latin1');
    for (const text of ['verifier', 'oauth', 'ada']) expect(session + bytes).not.toContain(text);
  });

  test('writes nothing', async () => {
    await put(workspace);
    const before = new Map(store.texts);
    await started();
    const isNew = ([path]: [string, string]) => !before.has(path) && !path.startsWith('platform/');
    expect([...store.texts].filter(isNew)).toEqual([]);
    expect(commands.announced).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, Partial<Authorization>, string]>([
    ['without a client', async () => {}, {}, 'credentials_missing'],
    [
      'with a client for another authentication',
      () => put(workspace, { authentication: 'x' }),
      {},
      'credentials_missing',
    ],
    ['with a client of another workspace', () => put({ ...workspace, subject: 'b' }), {}, 'credentials_missing'],
    ['when the client may not be sent there', () => put(workspace, { hosts: ['a.b'] }), {}, 'secret_host_denied'],
    [
      'for a URL that is not a web page',
      () => put(workspace),
      { authorizationUrl: 'javascript:alert(1)' },
      'invalid_request',
    ],
    ['for a text that is not a URL', () => put(workspace), { authorizationUrl: 'x' }, 'invalid_request'],
  ])('is refused %s', async (_name, prepare, rest, code) => {
    await prepare();
    expect(await start(rest)).toMatchObject({ ok: false, outcome: 'done', error: { code } });
  });

  test('of another tenant is not found', async () => {
    await put(workspace);
    expect(await start({}, user, 'other')).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('finish_authorization', () => {
  test('gets the tokens and stores them in the requested place', async () => {
    await put(workspace);
    expect(await signIn()).toEqual({
      ok: true,
      outcome: 'done',
      value: { version: 1, hosts: ['127.0.0.1'], fields: [], isUsable: true },
    });
    const record = await recordOf(user);
    expect(record?.grant?.accessToken.reveal()).toBe(server.accessToken);
    expect(record?.grant?.refreshToken?.reveal()).toContain('refresh');
    expect(record?.grant?.expiresAt).toBe(commands.time.nowMs + 3_600_000);
    expect(record?.grant?.client).toEqual({ id: 'app', workspaceId: 'ws' });
    expect(commands.announced).toEqual([toSecretRef(user)]);
  });

  test.each([-1, 1e306, 'soon', '', null, [], true])('keeps the token when its lifetime is invalid: %j', async (it) => {
    await put(workspace);
    server.answer = json({ access_token: 'new', refresh_token: 'next', expires_in: it });
    expect(await signIn()).toMatchObject({ ok: true });
    const { grant } = (await recordOf(user)) ?? {};
    expect([grant?.accessToken.reveal(), grant?.refreshToken?.reveal()]).toEqual(['new', 'next']);
    expect(grant).not.toHaveProperty('expiresAt');
  });

  test.each(['basic', 'body'] as const)(
    'exchanges the code as in RFC 6749 and RFC 7636: client in the %s',
    async (clientAuth) => {
      await put(organization);
      const { url, session } = await started({ clientAuth });
      const { code } = server.agree(url);
      await finish(session, code);
      const [request] = server.seen;
      const form = Object.fromEntries(new URLSearchParams(request?.body));
      const { code_verifier: verifier = '', ...rest } = form;
      const own = clientAuth === 'basic' ? {} : { client_id: 'app', client_secret: CLIENT_CANARY };
      const { redirectUri } = authorization();
      expect(rest).toEqual({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...own });
      expect(createHash('sha256').update(verifier).digest('base64url')).toBe(
        new URL(url).searchParams.get('code_challenge'),
      );
      const basic = clientAuth === 'basic' ? `Basic ${btoa(`app:${CLIENT_CANARY}`)}` : undefined;
      expect(request).toMatchObject({ method: 'POST', url: '/token', headers: { accept: 'application/json' } });
      expect(request?.headers.authorization).toBe(basic);
    },
  );

  test('works for a public client, which has no secret', async () => {
    server.clients.set('app', undefined);
    await put(workspace, { fields: { client_id: 'app' } });
    expect(await signIn()).toMatchObject({ ok: true });
    expect(Object.fromEntries(new URLSearchParams(server.seen[0]?.body))).toMatchObject({ client_id: 'app' });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('takes over the fields and hosts that come with the client, but not the client', async () => {
    const fields = { client_id: 'app', client_secret: CLIENT_CANARY, site: 'x.example.com' };
    await put(workspace, { fields, hosts: ['127.0.0.1', 'x.example.com'] });
    await signIn();
    const record = await recordOf(user);
    expect([...(record?.fields.keys() ?? [])]).toEqual(['site']);
    expect(record?.hosts).toEqual(['127.0.0.1', 'x.example.com']);
  });

  test('leaves the person’s own stored credentials unchanged', async () => {
    await put(workspace);
    await put(user, { fields: { site: 'mine' }, hosts: ['127.0.0.1', 'mine.example.com'] });
    expect(await signIn()).toMatchObject({ value: { version: 2, fields: ['site'] } });
    expect(await recordOf(user)).toMatchObject({ hosts: ['127.0.0.1', 'mine.example.com'] });
  });

  test('stores the client when the sign-in is for the client’s own scope', async () => {
    await put(workspace);
    expect(await signIn({}, workspace)).toMatchObject({
      value: { fields: ['client_id', 'client_secret'], isUsable: true },
    });
    expect(await signIn({}, workspace)).toMatchObject({ ok: true, value: { version: 3 } });
  });

  test('replaces credentials for another authentication', async () => {
    await put(workspace);
    await put(user, { fields: { api_key: 'x' }, authentication: 'api_key' });
    await signIn();
    expect(await recordOf(user)).toMatchObject({ authentication: 'oauth', fields: new Map() });
  });

  test('works once: a repeated code is refused, and the granted tokens stay', async () => {
    await put(workspace);
    const { url, session } = await started();
    const { code } = server.agree(url);
    expect(await finish(session, code)).toMatchObject({ ok: true });
    expect(await finish(session, code)).toMatchObject({ ok: false, error: { code: 'credentials_refused' } });
    expect((await recordOf(user))?.grant?.accessToken.reveal()).toBe(server.accessToken);
  });

  test('with the code of another sign-in is refused because of its challenge', async () => {
    await put(workspace);
    const [mine, other] = [await started(), await started()];
    const outcome = await finish(mine.session, server.agree(other.url).code);
    expect(outcome).toMatchObject({ ok: false, outcome: 'done', error: { code: 'credentials_refused' } });
    expect(await recordOf(user)).toBeUndefined();
  });

  test('is possible for 15 minutes', async () => {
    await put(workspace);
    const { url, session } = await started();
    const { code } = server.agree(url);
    commands.time.nowMs += 15 * 60_000;
    const late = await finish(session, code);
    expect(late).toMatchObject({
      error: { code: 'credentials_refused', message: expect.stringContaining('start it again') },
    });
    commands.time.nowMs -= 1;
    expect(await finish(session, code)).toMatchObject({ ok: true });
  });

  test.each<[string, Partial<CredentialRef>]>([
    ['person', { subject: 'eve@example.com' }],
    ['scope', { scope: 'agent' }],
    ['instance', { instanceId: 'other' }],
  ])('with the session of another %s is refused, and nothing is sent', async (_name, part) => {
    await put(workspace);
    const { url, session } = await started();
    const outcome = await finish(session, server.agree(url).code, { ...user, ...part });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
    expect(server.seen).toEqual([]);
  });

  test.each<[string, (session: string) => string]>([
    ['changed', (session) => session.replace(/\.(.)/, (_, first) => (first === 'A' ? '.B' : '.A'))],
    ['cut', (session) => session.slice(0, 30)],
    ['invented', () => '1.AAAA'],
    ['of another data plane', () => 'eyJhbGciOiJkaXIifQ..a.b.c'],
    ['empty', () => ''],
  ])('with a session that is %s is refused', async (_name, forge) => {
    await put(workspace);
    const { url, session } = await started();
    const outcome = await finish(forge(session), server.agree(url).code);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
    expect(server.seen).toEqual([]);
  });

  test('of another tenant is not found', async () => {
    await put(workspace);
    const { url, session } = await started();
    const outcome = await finish(session, server.agree(url).code, user, 'other');
    expect(outcome).toMatchObject({ error: { code: 'not_found' } });
  });

  test('may run on another data plane than the one that started the sign-in', async () => {
    await put(workspace);
    const { url, session } = await started();
    commands = startCommands(store);
    expect(await finish(session, server.agree(url).code)).toMatchObject({ ok: true });
  });

  test.each<[string, TokenServer['answer'], string, string]>([
    [
      'refuses the client',
      json({ error: 'invalid_client', error_description: 'canary' }, 401),
      'upstream_bad_response',
      '401 (invalid_client)',
    ],
    ['answers with a custom error', json({ error: TOKEN_CANARY }, 400), 'upstream_bad_response', 'status 400'],
    ['refuses the code, with status 200', json({ error: 'bad_verification_code' }), 'credentials_refused', '(bad_'],
    ['fails', json({ error: 'canary' }, 500), 'upstream_bad_response', 'status 500'],
    ['redirects', json({}, 307, { location: 'http://127.0.0.1/canary' }), 'upstream_bad_response', 'status 307'],
    ['answers without a token', json({ canary: TOKEN_CANARY }), 'upstream_bad_response', 'did not answer with one'],
    ['answers with text', (_, response) => void response.end(TOKEN_CANARY), 'upstream_bad_response', 'did not answer'],
  ])('reports the status and nothing else of the answer when the endpoint %s', async (_name, answer, code, message) => {
    await put(workspace);
    const { url, session } = await started();
    server.answer = answer;
    const outcome = await finish(session, server.agree(url).code);
    expect(outcome).toMatchObject({
      ok: false,
      outcome: 'done',
      error: { code, message: expect.stringContaining(message) },
    });
    expect(JSON.stringify(outcome)).not.toContain('canary');
    expect(await recordOf(user)).toBeUndefined();
    expect(commands.announced).toEqual([]);
  });
});

test('no answer to a command contains a token, a code or the client secret', async () => {
  await put(workspace);
  const outcomes = [await start(), await signIn()];
  expect(JSON.stringify(outcomes)).not.toContain('canary');
});
