import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Command, failed, succeeded } from '@toolplane/contracts';
import { createMember } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { createOauthClient, postForm, REDIRECT_URI, register } from './oauth-client.ts';

/* Which clients the authorization server accepts, and what is stored about them. */

let plane: TestControlPlane;
let commands: { close(): Promise<void> };
let person: Awaited<ReturnType<typeof createMember>>;
let resource: string;
/** What a client publishes about itself, by URL. */
const published = new Map<string, string>();
const fetched: Command[] = [];

beforeAll(async () => {
  plane = await startTestControlPlane();
  commands = await plane.serveCommands(async (command) => {
    fetched.push(command);
    const text = command.command === 'fetch_document' ? published.get(command.url) : undefined;
    if (text === undefined) return failed('done', 'upstream_unreachable', 'Nothing is there');
    return succeeded({ gzipped: gzipSync(text).toString('base64'), sha256: '' });
  });
  person = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: 'desk', mode: 'NORMAL' });
  resource = `https://mcp.example.test/mcp/${body.data.id}`;
});
afterAll(async () => {
  await commands?.close();
  await plane?.close();
});

describe('a client that registers itself', () => {
  test.each([
    ['that redirects to http elsewhere', { redirect_uris: ['http://elsewhere.test/callback'] }],
    ['that redirects to a script', { redirect_uris: ['javascript:alert(1)'] }],
    ['whose scheme opens a website (T46)', { redirect_uris: ['microsoft-edge:https://elsewhere.test/callback'] }],
    [
      'with more redirect URIs than any needs',
      { redirect_uris: Array.from({ length: 21 }, (_, i) => `https://a.test/${i}`) },
    ],
    ['with an endless name', { client_name: 'x'.repeat(3000) }],
    ['that wants tokens without a person', { grant_types: ['client_credentials'] }],
    ['that wants tokens in the URL', { response_types: ['token'], grant_types: ['implicit'] }],
  ])('is refused %s', async (_name, metadata) => {
    const { status, body } = await register(plane, metadata);
    expect([status, body.error]).toEqual([400, expect.stringMatching(/^invalid_(?:client_metadata|redirect_uri)$/)]);
  });

  test('in a browser may do so from anywhere, and is told nothing of others', async () => {
    const preflight = await fetch(`${plane.base}/oauth/register`, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    const { body, headers } = await register(plane);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect((await fetch(`${plane.base}/oauth/register/${body.client_id}`)).status).toBe(401);
  });

  test('with a secret is authenticated by it, and no secret, code or token is in the database (T24)', async () => {
    const { body } = await register(plane, { token_endpoint_auth_method: 'client_secret_post' });
    const secret: string = body.client_secret;
    const client = createOauthClient(plane, body.client_id, resource);
    const { redirect } = await client.authorize(person);
    const code = redirect.get('code') ?? '';
    expect((await client.exchange(code)).status).toBe(401);
    expect((await client.exchange(code, { client_secret: `${secret}x` })).status).toBe(401);
    const { status, body: tokens } = await client.exchange(code, { client_secret: secret });
    expect(status).toBe(200);
    const rows = await plane.database.asPlatform(async (tx) => [
      await tx.oauthClient.findMany(),
      await tx.oauthModel.findMany(),
      await tx.oauthGrant.findMany(),
    ]);
    expect(rows.map(({ length }) => length > 0)).toEqual([true, true, true]);
    for (const each of [secret, code, tokens.refresh_token]) expect(JSON.stringify(rows)).not.toContain(each);
  });

  test('may come back at another port of the same machine, where programs listen', async () => {
    const client = createOauthClient(plane, (await register(plane)).body.client_id, resource);
    const { to } = await client.authorize(person, { redirect_uri: REDIRECT_URI.replace('33418', '40000') });
    expect(to).toContain('http://127.0.0.1:40000/callback?code=');
  });

  test('that nobody uses is forgotten', async () => {
    const { body } = await register(plane);
    const where = { id: body.client_id as string };
    await plane.database.asPlatform((tx) => tx.oauthClient.update({ where, data: { expiresAt: new Date(0) } }));
    const client = createOauthClient(plane, body.client_id, resource);
    expect((await client.authorize(person)).page.text).toContain('invalid_client');
    await plane.domains.authorizationServer?.sweep();
    expect(await plane.database.asPlatform((tx) => tx.oauthClient.count({ where }))).toBe(0);
  });
});

describe('a client whose id is the URL of its metadata document', () => {
  const url = 'https://client.example.test/oauth/client.json';
  const documentOf = (id: string, changes = {}) =>
    JSON.stringify({
      client_id: id,
      client_name: 'A known client',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      ...changes,
    });

  test('gets tokens without registering; the data plane fetches the document, and nothing but that', async () => {
    published.set(url, documentOf(url));
    const client = createOauthClient(plane, url, resource);
    const { page } = await client.authorize(person, {}, 'look');
    expect(page.text).toContain('published by <strong>client.example.test</strong>');
    const { refresh } = await client.connect(person);
    expect((await client.refresh(refresh)).status).toBe(200);
    expect(fetched).toEqual([{ command: 'fetch_document', url, refusesRedirects: true }]);
    expect((await person.send('GET', '/api/v1/grants')).body.data).toEqual(
      expect.arrayContaining([expect.objectContaining({ client: { id: url, name: 'A known client' } })]),
    );
  });

  test('may name grants and scopes that only other authorization servers have: its document is one for all of them', async () => {
    const id = 'https://editor.example.test/oauth/client-metadata.json';
    const grant_types = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
    published.set(id, documentOf(id, { grant_types, scope: 'openid profile tools:read' }));
    const client = createOauthClient(plane, id, resource);
    const { body, refresh } = await client.connect(person);
    expect(body.scope).toBe('tools:read tools:call');
    expect((await client.refresh(refresh)).status).toBe(200);
  });

  test.each([
    ['is not there', undefined],
    ['is of another client', documentOf(url)],
    ['has a secret', documentOf('https://client.example.test/3', { client_secret: 'x' })],
    ['is no JSON', '<html>'],
    [
      'redirects to a scheme that opens a website (T46)',
      documentOf('https://client.example.test/48', { redirect_uris: ['microsoft-edge:https://elsewhere.test/'] }),
    ],
    [
      'wants tokens without a person',
      documentOf('https://client.example.test/5', { grant_types: ['client_credentials'] }),
    ],
  ])('does not exist when the document %s', async (_name, text) => {
    const id = `https://client.example.test/${_name.length}`;
    if (text !== undefined) published.set(id, text);
    const { page, to } = await createOauthClient(plane, id, resource).authorize(person);
    expect([page.status, to]).toEqual([400, undefined]);
    expect(page.text).toContain('This connection cannot be made');
  });

  test.each(['http://client.example.test/a', 'https://user@client.example.test/a', 'https://client.example.test/../a'])(
    '%s is not such an id: nothing is fetched',
    async (id) => {
      const before = fetched.length;
      expect((await createOauthClient(plane, id, resource).authorize(person)).page.status).toBe(400);
      expect(fetched.length).toBe(before);
    },
  );

  test('cannot have documents fetched without limit: one address gets at most thirty a minute', async () => {
    const before = fetched.length;
    for (let tries = 0; tries < 40; tries += 1) {
      await createOauthClient(plane, `https://many.example.test/${tries}`, resource).authorize(person);
    }
    expect(fetched.length - before).toBeLessThanOrEqual(30);
    expect(await createOauthClient(plane, url, resource).connect(person)).toMatchObject({ access: expect.any(String) });
  });
});

test('nobody registers clients without limit', async () => {
  const statuses = [];
  for (let tries = 0; tries < 25; tries += 1) statuses.push((await register(plane)).status);
  expect(statuses.at(-1)).toBe(429);
});

describe('an agent', () => {
  const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
  const params = () => ({ grant_type: 'client_credentials', resource });
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  async function newClient(key?: string) {
    const options = key === undefined ? {} : { key };
    const agent = (await plane.send('POST', '/api/v1/agents', { name: `a-${Math.random()}` }, options)).body.data.id;
    const path = `/api/v1/agents/${agent}/oauth-clients`;
    const { body } = await plane.send('POST', path, { name: 'CI' }, options);
    return { agent, path, id: body.data.clientId as string, secret: body.data.clientSecret as string };
  }

  test('gets tokens that speak for itself, for servers of its workspace', async () => {
    const { agent, id, secret, path } = await newClient();
    const { status, body } = await postForm(plane, '/oauth/token', params(), basic(id, secret));
    expect([status, body.refresh_token]).toEqual([200, undefined]);
    expect(claimsOf(body.access_token)).toMatchObject({
      sub: agent,
      client_id: id,
      aud: resource,
      tp_ws: 'ws_default',
      scope: 'tools:read tools:call',
    });
    const { body: listed } = await plane.send('GET', path);
    expect(listed.data).toMatchObject([{ clientId: id, name: 'CI' }]);
    await plane.send('POST', path, { name: 'CD' });
    const names = async (page: number) => (await plane.send('GET', `${path}?limit=1&page=${page}`)).body;
    expect(await names(1)).toMatchObject({ data: [{ name: 'CD' }], total: 2, hasNextPage: true });
    expect(await names(2)).toMatchObject({ data: [{ name: 'CI' }], total: 2, hasNextPage: false });
    expect(JSON.stringify(await plane.database.asPlatform((tx) => tx.agentClient.findMany()))).not.toContain(secret);
  });

  test('gets a client only from somebody who may call tools, from any address', async () => {
    const { path } = await newClient();
    const create = async (request: object) => {
      const { key } = (await plane.send('POST', '/api/v1/api-keys', { name: 'k', ...request })).body.data;
      return (await plane.send('POST', path, { name: 'CI' }, { key })).status;
    };
    const permissions = ['agents:write', 'tools:call'];
    expect(await create({ permissions })).toBe(201);
    expect(await create({ permissions: ['agents:write'] })).toBe(403);
    expect(await create({ permissions, allowedAddresses: ['127.0.0.0/8'] })).toBe(403);
  });

  test('gets no more than it asks for, and nothing for an unknown scope', async () => {
    const { id, secret } = await newClient();
    const ask = async (scope: string) =>
      (await postForm(plane, '/oauth/token', { ...params(), scope }, basic(id, secret))).body;
    expect(claimsOf((await ask('tools:read')).access_token).scope).toBe('tools:read');
    expect(await ask('tools:read admin')).toMatchObject({ scope: 'tools:read' });
    expect(await ask('admin')).toMatchObject({ error: 'invalid_scope', scope: 'admin' });
  });

  test('gets none for a server of somebody else, with a wrong secret, switched off, or once its client is gone', async () => {
    const { key } = await plane.createTenant();
    const foreign = await newClient(key);
    const ask = async (id: string, secret: string) =>
      (await postForm(plane, '/oauth/token', params(), basic(id, secret))).body.error;
    expect(await ask(foreign.id, foreign.secret)).toBe('invalid_target');
    const { agent, id, secret, path } = await newClient();
    expect(await ask(id, `${secret}x`)).toBe('invalid_client');
    await plane.send('PUT', `/api/v1/agents/${agent}/toggle-active`);
    expect(await ask(id, secret)).toBe('invalid_client');
    await plane.send('PUT', `/api/v1/agents/${agent}/toggle-active`);
    expect(await ask(id, secret)).toBeUndefined();
    expect((await plane.send('DELETE', `${path}/${id}`)).status).toBe(204);
    expect(await ask(id, secret)).toBe('invalid_client');
  });

  test('is not a client that a person can agree to', async () => {
    const { id } = await newClient();
    expect((await createOauthClient(plane, id, resource).authorize(person)).redirect.get('code')).toBeNull();
  });
});
