import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { AppError, ConnectionToken, CredentialRef, SecretRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { openClient } from '../../test/open-client.ts';
import { createProcessLocks } from '../../test/process-locks.ts';
import { startTokenServer, TOKEN_CANARY, type TokenServer } from '../../test/token-server.ts';
import { json } from '../../test/upstream.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { parseCredential, serializeCredential, type TokenGrant } from './credential.ts';
import { createCredentialRecords } from './credential-records.ts';
import { createGrants, type TokenGrants } from './grants.ts';
import { createSecretCache, type SecretCache } from './secret-cache.ts';

const client = openClient();
afterAll(() => client.close());

const CLIENT_CANARY = 'canary-client';
const ids = { ownerId: 'ws', instanceId: 'coi' };
const user: CredentialRef = { ...ids, scope: 'user', subject: 'ada@example.com' };
const workspace: CredentialRef = { ...ids, scope: 'workspace', subject: 'ws' };
const organization: CredentialRef = { ...ids, scope: 'organization' };

let server: TokenServer;
let store: ReturnType<typeof createMemoryStore>;
let locks: ReturnType<typeof createProcessLocks>;
let announced: SecretRef[];
let nowMs: number;

beforeEach(async () => {
  server = await startTokenServer();
  server.clients.set('app', CLIENT_CANARY);
  store = createMemoryStore();
  locks = createProcessLocks();
  announced = [];
  nowMs = 1_000_000_000_000;
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

/** Starts one data plane; all of them share the store and the locks. */
function startDataPlane() {
  const now = () => nowMs;
  const secrets = createSecretCache({ store, now });
  const announceChange = async (ref: SecretRef) => {
    secrets.invalidate(ref);
    announced.push(ref);
  };
  const records = createCredentialRecords({ store, locks, announceChange });
  const grants = createGrants({ records, secrets, client, now });
  const get = (rest = {}, ref = user, workspaceId = 'ws') => tokenOf({ grants, secrets, ref, workspaceId }, rest);
  return { grants, records, get };
}

type From = { grants: TokenGrants; secrets: SecretCache; ref: CredentialRef; workspaceId: string };

async function tokenOf({ grants, secrets, ref, workspaceId }: From, rest: Partial<ConnectionToken>): Promise<string> {
  const secret = await secrets.get(toSecretRef(ref));
  if (secret === undefined) throw new Error('Nothing is stored');
  const value = await grants.getAccessToken({ workspaceId, ref, secret, token: { ...tokenNeed(), ...rest } });
  return value.reveal();
}

const grant = 'authorization_code';
const tokenNeed = (): ConnectionToken => ({ grant, tokenUrl: server.tokenUrl, scopes: [], clientAuth: 'basic' });

type Stored = { fields?: Record<string, string>; grant?: TokenGrant; hosts?: string[]; authentication?: string };

function put(ref: CredentialRef, { fields = {}, grant, hosts = ['127.0.0.1'], authentication = 'oauth' }: Stored) {
  const values = new Map(Object.entries(fields).map(([key, text]) => [key, new SecretValue(text)]));
  const credential = { authentication, fields: values, ...(grant === undefined ? {} : { grant }) };
  return store.put(toSecretRef(ref), { value: serializeCredential(credential), hosts, version: 1 });
}

/** The client of the sign-in, stored for the workspace. */
const app = { id: 'app', workspaceId: 'ws' };
const clientFields = { client_id: 'app', client_secret: CLIENT_CANARY };

/** Signs a person in, both at the server and in the store. */
async function signIn(expiresInMs: number, { ref = user, ...rest }: Stored & { ref?: CredentialRef } = {}) {
  const url = new URL('https://example.com/?client_id=app&code_challenge_method=S256');
  url.searchParams.set('code_challenge', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  const body = new URLSearchParams({ grant_type: 'authorization_code', code: server.agree(url.href).code });
  const headers = { authorization: `Basic ${btoa(`app:${CLIENT_CANARY}`)}` };
  const answer = await (await fetch(server.tokenUrl, { method: 'POST', body, headers })).json();
  const { access_token: accessToken, refresh_token: refreshToken } = answer as Record<string, string>;
  server.seen.length = 0;
  const tokens = { accessToken: new SecretValue(accessToken ?? ''), refreshToken: new SecretValue(refreshToken ?? '') };
  await put(ref, { ...rest, grant: { ...tokens, client: app, expiresAt: nowMs + expiresInMs } });
}

async function storedGrant(ref = user): Promise<TokenGrant | undefined> {
  const secret = await store.get(toSecretRef(ref));
  return secret === undefined ? undefined : parseCredential(secret).grant;
}

const formOf = (index = 0) => Object.fromEntries(new URLSearchParams(server.seen[index]?.body));
const failureOf = (getting: Promise<unknown>): Promise<AppError> => {
  return getting.then(
    () => Promise.reject(new Error('There was a token')),
    (error) => error,
  );
};

describe('an access token from a person’s sign-in', () => {
  test('is used until 30 seconds before it expires, and then renewed and stored for all', async () => {
    await put(organization, { fields: clientFields });
    await signIn(60_000);
    const { get } = startDataPlane();
    const first = server.accessToken;
    nowMs += 29_999;
    expect(await get()).toBe(first);
    expect(server.seen).toEqual([]);
    nowMs += 1;
    expect(await get()).toBe(server.accessToken);
    expect(server.accessToken).not.toBe(first);
    expect(await get()).toBe(server.accessToken);
    expect(server.seen).toHaveLength(1);
    expect(announced).toEqual([toSecretRef(user)]);
    const grant = await storedGrant();
    expect(grant?.accessToken.reveal()).toBe(server.accessToken);
    expect(grant?.expiresAt).toBe(nowMs + 3_600_000);
    expect(await store.get(toSecretRef(user))).toMatchObject({ version: 2, hosts: ['127.0.0.1'] });
  });

  test('is the same object as long as it is the same token', async () => {
    await signIn(60_000, { fields: clientFields });
    const { grants } = startDataPlane();
    const secret = await store.get(toSecretRef(user));
    if (secret === undefined) throw new Error('Nothing is stored');
    const need = { workspaceId: 'ws', ref: user, secret, token: tokenNeed() };
    expect(await grants.getAccessToken(need)).toBe(await grants.getAccessToken(need));
    expect(inspect(await grants.getAccessToken(need))).not.toContain(TOKEN_CANARY);
  });

  test('without an expiry is used until an upstream refuses it', async () => {
    await put(user, { fields: clientFields, grant: { client: app, accessToken: new SecretValue('for ever') } });
    const { get, grants } = startDataPlane();
    nowMs += 1e12;
    expect(await get()).toBe('for ever');
    grants.expire(user, new SecretValue('for ever'));
    expect(await get()).toBe('for ever');
    expect(server.seen).toEqual([]);
  });

  test.each(['basic', 'body'] as const)('is renewed as in RFC 6749, with the client in its %s', async (clientAuth) => {
    await signIn(0, { fields: clientFields });
    const refreshToken = (await storedGrant())?.refreshToken?.reveal();
    await startDataPlane().get({ clientAuth });
    const [request] = server.seen;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    });
    const isBasic = clientAuth === 'basic';
    expect(request?.headers.authorization).toBe(isBasic ? `Basic ${btoa(`app:${CLIENT_CANARY}`)}` : undefined);
    const own = isBasic ? {} : { client_id: 'app', client_secret: CLIENT_CANARY };
    expect(formOf()).toEqual({ grant_type: 'refresh_token', refresh_token: refreshToken, ...own });
  });

  test('keeps its refresh token when the answer contains none', async () => {
    server.rotates = false;
    await signIn(0, { fields: clientFields });
    const before = (await storedGrant())?.refreshToken?.reveal();
    const { get } = startDataPlane();
    await get();
    expect((await storedGrant())?.refreshToken?.reveal()).toBe(before);
    nowMs += 3_600_000;
    expect(await get()).toBe(server.accessToken);
  });

  test('stores a new refresh token, so that it can be renewed again', async () => {
    await signIn(0, { fields: clientFields });
    const { get } = startDataPlane();
    await get();
    nowMs += 3_600_000;
    expect(await get()).toBe(server.accessToken);
    expect(server.seen).toHaveLength(2);
  });
});

describe('the client that renews', () => {
  test.each(['user', 'workspace', 'organization'])(
    'is the one that the token was issued to: that of the %s',
    async (scope) => {
      const other = { client_id: 'other', client_secret: 'wrong' };
      await put(workspace, { fields: scope === 'workspace' ? clientFields : other });
      await put(organization, { fields: scope === 'organization' ? clientFields : other });
      await signIn(0, scope === 'user' ? { fields: clientFields } : {});
      expect(await startDataPlane().get()).toBe(server.accessToken);
    },
  );

  test('is no other one, which would end the sign-in', async () => {
    server.clients.set('other', 'of the other');
    await put(workspace, { fields: { client_id: 'other', client_secret: 'of the other' } });
    await signIn(0);
    const { get } = startDataPlane();
    expect(await failureOf(get())).toMatchObject({ code: 'credentials_missing' });
    expect(server.seen).toEqual([]);
    await put(workspace, { fields: clientFields });
    expect(await get()).toBe(server.accessToken);
  });

  test('is never one that was stored for another authentication', async () => {
    await put(workspace, { fields: { client_id: 'other' }, authentication: 'another' });
    await put(organization, { fields: clientFields });
    await signIn(0);
    expect(await startDataPlane().get()).toBe(server.accessToken);
  });

  test('is reported missing when it is gone', async () => {
    await signIn(0);
    expect(await failureOf(startDataPlane().get())).toMatchObject({ code: 'credentials_missing' });
  });

  test('may be public', async () => {
    await signIn(0, { fields: { client_id: 'app' } });
    server.clients.set('app', undefined);
    expect(await startDataPlane().get()).toBe(server.accessToken);
    expect(formOf()).toMatchObject({ client_id: 'app' });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a token that many need at once', () => {
  test('is renewed once in a data plane', async () => {
    await signIn(0, { fields: clientFields });
    const { get } = startDataPlane();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => get()));
    expect(new Set(tokens)).toEqual(new Set([server.accessToken]));
    expect(server.seen).toHaveLength(1);
  });

  test('is renewed once by several data planes, even if none hears of the others', async () => {
    await signIn(0, { fields: clientFields });
    const planes = [startDataPlane(), startDataPlane(), startDataPlane()];
    const tokens = await Promise.all(planes.flatMap(({ get }) => [get(), get()]));
    expect(new Set(tokens)).toEqual(new Set([server.accessToken]));
    expect(server.seen).toHaveLength(1);
    // The old tokens in memory are no longer used, and nobody waits for the lock again.
    expect(await Promise.all(planes.map(({ get }) => get()))).toEqual(tokens.slice(0, 3));
  });

  test('is renewed without waiting for another workspace that shares it and has other rules', async () => {
    await signIn(0, { fields: clientFields });
    const { get } = startDataPlane();
    jest.spyOn(client, 'send').mockRejectedValueOnce(new UpstreamError('egress_denied', 'Not from here'));
    const both = await Promise.allSettled([get(), get({}, user, 'ws_other')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  test('does not come back if it was deleted meanwhile', async () => {
    await signIn(0, { fields: clientFields });
    const { get, records } = startDataPlane();
    const asked = server.nextRequest();
    const renewed = get();
    await asked;
    await Promise.all([renewed, records.remove(user)]);
    expect(await store.get(toSecretRef(user))).toBeUndefined();
  });
});

describe('a token that an upstream refused', () => {
  test('is renewed early, at most every 30 seconds', async () => {
    await signIn(3_600_000, { fields: clientFields });
    const { get, grants } = startDataPlane();
    const first = await get();
    grants.expire(user, new SecretValue(first));
    const second = await get();
    expect(second).not.toBe(first);
    grants.expire(user, new SecretValue(second));
    expect(await get()).toBe(second);
    nowMs += 30_000;
    grants.expire(user, new SecretValue(second));
    expect(await get()).not.toBe(second);
    expect(server.seen).toHaveLength(2);
  });

  test('and that another data plane has renewed meanwhile is not renewed again', async () => {
    await signIn(3_600_000, { fields: clientFields });
    const [one, other] = [startDataPlane(), startDataPlane()];
    const first = await one.get();
    expect(await other.get()).toBe(first);
    one.grants.expire(user, new SecretValue(first));
    other.grants.expire(user, new SecretValue(first));
    const second = await one.get();
    expect(await other.get()).toBe(second);
    expect(server.seen).toHaveLength(1);
  });

  test('from another sign-in changes nothing', async () => {
    await signIn(3_600_000, { fields: clientFields });
    const { get, grants } = startDataPlane();
    grants.expire(user, new SecretValue('another'));
    grants.expire(organization, new SecretValue(await get()));
    expect(await get()).toBe(server.accessToken);
    expect(server.seen).toEqual([]);
  });
});

describe('an expired sign-in', () => {
  test('is refused with instructions, and the endpoint is asked once by all data planes together', async () => {
    await signIn(0, { fields: clientFields });
    server.revokeAll();
    const [one, other] = [startDataPlane(), startDataPlane()];
    for (const { get } of [one, other, one]) {
      const error = await failureOf(get());
      expect(error).toMatchObject({ code: 'credentials_refused', message: expect.stringContaining('connect again') });
    }
    expect(server.seen).toHaveLength(1);
    expect(await storedGrant()).toMatchObject({ expiresAt: 0 });
  });

  test('never ends what another data plane has renewed, even without the lock', async () => {
    await signIn(0, { fields: clientFields });
    const renewed: TokenGrant = { client: app, accessToken: new SecretValue('renewed'), expiresAt: nowMs + 60_000 };
    server.answer = async (request, response) => {
      const value = serializeCredential({ authentication: 'oauth', fields: new Map(), grant: renewed });
      await store.put(toSecretRef(user), { value, hosts: ['127.0.0.1'], version: 2 });
      json({ error: 'invalid_grant' }, 400)(request, response);
    };
    expect(await failureOf(startDataPlane().get())).toMatchObject({ code: 'secret_unavailable' });
    expect(await startDataPlane().get()).toBe('renewed');
  });

  test('without a refresh token is refused without a request', async () => {
    await put(user, {
      fields: clientFields,
      grant: { client: app, accessToken: new SecretValue('old'), expiresAt: nowMs },
    });
    expect(await failureOf(startDataPlane().get())).toMatchObject({ code: 'credentials_refused' });
    expect(server.seen).toEqual([]);
  });

  test('starts again with the next sign-in', async () => {
    await signIn(0, { fields: clientFields });
    server.revokeAll();
    const { get } = startDataPlane();
    await failureOf(get());
    await signIn(60_000, { fields: clientFields });
    expect(await startDataPlane().get()).toBe(server.accessToken);
  });
});

describe('no token is obtained', () => {
  test.each<[string, TokenServer['answer'], string, string]>([
    [
      'from another client',
      json({ error: 'invalid_client' }, 401),
      'upstream_bad_response',
      'status 401 (invalid_client)',
    ],
    ['with an error of the endpoint', json({ error: TOKEN_CANARY }, 400), 'upstream_bad_response', 'status 400'],
    ['with an error and status 200', json({ error: 'invalid_scope' }), 'upstream_bad_response', '(invalid_scope)'],
    ['with a redirect', json({}, 302, { location: 'http://127.0.0.1/' }), 'upstream_bad_response', 'status 302'],
    ['without a token', json({ token: TOKEN_CANARY }), 'upstream_bad_response', 'did not answer with one'],
    ['of another type', json({ access_token: TOKEN_CANARY, token_type: 'mac' }), 'upstream_bad_response', 'with one'],
    ['that would break a header', json({ access_token: `${TOKEN_CANARY}\n` }), 'upstream_bad_response', 'with one'],
    ['from text', (_, response) => void response.end(TOKEN_CANARY), 'upstream_bad_response', 'did not answer with one'],
    ['from a closed connection', (_, response) => void response.destroy(), 'upstream_unreachable', 'No access token'],
  ])('%s, and nothing that was said is revealed', async (_name, answer, code, message) => {
    await signIn(0, { fields: clientFields });
    const before = await storedGrant();
    server.answer = answer;
    const { get } = startDataPlane();
    const error = await failureOf(get());
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error).not.toBeInstanceOf(UpstreamError);
    expect(inspect(error, { depth: 9 })).not.toContain('canary');
    expect((await storedGrant())?.refreshToken?.reveal()).toBe(before?.refreshToken?.reveal());
    // The next use tries again.
    server.answer = undefined;
    expect(await get()).toBe(server.accessToken);
  });

  test.each([
    ['the credentials', { hosts: ['api.example.com'] }, { hosts: ['127.0.0.1'] }],
    ['the client', { hosts: ['127.0.0.1'] }, { hosts: ['api.example.com'] }],
  ])('from a host that is not among those of %s', async (_name, ofUser, ofClient) => {
    await put(workspace, { fields: clientFields, ...ofClient });
    await signIn(0, ofUser);
    expect(await failureOf(startDataPlane().get())).toMatchObject({ code: 'secret_host_denied' });
    expect(server.seen).toEqual([]);
  });

  test('for credentials that were changed to another authentication', async () => {
    await signIn(0, { fields: clientFields });
    const { get } = startDataPlane();
    const getting = get();
    await put(user, { fields: clientFields, authentication: 'another' });
    expect(await failureOf(getting)).toMatchObject({ code: 'credentials_refused' });
    expect(server.seen).toEqual([]);
  });
});
