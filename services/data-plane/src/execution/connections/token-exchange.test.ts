import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectionAuthentication, Outcome } from '@toolplane/contracts';
import { connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { startTokenServer, TOKEN_CANARY, type TokenServer } from '../../../test/token-server.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

/** RFC 8693: an API acts for the caller without ever receiving a token that is valid elsewhere. */

const SUBJECT = 'canary.subject-of/ann+1=';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

let server: TokenServer;
let api: Upstream;
let services: ConnectionServices;
let nowMs: number;
/** The API's response; by default, it echoes what it received. */
let answer: RequestListener | undefined;

beforeAll(async () => {
  server = await startTokenServer();
  api = await startUpstream((request, response) => {
    const { authorization } = request.headers;
    const isNewest = authorization === `Bearer ${server.accessToken}`;
    (answer ?? json({ headers: request.headers }, isNewest ? 200 : 401))(request, response);
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  nowMs = 1_000_000;
  services = createConnectionServices(client, { now: () => nowMs });
  [server.answer, server.lifetimeS, answer] = [undefined, 3600, undefined];
  server.clients.set('my-client', 'canary-client-secret');
  server.subjects.clear();
  server.subjects.set(SUBJECT, '');
  server.seen.length = 0;
  api.seen.length = 0;
  await services.put(refOf('organization'), stored);
});
afterEach(() => expect(internalErrors).toEqual([]));

const stored = { fields: { client_id: 'my-client', client_secret: 'canary-client-secret' } };

type Exchanged = Partial<NonNullable<ConnectionAuthentication['token']>>;

function call(authorization: string | undefined = `Bearer ${SUBJECT}`, token: Exchanged = {}, rest: object = {}) {
  const authentication: Partial<ConnectionAuthentication> = {
    fields: [field('client_id', { isSecret: false }), field('client_secret')],
    token: {
      grant: 'token_exchange',
      tokenUrl: server.tokenUrl,
      scopes: ['read', 'write'],
      clientAuth: 'basic',
      exchange: { subjectTokenType: ACCESS_TOKEN },
      ...token,
    },
  };
  const headers = { authorization: 'Bearer {access_token}' };
  const own = authorization === '' ? {} : { upstreamAuthorization: authorization };
  return runTool(connectedPlan({ url: `${api.url}/x`, headers, authentication, ...rest }), {
    services,
    // The credentials are those that the workspace or the organization has stored, which are not a personal account.
    caller: { config: {}, username: 'ann', onlyOwn: true, ...own },
  });
}

function expectNoCanary(outcome: Outcome): void {
  const text = inspect(outcome, { depth: 20 }) + JSON.stringify(outcome);
  expect(text).not.toMatch(/canary/);
  expect(text).not.toContain(Buffer.from('canary').toString('hex'));
}

const asked = (index = 0) => Object.fromEntries(new URLSearchParams(server.seen[index]?.body));

describe('a caller’s token is exchanged', () => {
  test('with the parameters that RFC 8693 (2.1) names, and no others', async () => {
    expect(await call()).toMatchObject({ ok: true });
    expect(asked()).toEqual({
      grant_type: EXCHANGE,
      subject_token: SUBJECT,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      scope: 'read write',
    });
    const basic = Buffer.from('my-client:canary-client-secret').toString('base64');
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
  });

  test('for the audience and the resource of the descriptor, with the client in the body', async () => {
    server.subjects.set(SUBJECT, 'tickets');
    const exchange = { subjectTokenType: ACCESS_TOKEN, audience: 'tickets', resource: 'https://tickets.test/' };
    expect(await call(undefined, { scopes: [], clientAuth: 'body', exchange })).toMatchObject({ ok: true });
    expect(asked()).toEqual({
      grant_type: EXCHANGE,
      subject_token: SUBJECT,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      audience: 'tickets',
      resource: 'https://tickets.test/',
      client_id: 'my-client',
      client_secret: 'canary-client-secret',
    });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('so that the API gets only the issued one, and neither comes back (T26, B035)', async () => {
    const outcome = await call();
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${server.accessToken}`]);
    expect(inspect(api.seen, { depth: 9 })).not.toContain(SUBJECT);
    expect(outcome).toMatchObject({
      value: { result: { headers: { authorization: 'Bearer [secret:access_token]' } } },
    });
    expectNoCanary(outcome);
  });

  test('even where the API repeats what only the token endpoint was told', async () => {
    answer = json({ said: `${SUBJECT} ${encodeURIComponent(SUBJECT)} ${Buffer.from(SUBJECT).toString('base64')}` });
    const outcome = await call();
    const mask = '[secret:caller_token]';
    expect(outcome).toMatchObject({ value: { result: { said: [mask, mask, mask].join(' ') } } });
    expectNoCanary(outcome);
  });
});

describe('the issued token', () => {
  test.each([
    ['an hour', 3600, 300_000],
    ['a minute', 60, 54_000],
    ['an unknown time', undefined, 270_000],
  ])(
    'that lasts %s is used until it is about to expire, and for at most five minutes',
    async (_name, lifetimeS, freshMs) => {
      server.lifetimeS = lifetimeS;
      await Promise.all([call(), call()]);
      nowMs += freshMs - 1;
      await call();
      expect(server.seen).toHaveLength(1);
      nowMs += 1;
      await call();
      expect(server.seen).toHaveLength(2);
    },
  );

  test('is separate for another caller, audience or scope, and for new credentials of the client', async () => {
    server.subjects.set('canary-subject-of-bob', '');
    await call();
    await call('Bearer canary-subject-of-bob');
    await call(undefined, { scopes: ['read'] });
    await call(undefined, { exchange: { subjectTokenType: ACCESS_TOKEN, resource: 'https://a.test' } });
    await services.put(refOf('workspace', 'ws'), stored);
    await call();
    expect(server.seen).toHaveLength(5);
    expect(new Set(api.seen.map(({ headers }) => headers.authorization)).size).toBe(5);
  });

  test('is obtained anew once when the API refuses it (401)', async () => {
    let refusals = 1;
    answer = (request, response) => {
      refusals -= 1;
      json({ headers: request.headers }, refusals < 0 ? 200 : 401)(request, response);
    };
    const outcome = await call();
    expect(outcome).toMatchObject({ ok: true });
    expectNoCanary(outcome);
    expect([server.seen.length, api.seen.length]).toEqual([2, 2]);
    expect(api.seen[1]?.headers.authorization).toBe(`Bearer ${server.accessToken}`);
  });

  test('that is refused again is not obtained a third time', async () => {
    answer = json({}, 401);
    expect(await call()).toMatchObject({ outcome: 'done', error: { code: 'step_failed', status: 401 } });
    expect([server.seen.length, api.seen.length]).toEqual([2, 2]);
  });

  test('is not in any store', async () => {
    const { store } = services as unknown as { store: { texts: Map<string, string> } };
    await call();
    expect([...store.texts.values()].join()).not.toMatch(/subject-of|canary-token/);
  });
});

describe('a caller', () => {
  test('who sends no token is told what to send, and nothing is requested', async () => {
    const outcome = await call('');
    expect(outcome).toMatchObject({
      outcome: 'not_started',
      error: {
        code: 'credentials_missing',
        message: expect.stringContaining('X-Upstream-Authorization: Bearer <token>'),
      },
    });
    expect([server.seen, api.seen]).toEqual([[], []]);
  });

  test.each(['Basic Y2FuYXJ5OnBhc3M=', 'canary-bare-token', 'Bearer', 'Bearer two canary-tokens'])(
    'who sends %j is told the required form, without a quote',
    async (authorization) => {
      const outcome = await call(authorization);
      expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'invalid_request' } });
      expectNoCanary(outcome);
      expect([server.seen, api.seen]).toEqual([[], []]);
    },
  );

  test('who also gives the token as an argument does not have it sent anywhere (T5, B035)', async () => {
    const query = { q: '{region}' };
    const fields = [
      field('client_id', { isSecret: false }),
      field('client_secret'),
      field('region', { isSecret: false }),
    ];
    await services.put(refOf('organization'), { fields: { ...stored.fields, region: SUBJECT } });
    const token = {
      grant: 'token_exchange' as const,
      tokenUrl: server.tokenUrl,
      scopes: [],
      clientAuth: 'basic' as const,
    };
    const outcome = await call(undefined, {}, { query, authentication: { fields, token } });
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'secret_host_denied' } });
    expect(api.seen).toEqual([]);
  });
});

describe('without a token nothing is sent to the API, and the error contains nothing that the endpoint said', () => {
  const said = { error_description: `${TOKEN_CANARY} ${SUBJECT}` };

  test.each<[string, RequestListener, string]>([
    ['the token of the caller (invalid_grant)', json({ error: 'invalid_grant', ...said }, 400), 'credentials_refused'],
    ['the audience (invalid_target)', json({ error: 'invalid_target', ...said }, 400), 'credentials_refused'],
    ['the client (invalid_client)', json({ error: 'invalid_client', ...said }, 401), 'credentials_refused'],
    ['without a reason, because the endpoint fails', json(said, 500), 'upstream_bad_response'],
    ['by a redirect', (_, to) => to.writeHead(307, { location: '/x' }).end(), 'upstream_bad_response'],
    ['by an invalid answer', json({ token: SUBJECT }), 'upstream_bad_response'],
    [
      'by a token of another kind',
      json({
        access_token: SUBJECT,
        token_type: 'N_A',
        issued_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      }),
      'upstream_bad_response',
    ],
    [
      'by a refresh token in its place',
      json({
        access_token: SUBJECT,
        token_type: 'Bearer',
        issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token',
      }),
      'upstream_bad_response',
    ],
  ])('refused: %s', async (_what, listener, code) => {
    server.answer = listener;
    const outcome = await call();
    expect(outcome).toMatchObject({
      outcome: 'not_started',
      error: {
        code,
        message: expect.stringMatching(/^The token of the caller was not exchanged: the token endpoint /),
      },
    });
    expectNoCanary(outcome);
    expect(server.seen).toHaveLength(1);
    expect(api.seen).toEqual([]);
  });

  test('by our own rules: an unknown kind of token', async () => {
    const outcome = await call('Bearer canary-unknown');
    expect(outcome).toMatchObject({ error: { code: 'credentials_refused' } });
    expectNoCanary(outcome);
  });

  test('neither token nor client go to an endpoint that the client is not sealed for', async () => {
    const tokenUrl = `http://localhost:${server.port}/token`;
    expect(await call(undefined, { tokenUrl })).toMatchObject({
      outcome: 'not_started',
      error: { code: 'secret_host_denied' },
    });
    expect([server.seen, api.seen]).toEqual([[], []]);
  });

  test('nothing is exchanged without a client', async () => {
    await services.put(refOf('organization'), { fields: { client_id: 'my-client' } });
    expect(await call()).toMatchObject({ outcome: 'not_started', error: { code: 'credentials_missing' } });
    expect([server.seen, api.seen]).toEqual([[], []]);
  });
});
