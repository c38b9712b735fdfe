import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMember } from './browser.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { createOauthClient, type OauthClient, register } from './oauth-client.ts';

/* Where the authorization server redirects a browser: only after consent, except to the person's own machine. */

const ISSUER = 'https://api.example.test/oauth';

let plane: TestControlPlane;
let person: Awaited<ReturnType<typeof createMember>>;
let resource: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  person = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: 'desk', mode: 'NORMAL' });
  await plane.send('POST', `/api/v1/mcp-servers/${body.data.id}/deploy`, { definition: flowerDocument() });
  resource = `https://mcp.example.test/mcp/${body.data.id}`;
});
afterAll(() => plane?.close());

describe('a client at a site, which anybody can register,', () => {
  const redirect_uri = 'https://site.example.test/callback?a=b';
  let site: OauthClient;
  beforeAll(async () => {
    const { body } = await register(plane, { redirect_uris: [redirect_uri] });
    site = createOauthClient(plane, body.client_id, resource);
  });

  test.each([
    ['no question to the person', { prompt: 'none' }, 'login_required'],
    ['a token at once', { response_type: 'token' }, 'unsupported_response_type'],
    ['no server', { resource: undefined }, 'invalid_target'],
    ['a form that submits itself', { prompt: 'none', response_mode: 'form_post' }, 'login_required'],
  ])(
    'is sent nobody by a link with %s: they see a page, and continue if they want to (B040)',
    async (_name, params, error) => {
      const { to, page } = await site.authorize(person, { redirect_uri, ...params });
      expect([to, page.status]).toEqual([undefined, 400]);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      const [, href = ''] = /<a href="([^"]+)" rel="noreferrer">Go back to site.example.test</.exec(page.text) ?? [];
      const back = new URL(href.replaceAll('&amp;', '&'));
      expect(Object.fromEntries(back.searchParams)).toMatchObject({ a: 'b', error, state: 'st&te', iss: ISSUER });
    },
  );

  test('gets back everybody who agrees', async () => {
    const { to, redirect } = await site.authorize(person, { redirect_uri });
    expect(to?.startsWith(`${redirect_uri}&`)).toBe(true);
    expect(redirect.get('code')).not.toBeNull();
  });

  test('is sent nobody who does not agree: they see a page, and continue if they want to (T46)', async () => {
    const { to, page } = await site.authorize(person, { redirect_uri }, { agrees: false });
    expect([to, page.status]).toEqual([undefined, 400]);
    expect(page.text).toContain('Nothing was connected');
    const [, href = ''] = /<a href="([^"]+)" rel="noreferrer">Go back to site.example.test</.exec(page.text) ?? [];
    const back = new URL(href.replaceAll('&amp;', '&'));
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ a: 'b', error: 'access_denied', state: 'st&te' });
  });
});

describe('an app that has a scheme of its own', () => {
  const redirect_uri = 'com.example.app:/callback';
  let app: OauthClient;
  beforeAll(async () => {
    const { body } = await register(plane, { redirect_uris: [redirect_uri] });
    app = createOauthClient(plane, body.client_id, resource);
  });

  test('gets the code of whoever agrees', async () => {
    const { to } = await app.authorize(person, { redirect_uri });
    expect(to).toMatch(/^com\.example\.app:\/callback\?code=/);
  });

  test.each([
    ['an invalid request', { prompt: 'none' }, { agrees: true }, 'login_required'],
    ['a refused consent', {}, { agrees: false }, 'access_denied'],
  ])('is not opened by %s: the person sees a page with a link (T46)', async (_name, params, decision, error) => {
    const { to, page } = await app.authorize(person, { redirect_uri, ...params }, decision);
    expect([to, page.status]).toEqual([undefined, 400]);
    expect(page.text).toContain(`<a href="${redirect_uri}?error=${error}&amp;`);
  });
});

test.each([
  ['microsoft-edge:https://evil.test/callback', {}],
  ['microsoft-edge:https://evil.test/callback', { prompt: 'none' }],
  ['https://client.example.test@evil.test/callback', { prompt: 'none' }],
])(
  'a client that has registered %s before gets nobody redirected there, with %j (T46)',
  async (redirect_uri, params) => {
    const { body } = await register(plane, { redirect_uris: ['com.example.app:/callback'] });
    await plane.database.asPlatform(async (tx) => {
      const where = { id: body.client_id as string };
      const { metadata } = await tx.oauthClient.findUniqueOrThrow({ where });
      await tx.oauthClient.update({
        where,
        data: { metadata: JSON.stringify({ ...JSON.parse(metadata), redirect_uris: [redirect_uri] }) },
      });
    });
    const { to, page } = await createOauthClient(plane, body.client_id, resource).authorize(person, {
      redirect_uri,
      ...params,
    });
    expect([to, page.status]).toEqual([undefined, 400]);
    expect(page.text).toContain('each of redirect_uris must use https');
    expect(page.text).not.toContain('evil.test');
  },
);

test('the consent page shows all of the redirect URI, and who receives what is sent there stands out (T46)', async () => {
  const redirect_uri = `com.example.app:https://claude.ai/callback/${'x'.repeat(500)}?a=b`;
  const { body } = await register(plane, { redirect_uris: [redirect_uri] });
  const { page } = await createOauthClient(plane, body.client_id, resource).authorize(person, { redirect_uri }, 'look');
  expect(page.text).toContain(
    `<dd class="uri"><strong>com.example.app</strong>${redirect_uri.slice('com.example.app'.length)}, on this computer</dd>`,
  );
});
