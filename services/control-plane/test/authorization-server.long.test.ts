import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCESS_TOKEN_TYPE, accessTokenClaimsSchema } from '@toolplane/contracts';
import { createMember } from './browser.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { createOauthClient, type OauthClient, postForm, REDIRECT_URI, register } from './oauth-client.ts';

/* How a client gets tokens for a server: only after somebody has signed in and agreed. */

const ISSUER = 'https://api.example.test/oauth';

type Member = Awaited<ReturnType<typeof createMember>>;

let plane: TestControlPlane;
let person: Member;
let serverId: string;
let resource: string;
let client: OauthClient;

beforeAll(async () => {
  plane = await startTestControlPlane();
  person = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
  serverId = await createServer('desk');
  resource = urlOf(serverId);
  client = await newClient();
});
afterAll(() => plane?.close());

const urlOf = (id: string) => `https://mcp.example.test/mcp/${id}`;

async function createServer(name: string, isPublic = false): Promise<string> {
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name, mode: 'NORMAL', isPublic });
  await plane.send('POST', `/api/v1/mcp-servers/${body.data.id}/deploy`, { definition: flowerDocument() });
  return body.data.id;
}

async function newClient(of = resource): Promise<OauthClient> {
  return createOauthClient(plane, (await register(plane)).body.client_id, of);
}

function read(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const signed = Buffer.from(`${header}.${payload}`);
  return { header: parse(header), claims: parse(payload), signed, signature: Buffer.from(signature, 'base64url') };
}

const failure = (error: string) => ({ status: 400, body: { error } });

describe('what clients find', () => {
  test.each([
    '/.well-known/oauth-authorization-server/oauth',
    '/.well-known/openid-configuration/oauth',
    '/oauth/.well-known/openid-configuration',
  ])('its metadata at %s, with PKCE, metadata documents of clients and iss', async (path) => {
    const response = await fetch(`${plane.base}${path}`, {
      headers: { origin: 'https://client.test', host: '127.0.0.1' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://client.test');
    expect(await response.json()).toMatchObject({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      registration_endpoint: `${ISSUER}/register`,
      revocation_endpoint: `${ISSUER}/revoke`,
      code_challenge_methods_supported: ['S256'],
      client_id_metadata_document_supported: true,
      response_types_supported: ['code'],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: expect.arrayContaining(['tools:read', 'tools:call', 'offline_access']),
    });
  });

  test('public keys and nothing private of them, as edges do', async () => {
    const body = await (await fetch(`${plane.base}/oauth/jwks`)).json();
    const issuer = await plane.snapshot.getIssuer();
    expect(issuer).toMatchObject({ issuer: ISSUER, jwks: body });
    expect(JSON.stringify(body)).not.toContain('"d"');
  });
});

describe('a token', () => {
  test('is for one person, one server and one client, for ten minutes, and verified with what edges know (T26)', async () => {
    const { access, refresh, body } = await client.connect(person);
    const { header, claims, signed, signature } = read(access);
    const [key] = (await plane.snapshot.getIssuer())?.jwks.keys ?? [];
    expect(header).toEqual({ alg: 'ES256', typ: ACCESS_TOKEN_TYPE, kid: key?.kid });
    const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' });
    expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    expect(accessTokenClaimsSchema.parse(claims)).toEqual({
      sub: person.personId,
      client_id: client.clientId,
      scope: 'tools:read tools:call',
      tp_ws: 'ws_default',
      groups: ['role:viewer'],
    });
    expect(claims).toMatchObject({ iss: ISSUER, aud: resource, exp: claims.iat + 600 });
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    expect(refresh).not.toBe('');
  });

  test('has the scopes that the client requests, and all when it names none', async () => {
    const scopesOf = async (scope: string | undefined) =>
      read((await client.connect(person, { scope })).access).claims.scope;
    expect(await scopesOf('tools:read')).toBe('tools:read');
    expect(await scopesOf('tools:read offline_access unknown')).toBe('tools:read');
    expect(await scopesOf(undefined)).toBe('tools:read tools:call');
  });

  test('is read-only when the person wants that, until they agree to more', async () => {
    const careful = await newClient();
    const { redirect } = await careful.authorize(person, {}, { agrees: true, onlyReads: true });
    const first = await careful.exchange(redirect.get('code') ?? '');
    expect(first.body.scope).toBe('tools:read');
    expect((await careful.refresh(first.body.refresh_token)).body.scope).toBe('tools:read');
    expect((await careful.connect(person)).body.scope).toBe('tools:read tools:call');
  });
});

describe('the answer to the client', () => {
  test('has the state as it was sent, and names its issuer (RFC 9207)', async () => {
    const { redirect, to } = await client.authorize(person);
    expect([redirect.get('state'), redirect.get('iss')]).toEqual(['st&te', ISSUER]);
    expect(to?.startsWith(`${REDIRECT_URI}?`)).toBe(true);
  });

  test('is access_denied when the person does not agree', async () => {
    const { redirect } = await client.authorize(person, {}, { agrees: false });
    expect(Object.fromEntries(redirect)).toMatchObject({ error: 'access_denied', state: 'st&te', iss: ISSUER });
  });

  test.each([
    ['no server', { resource: undefined }],
    ['a server that does not exist', { resource: urlOf(`srv_${'a'.repeat(24)}`) }],
    ['the URL of a server with an extra slash', { resource: 'slash' }],
    ['a URL that is not a server', { resource: 'https://elsewhere.test/' }],
  ])('is invalid_target for %s', async (_name, params) => {
    const wanted = params.resource === 'slash' ? { resource: `${resource}/` } : params;
    const { redirect } = await client.authorize(person, wanted);
    expect([redirect.get('error'), redirect.get('state')]).toEqual(['invalid_target', 'st&te']);
  });

  test('is invalid_target for a server that anybody may use', async () => {
    const { redirect } = await client.authorize(person, { resource: urlOf(await createServer('open', true)) });
    expect(redirect.get('error')).toBe('invalid_target');
  });

  test.each([
    ['no code challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['a plain code challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no question to the person', { prompt: 'none' }, 'login_required'],
  ])('is an error for %s', async (_name, params, error) => {
    expect((await client.authorize(person, params)).redirect.get('error')).toBe(error);
  });

  test('is an error for a token at once: there is no implicit grant', async () => {
    const { to } = await client.authorize(person, { response_type: 'token' });
    expect(new URL(to ?? '').hash).toContain('error=unsupported_response_type');
  });

  test.each([
    ['with a longer path', `${REDIRECT_URI}/more`],
    ['with a query', `${REDIRECT_URI}?more`],
    ['elsewhere', 'https://evil.test/callback'],
    ['that is not a URL', '//evil.test'],
  ])('is not sent to a redirect URI %s: the person sees a page (B040)', async (_name, redirectUri) => {
    const { to, page } = await client.authorize(person, { redirect_uri: redirectUri });
    expect([to, page.status]).toEqual([undefined, 400]);
    expect(page.text).toContain('This connection cannot be made');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

describe('a code is valid once, for its client, its verifier and its redirect URI', () => {
  const codeOf = async (of = client) => (await of.authorize(person)).redirect.get('code') ?? '';

  test.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['another redirect URI', { redirect_uri: `${REDIRECT_URI}/more` }, 'invalid_grant'],
    ['another server', { resource: urlOf(`srv_${'b'.repeat(24)}`) }, 'invalid_target'],
  ])('not for %s', async (_name, params, error) => {
    expect(await client.exchange(await codeOf(), params)).toMatchObject(failure(error));
  });

  test('not for another client', async () => {
    const other = await newClient();
    const code = await codeOf();
    expect(await other.exchange(code)).toMatchObject(failure('invalid_grant'));
  });

  test('a second use ends what it was exchanged for', async () => {
    const own = await newClient();
    const code = await codeOf(own);
    const { body } = await own.exchange(code);
    expect(await own.exchange(code)).toMatchObject(failure('invalid_grant'));
    expect(await own.refresh(body.refresh_token)).toMatchObject(failure('invalid_grant'));
  });
});

describe('a refresh token', () => {
  test('is replaced at each use, and reusing an old one ends all that followed it', async () => {
    const own = await newClient();
    const first = await own.connect(person);
    const { body: second } = await own.refresh(first.refresh);
    const { body: third } = await own.refresh(second.refresh_token);
    expect(new Set([first.refresh, second.refresh_token, third.refresh_token]).size).toBe(3);
    expect(read(third.access_token).claims).toMatchObject({ sub: person.personId, aud: resource });
    expect(await own.refresh(first.refresh)).toMatchObject(failure('invalid_grant'));
    expect(await own.refresh(third.refresh_token)).toMatchObject(failure('invalid_grant'));
  });

  test('used twice at the same moment works only once', async () => {
    const own = await newClient();
    const { refresh } = await own.connect(person);
    const answers = await Promise.all(Array.from({ length: 4 }, () => own.refresh(refresh)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });

  test('gets no more than it was issued for, and no other server', async () => {
    const own = await newClient();
    const { refresh } = await own.connect(person, { scope: 'tools:read' });
    expect(await own.refresh(refresh, { scope: 'tools:call' })).toMatchObject(failure('invalid_scope'));
    const other = urlOf(await createServer('other'));
    expect(await own.refresh(refresh, { resource: other })).toMatchObject(failure('invalid_target'));
  });

  test('that its client revokes is no longer valid', async () => {
    const own = await newClient();
    const { refresh } = await own.connect(person);
    const params = { token: refresh, client_id: own.clientId };
    expect((await postForm(plane, '/oauth/revoke', params)).status).toBe(200);
    expect(await own.refresh(refresh)).toMatchObject(failure('invalid_grant'));
  });
});

describe('only members', () => {
  test('get a code: whoever is not a member of the workspace sees a page that says so', async () => {
    const { key } = await plane.createTenant();
    const stranger = await createMember(plane, { email: 'eve@example.test', role: 'owner', key });
    const { page, redirect } = await client.authorize(stranger, {}, 'look');
    expect([page.status, redirect.get('code')]).toEqual([403, null]);
    expect(page.text).toContain('You cannot use this server');
    expect(page.text).toContain('<a href="/account">');
  });

  test('get a code: whoever has not signed in is asked to, and comes back', async () => {
    const { to } = await client.authorize(undefined, {}, 'look');
    expect(to).toMatch(/^https:\/\/api\.example\.test\/sign-in\?return_to=%2Foauth%2Finteractions%2F[\w-]+$/);
  });

  test('have their tokens renewed: whoever has left gets none, and their consent is gone', async () => {
    const leaver = await createMember(plane, { email: 'lea@example.test', role: 'maintainer' });
    const own = await newClient();
    const { refresh } = await own.connect(leaver);
    expect((await plane.send('DELETE', `/api/v1/members/${leaver.personId}?scope=organization`)).status).toBe(204);
    expect(await own.refresh(refresh)).toMatchObject(failure('invalid_grant'));
    const where = { personId: leaver.personId };
    expect(await plane.database.asPlatform((tx) => tx.oauthGrant.count({ where }))).toBe(0);
  });
});

describe('a consent', () => {
  test('is listed for the person alone, and withdrawn by them alone', async () => {
    const owner = await createMember(plane, { email: 'bob@example.test', role: 'viewer' });
    const own = await newClient();
    const { refresh } = await own.connect(owner);
    const { body } = await owner.send('GET', '/api/v1/grants');
    expect(body.data).toMatchObject([
      {
        client: { id: own.clientId, name: 'A client' },
        server: { id: serverId, slug: 'desk' },
        scopes: ['tools:read', 'tools:call'],
      },
    ]);
    expect((await owner.send('GET', '/api/v1/grants?page=2')).body).toMatchObject({ data: [], total: 1 });
    const path = `/api/v1/grants/${body.data[0].id}`;
    expect((await person.send('DELETE', path)).status).toBe(404);
    expect((await owner.send('DELETE', path)).status).toBe(204);
    expect(await own.refresh(refresh)).toMatchObject(failure('invalid_grant'));
    expect((await owner.send('GET', '/api/v1/grants')).body.data).toEqual([]);
  });

  test('is one entry for each client and server, however often it is given', async () => {
    const owner = await createMember(plane, { email: 'cat@example.test', role: 'viewer' });
    const own = await newClient();
    const first = await own.connect(owner);
    await own.connect(owner);
    expect((await owner.send('GET', '/api/v1/grants')).body.data).toHaveLength(1);
    expect((await own.refresh(first.refresh)).status).toBe(200);
  });
});

test('the audit log records who let which client use which server, and who refused', async () => {
  const asked = await newClient();
  await asked.authorize(person, {}, { agrees: true, onlyReads: true });
  await asked.authorize(person, {}, { agrees: false });
  const { body } = await plane.send('GET', '/api/v1/audit-log?action=oauth.consent&limit=2');
  expect(body.data).toMatchObject([
    { kind: 'event', outcome: 'access_denied', actor: { kind: 'person' } },
    { kind: 'event', outcome: 'done', actor: { kind: 'person' }, details: { scopes: ['tools:read'] } },
  ]);
  expect(resource).toContain(body.data[0].target.serverId);
});

describe('the consent page', () => {
  /** Starts an authorization, and returns the path and the cookies of the browser's next step. */
  async function openStep() {
    const answer = await fetch(
      `${plane.base}/oauth/authorize?${new URLSearchParams({
        response_type: 'code',
        client_id: client.clientId,
        redirect_uri: REDIRECT_URI,
        resource,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      })}`,
      { redirect: 'manual' },
    );
    const cookie = answer.headers.getSetCookie().map((each) => each.split(';')[0]);
    const session = `__Host-toolplane-session=${person.cookie}`;
    return {
      path: answer.headers.get('location') ?? '',
      cookie: [...cookie, session].join('; '),
      set: answer.headers.getSetCookie(),
    };
  }
  const ofOurPage = {
    origin: 'https://api.example.test',
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
  };
  const post = (path: string, headers: Record<string, string>) =>
    fetch(`${plane.base}${path}`, { method: 'POST', headers, body: '{"agrees":true}' });

  test('names the client, the server and the tools, and shows nothing of a client as HTML (T29)', async () => {
    const name = '<script>alert(1)</script>\u202e\u200b & Co';
    const odd = createOauthClient(plane, (await register(plane, { client_name: name })).body.client_id, resource);
    const { page } = await odd.authorize(person, {}, 'look');
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co');
    expect(page.text).not.toMatch(/<script>|[\u202e\u200b]/);
    const redirect = 'http://<strong>127.0.0.1:33418</strong>/callback, on this computer';
    for (const shown of ['desk', 'ticket_status', 'ann@example.test', redirect, 'Nobody has checked']) {
      expect(page.text).toContain(shown);
    }
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  test.each([
    ['without the proof that our page sent it', ofOurPage],
    ['from another site', { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }],
    ['as a form', { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' }],
  ])('accepts no decision %s (T29, B038)', async (_name, headers) => {
    const { path, cookie } = await openStep();
    expect((await post(path, { cookie, ...headers })).status).toBe(403);
  });

  test('accepts no decision from a browser that did not start the flow (B040)', async () => {
    const { path } = await openStep();
    const cookie = `__Host-toolplane-session=${person.cookie}`;
    const headers = { ...ofOurPage, 'x-csrf-token': person.csrfToken ?? '' };
    expect((await post(path, { cookie, ...headers })).status).toBe(404);
    expect((await fetch(`${plane.base}${path}`, { headers: { cookie } })).status).toBe(404);
  });

  test('works in one browser only: its cookies are HttpOnly, Secure and SameSite (B039)', async () => {
    const { set } = await openStep();
    expect(set.length).toBeGreaterThan(0);
    for (const cookie of set) expect(cookie).toMatch(/(?=.*httponly)(?=.*secure)(?=.*samesite=lax)/i);
  });
});
