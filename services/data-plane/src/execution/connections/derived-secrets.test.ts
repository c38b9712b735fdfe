import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectionAuthentication, Outcome } from '@toolplane/contracts';
import { type ConnectedPlan, chainStep, connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

/**
 * Tests values that are derived from stored credentials: user and password in one value, tokens, and results of
 * sign-ins.
 */

let api: Upstream;
let services: ConnectionServices;
let nowMs: number;
/** The number of requests for each path, and replacements for the usual responses. */
let asked: Record<string, number>;
let answers: Record<string, RequestListener>;
/** Only the newest token is valid. */
let granted: number;

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname;
    asked[path] = (asked[path] ?? 0) + 1;
    (answers[path] ?? usual(path))(request, response);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  nowMs = 1_000_000;
  services = createConnectionServices(client, { now: () => nowMs });
  [asked, answers, granted] = [{}, { '/confirm': json({ url: 'x' }) }, 0];
  api.seen.length = 0;
  await services.put(organization, { fields: clientFields });
});
afterEach(() => expect(internalErrors).toEqual([]));

const organization = refOf('organization');
const clientFields = { client_id: 'my-client', client_secret: 'canary-client-secret', username: 'ann' };
const newest = () => `canary-token-${granted}`;

function usual(path: string): RequestListener {
  if (path === '/token' || path === '/sign-in') granted += 1;
  if (path === '/token') {
    return json({
      access_token: newest(),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: `canary-refresh-${granted}`,
    });
  }
  if (path === '/sign-in') return json({ ticket: `canary-ticket-${granted}`, session: { key: newest() } });
  return (request, response) => {
    const { authorization = '' } = request.headers;
    const isCurrent = granted === 0 || authorization === `Bearer ${newest()}`;
    json(
      { headers: request.headers, url: request.url, hex: Buffer.from(authorization).toString('hex') },
      isCurrent ? 200 : 401,
    )(request, response);
  };
}

function call(authentication: ConnectedPlan['authentication'], rest: Partial<ConnectedPlan> = {}): Promise<Outcome> {
  return runTool(connectedPlan({ url: `${api.url}/x`, headers: asToken, authentication, ...rest } as ConnectedPlan), {
    services,
    caller: { config: {}, username: 'ann' },
  });
}

const asToken = { authorization: 'Bearer {access_token}' };
const asSession = { authorization: 'Bearer {chain.key}' };

function token(rest: Partial<NonNullable<ConnectionAuthentication['token']>> = {}): Partial<ConnectionAuthentication> {
  const tokenUrl = `${api.url}/token`;
  return {
    fields: [field('client_id', { isSecret: false }), field('client_secret')],
    token: { grant: 'client_credentials', tokenUrl, scopes: ['read'], clientAuth: 'basic', ...rest },
  };
}

function chain(ttlMs = 60_000): Partial<ConnectionAuthentication> {
  const signIn = chainStep(
    { url: `${api.url}/sign-in`, body: { user: '{username}', secret: '{client_secret}' } },
    { ticket: 'ticket', key: 'session.key' },
  );
  const confirm = chainStep({ url: `${api.url}/confirm`, headers: { 'x-ticket': '{chain.ticket}' } }, { trace: 'url' });
  return {
    fields: [field('username', { isSecret: false }), field('client_secret')],
    chains: [{ id: 'login', ttlMs, steps: [signIn, confirm] }],
  };
}

function expectNoCanary(outcome: Outcome): void {
  const text = inspect(outcome, { depth: 20 }) + JSON.stringify(outcome);
  expect(text).not.toMatch(/canary/);
  expect(text).not.toContain(Buffer.from('canary').toString('hex'));
  expect(text).not.toContain(Buffer.from('canary-').toString('base64').slice(0, 8));
}

describe('user and password', () => {
  const authentication = {
    fields: [field('username', { isSecret: false }), field('password')],
    basic: { username: 'username', password: 'password' },
  };
  beforeEach(() => services.put(organization, { fields: { username: 'annika-smith', password: 'canary-pä:ss' } }));

  test('are sent as in RFC 7617, and neither they nor the password come back', async () => {
    const outcome = await call(authentication, { headers: { authorization: 'Basic {basic}', 'x-as': '{username}' } });
    const basic = `Basic ${Buffer.from('annika-smith:canary-pä:ss').toString('base64')}`;
    expect(api.seen[0]?.headers.authorization).toBe(basic);
    expect(outcome).toMatchObject({ value: { result: { headers: { authorization: 'Basic [secret:basic]' } } } });
    expectNoCanary(outcome);
  });

  test('leave a field that is not a secret unmasked', async () => {
    const outcome = await call(authentication, { headers: { 'x-as': '{username}' } });
    expect(outcome).toMatchObject({ value: { result: { headers: { 'x-as': 'annika-smith' } } } });
  });
});

describe('a token of client credentials', () => {
  test.each(['basic', 'body'] as const)('is requested with the client in the %s', async (clientAuth) => {
    expect(await call(token({ clientAuth }))).toMatchObject({ ok: true });
    const basic = `Basic ${Buffer.from('my-client:canary-client-secret').toString('base64')}`;
    expect(api.seen[0]).toMatchObject({
      url: '/token',
      body:
        clientAuth === 'basic'
          ? 'grant_type=client_credentials&scope=read'
          : 'grant_type=client_credentials&scope=read&client_id=my-client&client_secret=canary-client-secret',
    });
    expect(api.seen[0]?.headers.authorization).toBe(clientAuth === 'basic' ? basic : undefined);
    expect(api.seen[1]?.headers.authorization).toBe('Bearer canary-token-1');
  });

  test('is used by all calls until 30 seconds before it expires, and comes back in none', async () => {
    for (const outcome of [...(await Promise.all([call(token()), call(token())])), await call(token())]) {
      expect(outcome).toMatchObject({
        value: { result: { headers: { authorization: 'Bearer [secret:access_token]' } } },
      });
      expectNoCanary(outcome);
    }
    nowMs += 3_570_000 - 1;
    await call(token());
    expect(asked['/token']).toBe(1);
    nowMs += 1;
    await call(token());
    expect(asked['/token']).toBe(2);
  });

  test('is separate for other credentials, and for a new version of them', async () => {
    await call(token());
    await services.put(refOf('user', 'ann'), { fields: clientFields });
    await call(token());
    await services.put(refOf('user', 'ann'), { fields: clientFields });
    await call(token());
    expect(asked['/token']).toBe(3);
  });

  test.each([
    [400, 'credentials_refused'],
    [401, 'credentials_refused'],
    [503, 'upstream_bad_response'],
  ])('is not issued when the endpoint answers with %i: %s, and nothing was started', async (status, code) => {
    answers['/token'] = json({ error_description: 'canary' }, status);
    const outcome = await call(token());
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code } });
    expectNoCanary(outcome);
    expect(asked['/x']).toBeUndefined();
  });

  test('is not requested without a client', async () => {
    await services.put(organization, { fields: { client_id: 'my-client' } });
    expect(await call({ ...token(), fields: [] })).toMatchObject({
      outcome: 'not_started',
      error: { code: 'credentials_missing', details: { fields: ['client_secret'] } },
    });
  });

  test('is not requested from an endpoint that the client is not sealed for', async () => {
    expect(await call(token({ tokenUrl: `http://localhost:${api.port}/token` }))).toMatchObject({
      outcome: 'not_started',
      error: { code: 'secret_host_denied' },
    });
    expect(api.seen).toEqual([]);
  });
});

describe('a token from a person’s sign-in', () => {
  const grant = { accessToken: 'canary-token-1', refreshToken: 'canary-refresh-1' };
  const signedIn = () => token({ grant: 'authorization_code' });

  test('is sent using the organization’s client, and does not come back', async () => {
    granted = 1;
    await services.put(refOf('user', 'ann'), { grant });
    const outcome = await call(signedIn());
    expect(outcome).toMatchObject({
      value: { result: { headers: { authorization: 'Bearer [secret:access_token]' } } },
    });
    expectNoCanary(outcome);
    expect(asked).toEqual({ '/x': 1 });
  });

  test('is required: credentials without one count as missing', async () => {
    expect(await call(signedIn())).toMatchObject({ error: { code: 'credentials_missing' } });
  });

  test('is renewed when it has expired, and the new one is stored', async () => {
    granted = 1;
    await services.put(refOf('user', 'ann'), { grant: { ...grant, expiresAt: nowMs } });
    expect(await call(signedIn())).toMatchObject({ ok: true });
    expect(await call(signedIn())).toMatchObject({ ok: true });
    expect(asked).toEqual({ '/token': 1, '/x': 2 });
  });

  test('is renewed when it is refused, and the request is sent once more', async () => {
    granted = 2;
    await services.put(refOf('user', 'ann'), { grant });
    const outcome = await call(signedIn());
    expect(outcome).toMatchObject({ ok: true });
    expectNoCanary(outcome);
    expect(asked).toEqual({ '/token': 1, '/x': 2 });
  });

  test('fails the call with an explanation when it cannot be renewed', async () => {
    granted = 2;
    answers['/token'] = json({ error: 'invalid_grant' }, 400);
    await services.put(refOf('user', 'ann'), { grant });
    expect(await call(signedIn())).toMatchObject({ outcome: 'done', error: { code: 'credentials_refused' } });
  });
});

describe('the result of a sign-in of several requests', () => {
  const headers = asSession;

  test('is obtained step by step, and does not come back', async () => {
    const outcome = await call(chain(), { headers });
    expect(outcome).toMatchObject({ value: { result: { headers: { authorization: 'Bearer [secret:chain.key]' } } } });
    expectNoCanary(outcome);
    expect(api.seen.map(({ url }) => url)).toEqual(['/sign-in', '/confirm', '/x']);
    expect(api.seen[0]?.body).toBe('{"user":"ann","secret":"canary-client-secret"}');
    expect(api.seen[1]?.headers['x-ticket']).toBe('canary-ticket-1');
  });

  test('is kept for as long as the descriptor says, for all who need it at the same time', async () => {
    await Promise.all([call(chain(), { headers }), call(chain(), { headers })]);
    nowMs += 59_999;
    await call(chain(), { headers });
    expect(asked['/sign-in']).toBe(1);
    nowMs += 1;
    await call(chain(), { headers });
    expect(asked['/sign-in']).toBe(2);
  });

  test('is separate for other credentials, for a new version of them, and for another chain', async () => {
    await call(chain(), { headers });
    await call(chain(50_000), { headers });
    await services.put(organization, { fields: clientFields });
    await call(chain(), { headers });
    await services.put(refOf('user', 'ann'), { fields: clientFields });
    await call(chain(), { headers });
    expect(asked['/sign-in']).toBe(4);
  });

  test('can be obtained using a token', async () => {
    const both = { ...token(), ...chain(), fields: [field('client_id'), field('client_secret'), field('username')] };
    expect(await call(both, { headers })).toMatchObject({ ok: true });
    expect(api.seen.map(({ url }) => url)).toEqual(['/token', '/sign-in', '/confirm', '/x']);
  });

  test.each<[string, RequestListener, string, string]>([
    ['is refused', json({ canary: 1 }, 401), 'credentials_refused', 'its request 1 was answered with status 401'],
    ['fails', json({ canary: 1 }, 500), 'upstream_bad_response', 'its request 1 was answered with status 500'],
    ['gives nothing', json({ canary: 1 }), 'upstream_bad_response', 'its answer has no usable value for ticket'],
    [
      'gives a value that is not text',
      json({ ticket: { canary: 1 } }),
      'upstream_bad_response',
      'its answer has no usable value for ticket',
    ],
    [
      'redirects',
      (_, to) => to.writeHead(302, { location: '/y' }).end(),
      'upstream_bad_response',
      'its request 1 was answered with status 302',
    ],
    [
      'breaks off',
      (_, to) => to.destroy(),
      'upstream_unreachable',
      'The upstream closed the connection without an answer',
    ],
  ])('is missing when it %s: nothing of the step was sent', async (_name, answer, code, reason) => {
    answers['/sign-in'] = answer;
    const outcome = await call(chain(), { headers });
    expect(outcome).toMatchObject({
      outcome: 'not_started',
      error: { code, message: `The sign-in login failed: ${reason}` },
    });
    expectNoCanary(outcome);
    expect(asked).toEqual({ '/sign-in': 1 });
  });

  test('is not requested from hosts that the credentials are not sealed for', async () => {
    const steps = [chainStep({ url: `http://localhost:${api.port}/sign-in` }, { key: 'session.key' })];
    const elsewhere = { ...chain(), chains: [{ id: 'login', ttlMs: 1000, steps }] };
    expect(await call(elsewhere, { headers })).toMatchObject({
      outcome: 'not_started',
      error: { code: 'secret_host_denied' },
    });
    expect(api.seen).toEqual([]);
  });
});

describe('a refused (401) derived credential', () => {
  test.each([
    ['a token', '/token', () => token(), asToken],
    ['a sign-in', '/sign-in', () => chain(), asSession],
  ])(
    '%s: is obtained anew, and the request is sent once more in the same call',
    async (_name, path, authentication, headers) => {
      await call(authentication(), { headers });
      granted += 1;
      nowMs += 30_000;
      const outcome = await call(authentication(), { headers });
      expect(outcome).toMatchObject({ ok: true });
      expectNoCanary(outcome);
      expect(asked).toMatchObject({ [path]: 2, '/x': 3 });
    },
  );

  test('is replaced once: a second refusal is the answer, and nobody asks again for 30 seconds', async () => {
    answers['/x'] = json({}, 401);
    expect(await call(token())).toMatchObject({ outcome: 'done', error: { code: 'step_failed', status: 401 } });
    expect(asked).toEqual({ '/token': 2, '/x': 2 });
    expect(await call(token())).toMatchObject({ outcome: 'done', error: { status: 401 } });
    expect(asked).toEqual({ '/token': 2, '/x': 3 });
    nowMs += 30_000;
    await call(token());
    expect(asked).toEqual({ '/token': 3, '/x': 5 });
  });

  test.each([
    ['with another method', 303, () => `${api.url}/page`],
    ['to another origin', 302, () => `http://localhost:${api.port}/page`],
  ])('is not replaced behind a redirect %s, because the request itself was done', async (_name, status, location) => {
    const isPost = status === 303;
    answers['/x'] = (_, response) => response.writeHead(status, { location: location() }).end();
    answers['/page'] = json({}, 401);
    await call(token(), isPost ? { method: 'POST' } : {});
    nowMs += 30_000;
    const outcome = await call(token(), isPost ? { method: 'POST' } : {});
    expect(outcome).toMatchObject({ outcome: 'done', error: { status: 401 } });
    expect(asked).toEqual({ '/token': 1, '/x': 2, '/page': 2 });
  });

  test('is replaced behind a redirect to the same origin', async () => {
    await call(token());
    granted += 1;
    nowMs += 30_000;
    answers['/from'] = (_, response) => response.writeHead(307, { location: '/x' }).end();
    expect(await call(token(), { url: `${api.url}/from`, method: 'POST' })).toMatchObject({ ok: true });
    expect(asked).toMatchObject({ '/token': 2, '/from': 2 });
  });

  test.each([403, 500])('is not replaced after %i', async (status) => {
    answers['/x'] = json({}, status);
    await call(token());
    expect(asked).toEqual({ '/token': 1, '/x': 1 });
  });

  test('is not replaced in the same call if it is a stored one, which is read again before its next use', async () => {
    answers['/x'] = json({}, 401);
    const authentication = { fields: [field('client_secret')] };
    nowMs += 30_000;
    const headers = { authorization: 'Bearer {client_secret}' };
    await call(authentication, { headers });
    nowMs += 30_000;
    await call(authentication, { headers });
    expect(asked).toEqual({ '/x': 2 });
  });
});
