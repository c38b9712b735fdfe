import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { openClient } from '../../test/open-client.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import type { Secret } from './secret-store.ts';
import { createTokenCache, type TokenNeed } from './tokens.ts';

const client = openClient();
afterAll(() => client.close());

const upstreams: Upstream[] = [];
afterEach(async () => {
  for (const started of upstreams.splice(0)) await started[Symbol.asyncDispose]();
});

const ref = { workspaceId: 'ws', serverId: 'srv', name: 'CLIENT' };
const CANARY = 'canary secret:with/:colon+é';

function secretOf(value = `my id:${CANARY}`, rest: Partial<Secret> = {}): Secret {
  return { value: new SecretValue(value), hosts: ['127.0.0.1'], version: 1, ...rest };
}

/** Responds with `token-1`, `token-2` and so on, each valid for 100 seconds. */
async function start(answer?: RequestListener) {
  let count = 0;
  const endpoint = await startUpstream((request, response) => {
    count += 1;
    const token = { access_token: `token-${count}`, token_type: 'bearer', expires_in: 100 };
    (answer ?? json(token))(request, response);
  });
  upstreams.push(endpoint);
  const time = { nowMs: 1_000_000 };
  const tokens = createTokenCache({ client, now: () => time.nowMs });
  const need: TokenNeed = { tokenUrl: `${endpoint.url}/token`, scopes: ['read', 'write:all'] };
  const get = async (secret = secretOf(), rest: Partial<TokenNeed> = {}, name = ref.name) => {
    return (await tokens.get({ ...need, ...rest }, secret, { ...ref, name })).value.reveal();
  };
  return { endpoint, tokens, time, need, get };
}

function failureOf(getting: Promise<unknown>): Promise<AppError> {
  return getting.then(
    () => Promise.reject(new Error('There was a token')),
    (error) => error,
  );
}

describe('a token of client credentials', () => {
  test('is requested as in RFC 6749', async () => {
    const { endpoint, get } = await start();
    expect(await get()).toBe('token-1');
    const [id, secret] = ['my+id', 'canary+secret%3Awith%2F%3Acolon%2B%C3%A9'];
    expect(endpoint.seen).toMatchObject([
      {
        method: 'POST',
        url: '/token',
        headers: {
          authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: 'grant_type=client_credentials&scope=read+write%3Aall',
      },
    ]);
  });

  test('without scopes is requested for none', async () => {
    const { endpoint, get } = await start();
    await get(secretOf(), { scopes: [] });
    expect(endpoint.seen[0]?.body).toBe('grant_type=client_credentials');
  });

  test('may be sent where its secret may be', async () => {
    const { tokens, need } = await start();
    const secret = secretOf('id:secret', { hosts: ['127.0.0.1', '*.example.com'], version: 7 });
    expect(await tokens.get(need, secret, ref)).toMatchObject({ hosts: secret.hosts, version: 7 });
  });

  test('is a single value for all its uses, and is not revealed when printed', async () => {
    const { tokens, need } = await start();
    const [one, other] = [await tokens.get(need, secretOf(), ref), await tokens.get(need, secretOf(), ref)];
    expect(one.value).toBe(other.value);
    expect(inspect(one)).not.toContain('token-1');
  });
});

describe('a token is reused', () => {
  test('until a tenth of its lifetime is left', async () => {
    const { time, get } = await start();
    await get();
    time.nowMs += 89_999;
    expect(await get()).toBe('token-1');
    time.nowMs += 1;
    expect(await get()).toBe('token-2');
  });

  test.each([
    ['an hour: 30 seconds before its end', 3600, 3570],
    ['given as text', '100', 90],
    ['not stated: for 270 seconds', undefined, 270],
    ['of zero', 0, 0],
    ['invalid: as if it was not stated', -1, 270],
  ])('with the lifetime %s', async (_name, lifetimeS, freshS) => {
    const { endpoint, time, get } = await start(json({ access_token: 'x', expires_in: lifetimeS }));
    await get();
    time.nowMs += freshS * 1000 - 1;
    if (freshS > 0) await get();
    expect(endpoint.seen).toHaveLength(1);
    time.nowMs += 1;
    await get();
    expect(endpoint.seen).toHaveLength(2);
  });

  test('by all who need it at the same time', async () => {
    const { endpoint, get } = await start();
    expect(new Set(await Promise.all([get(), get(), get()]))).toEqual(new Set(['token-1']));
    expect(endpoint.seen).toHaveLength(1);
  });

  test('only for the same endpoint, scopes and secret', async () => {
    const { endpoint, get } = await start();
    const others = [
      get(),
      get(secretOf(), { scopes: ['read'] }),
      get(secretOf(), { tokenUrl: `${endpoint.url}/other` }),
      get(secretOf(), {}, 'OTHER'),
    ];
    expect(new Set(await Promise.all(others)).size).toBe(4);
  });

  test('but not for another version of the secret, or for another secret of the same version', async () => {
    const { get } = await start();
    expect(await get(secretOf('id:one'))).toBe('token-1');
    expect(await get(secretOf('id:two', { version: 2 }))).toBe('token-2');
    expect(await get(secretOf('id:three', { version: 2 }))).toBe('token-3');
    expect(await get(secretOf('id:three', { version: 2 }))).toBe('token-3');
  });

  test('but not after an upstream refused it', async () => {
    const { tokens, need, get } = await start();
    const first = await tokens.get(need, secretOf(), ref);
    tokens.expire(first);
    expect(await get()).toBe('token-2');
    tokens.expire(first);
    expect(await get()).toBe('token-2');
  });

  test('for 30 seconds after it replaced a refused one, however often it is refused too', async () => {
    const { endpoint, tokens, time, need, get } = await start();
    const refuse = async (secret = secretOf()) => tokens.expire(await tokens.get(need, secret, ref));
    await refuse();
    await refuse();
    time.nowMs += 29_999;
    await refuse();
    expect([await get(), endpoint.seen.length]).toEqual(['token-2', 2]);
    time.nowMs += 1;
    await refuse();
    await refuse();
    expect([await get(), endpoint.seen.length]).toEqual(['token-3', 3]);
    await refuse(secretOf('id:changed', { version: 2 }));
    expect(await get(secretOf('id:changed', { version: 2 }))).toBe('token-5');
  });

  test('but not if there was none: the next call requests one again', async () => {
    let isAway = true;
    const { get } = await start((request, response) => {
      json({ access_token: 'x' }, isAway ? 503 : 200)(request, response);
    });
    await failureOf(get());
    isAway = false;
    expect(await get()).toBe('x');
  });
});

describe('the secret goes to no other host', () => {
  test.each([
    ['another host', ['api.example.com']],
    ['another port', ['127.0.0.1:1']],
    ['no host', []],
  ])('%s: refused before a socket is opened', async (_name, hosts) => {
    const { endpoint, get } = await start();
    expect(await failureOf(get(secretOf('id:secret', { hosts })))).toMatchObject({
      code: 'secret_host_denied',
      message: 'The secret CLIENT may not be sent to the host of its token endpoint',
    });
    expect(endpoint.seen).toEqual([]);
  });

  test('narrowed hosts take effect at once', async () => {
    const { get } = await start();
    await get();
    expect(await failureOf(get(secretOf(undefined, { hosts: ['a.test'] })))).toMatchObject({
      code: 'secret_host_denied',
    });
  });

  test('no redirect is followed', async () => {
    const other = await startUpstream(json({ access_token: 'x' }));
    upstreams.push(other);
    const { get } = await start((_request, response) => response.writeHead(307, { location: `${other.url}/` }).end());
    expect(await failureOf(get())).toMatchObject({ code: 'upstream_bad_response' });
    expect(other.seen).toEqual([]);
  });

  test('an internal address is not accepted as an endpoint (B106)', async () => {
    const { get } = await start();
    const secret = secretOf('id:secret', { hosts: ['10.0.0.1'] });
    expect(await failureOf(get(secret, { tokenUrl: 'http://10.0.0.1/token' }))).toMatchObject({
      code: 'egress_denied',
    });
  });
});

describe('without a token, the error contains nothing of the answer or of the secret', () => {
  const LEAK = 'leak-of-the-endpoint';
  const said = json({ error: LEAK, error_description: CANARY }, 401, { 'www-authenticate': LEAK });

  test.each<[string, RequestListener, string]>([
    ['a refusal', said, 'its endpoint answered with status 401'],
    ['an answer that is not JSON', (_request, response) => response.end(LEAK), 'its endpoint did not answer with one'],
    ['no token', json({ token: LEAK }), 'its endpoint did not answer with one'],
    ['a token with a line break', json({ access_token: `${LEAK}\r\n` }), 'its endpoint did not answer with one'],
    [
      'a token of another type',
      json({ access_token: LEAK, token_type: 'mac' }),
      'its endpoint did not answer with one',
    ],
    ['an unexpected success status', json({ access_token: LEAK }, 202), 'its endpoint answered with status 202'],
  ])('%s', async (_name, answer, reason) => {
    const { get } = await start(answer);
    const error = await failureOf(get());
    expect(error).toMatchObject({
      code: 'upstream_bad_response',
      message: `No token for the secret CLIENT: ${reason}`,
    });
    expect(inspect(error, { depth: 9 })).not.toMatch(/leak|canary/);
  });

  test('an endpoint that is unavailable: nothing of the step was sent', async () => {
    const { endpoint, get } = await start((request) => request.socket.destroy());
    const error = await failureOf(get());
    expect(error).toMatchObject({
      code: 'upstream_unreachable',
      message: 'No token for the secret CLIENT: The upstream closed the connection without an answer',
    });
    expect(error).toBeInstanceOf(AppError);
    expect(error).not.toBeInstanceOf(UpstreamError);
    expect(endpoint.seen).toHaveLength(1);
  });

  test.each(['canary', ':canary', ''])('a secret that is not a pair is not sent: %j', async (value) => {
    const { endpoint, get } = await start();
    const error = await failureOf(get(secretOf(value)));
    expect(error).toMatchObject({
      code: 'invalid_upstream_request',
      message: 'The secret CLIENT is not of the form client_id:client_secret',
    });
    expect(inspect(error)).not.toContain('canary');
    expect(endpoint.seen).toEqual([]);
  });
});
