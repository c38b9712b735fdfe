import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, failed, type Json, type SignedOn, succeeded } from '@toolplane/contracts';
import { createBrowser, createMember, OF_OUR_PAGES, PASSWORD } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

const ISSUER = 'https://id.example.test/tenant';
const COOKIE = '__Host-toolplane-sign-on';

const clientSecret = { value: 'a-client-secret', hosts: ['id.example.test'] };
let plane: TestControlPlane;
let commands: Command[];
/** The identity that the issuer reports. */
let said: Omit<SignedOn, 'issuer'>;
let refused: ReturnType<typeof failed> | undefined;
/** The failure that replaces the issuer's page. */
let unreached: ReturnType<typeof failed> | undefined;
let connectionId: string;
beforeAll(async () => {
  plane = await startTestControlPlane({ trustedProxies: ['127.0.0.0/8', '::1'] });
  await plane.serveCommands(async (command) => {
    commands.push(command);
    if (command.command === 'start_single_sign_on') {
      if (unreached !== undefined) return unreached;
      const query = new URLSearchParams({ state: command.state, redirect_uri: command.redirectUri });
      return succeeded({ authorizationUrl: `${ISSUER}/authorize?${query}`, session: 'a-sealed-session' });
    }
    if (command.command === 'finish_single_sign_on') return refused ?? succeeded({ issuer: ISSUER, ...said } as Json);
    if (command.command === 'store_secret') {
      return succeeded({ version: command.version, hosts: ['id.example.test'], isRedactable: true });
    }
    return succeeded(null);
  });
  commands = [];
  const made = await create({ domains: ['acme.example.test'], defaultRole: 'maintainer' });
  expect(made.status).toBe(201);
  connectionId = made.body.data.id;
});
beforeEach(async () => {
  commands = [];
  [refused, unreached] = [undefined, undefined];
  said = { subject: `subject-${crypto.randomUUID()}`, email: someone(), isEmailVerified: true, name: 'Ada' };
});
afterAll(() => plane.close());

let people = 0;
const someone = (domain = 'acme.example.test') => {
  people += 1;
  return `person-${people}@${domain}`;
};

const create = (rest: object, key = plane.rootKey) =>
  plane.send('POST', '/api/v1/sso-connections', { issuer: ISSUER, clientId: 'toolplane', ...rest }, { key });
const change = (body: object, id = connectionId) => plane.send('PATCH', `/api/v1/sso-connections/${id}`, body);

/** Starts each sign-in from a different address, so that no test reaches the limit of another. */
async function start(body: object = {}) {
  people += 1;
  const address = `10.1.${Math.floor(people / 256)}.${people % 256}`;
  const headers = { ...OF_OUR_PAGES, 'x-forwarded-for': address, 'content-type': 'application/json' };
  const response = await fetch(`${plane.base}/api/v1/sign-in/sso`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ email: 'ada@Acme.example.test', ...body }),
  });
  const { data } = (await response.json()) as { data?: { authorizationUrl: string } };
  const [setCookie = ''] = response.headers.getSetCookie();
  const state = new URL(data?.authorizationUrl ?? 'x:').searchParams.get('state') ?? '';
  return { status: response.status, state, setCookie, browser: /=([^;]+)/.exec(setCookie)?.[1] ?? '', address };
}

async function comeBack(query: Record<string, string>, { browser = '', address = '10.9.9.9', session = '' } = {}) {
  const cookie = `${COOKIE}=${browser}; __Host-toolplane-session=${session}`;
  const response = await fetch(`${plane.base}/sign-in/sso/callback?${new URLSearchParams(query)}`, {
    redirect: 'manual',
    headers: { cookie, 'x-forwarded-for': address },
  });
  const cookies = response.headers.getSetCookie();
  const given = cookies.find((each) => each.startsWith('__Host-toolplane-session='));
  const location = response.headers.get('location');
  return {
    status: response.status,
    text: await response.text(),
    location,
    cookies,
    session: /=([^;]+)/.exec(given ?? '')?.[1],
  };
}

async function signOn(body: object = {}) {
  const started = await start(body);
  return comeBack({ state: started.state, code: 'a-code' }, started);
}

const whoHas = async (session = '') => {
  const browser = createBrowser(plane);
  browser.cookie = session;
  return (await browser.send('GET', '/api/v1/session')).body.data;
};
const stored = () =>
  plane.database.asPlatform(async (tx) => [
    await tx.person.count(),
    await tx.session.count(),
    await tx.ssoIdentity.count(),
    await tx.membership.count(),
  ]);

describe('signing in', () => {
  test('somebody new becomes a member with the role of the connection, in a session like any other', async () => {
    const { status, location, session, cookies } = await signOn();
    expect([status, location]).toEqual([303, '/account']);
    expect(cookies[0]).toMatch(/Max-Age=43200; HttpOnly; SameSite=Lax; Secure$/);
    expect(await whoHas(session)).toMatchObject({
      person: { email: said.email, name: 'Ada' },
      workspaces: [{ workspaceId: 'ws_default', roles: { organization: 'maintainer' } }],
    });
  });

  test('recognizes the same person again, whatever address the issuer gives by then', async () => {
    const first = await whoHas((await signOn()).session);
    said = { ...said, email: someone(), isEmailVerified: false };
    expect((await whoHas((await signOn()).session)).person).toEqual(first.person);
  });

  test('keeps a member with a verified address who they are, with the role that they have', async () => {
    const email = said.email ?? '';
    const { personId } = await createMember(plane, { email, role: 'viewer' });
    const { person, workspaces } = await whoHas((await signOn()).session);
    expect([person.id, workspaces[0].roles]).toEqual([personId, { organization: 'viewer' }]);
  });

  test('ends the session that the browser had, so that no earlier one is valid (B039)', async () => {
    const before = (await signOn()).session ?? '';
    const started = await start();
    const { session } = await comeBack({ state: started.state, code: 'x' }, { ...started, session: before });
    expect(await whoHas(before)).toBeUndefined();
    expect(await whoHas(session)).toMatchObject({ person: { email: said.email } });
  });

  test('offers a person without a password none to change, nor second factors that nobody would ask for', async () => {
    const browser = createBrowser(plane);
    browser.cookie = (await signOn()).session;
    const { text } = await browser.send('GET', '/account');
    expect(text).toContain('You sign in by single sign-on');
    for (const id of ['id="password"', 'id="add-totp"', 'id="new-codes"']) expect(text).not.toContain(id);
  });

  test('returns people to the page that sent them', async () => {
    const returnTo = '/invitations/x?y=z';
    expect(await signOn({ returnTo })).toMatchObject({ status: 303, location: returnTo });
  });

  test('is in the audit log, and so is what failed and why, even before anybody was sent to the issuer', async () => {
    await signOn();
    refused = failed('done', 'credentials_refused', 'The ID token belongs to another sign-in');
    await signOn();
    const misnamed = failed('done', 'upstream_bad_response', 'The issuer identifies itself by another name');
    unreached = misnamed;
    expect((await start()).status).toBe(502);
    unreached = undefined;
    const sentBack = failed('done', 'credentials_refused', 'The issuer refused the sign-in');
    const begun = await start();
    expect((await comeBack({ state: begun.state, error: 'access_denied' }, begun)).status).toBe(400);
    const { body } = await plane.send('GET', '/api/v1/audit-log?action=sign-in.sso');
    expect(body.data).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ outcome: 'done' }),
        ...[refused, misnamed, sentBack].map(({ error: { code, message } }) =>
          expect.objectContaining({
            outcome: code,
            target: { connection: connectionId },
            details: { problem: message },
          }),
        ),
      ]),
    );
  });

  test('keeps only hashes of the state and the browser, and a cookie for this host alone', async () => {
    const { state, browser, setCookie } = await start();
    const rows = JSON.stringify(await plane.database.asPlatform((tx) => tx.ssoSignIn.findMany()));
    for (const text of [state, browser]) expect(rows).not.toContain(text);
    expect(setCookie).toMatch(
      /^__Host-toolplane-sign-on=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  test('is refused to other sites, and slowed down like password attempts', async () => {
    const browser = createBrowser(plane);
    const email = someone();
    const ask = (site: string) =>
      browser.send('POST', '/api/v1/sign-in/sso', { email }, { 'sec-fetch-site': site, 'x-forwarded-for': '10.8.8.8' });
    expect((await ask('cross-site')).status).toBe(403);
    const statuses = [];
    for (let tries = 0; tries < 6; tries += 1) statuses.push((await ask('same-origin')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });
});

describe('attempts that store nothing (B040, T32)', () => {
  test.each<[string, () => Promise<{ status: number }>]>([
    ['no state', async () => comeBack({ code: 'x' }, await start())],
    ['an unknown state', async () => comeBack({ state: 'a'.repeat(43), code: 'x' }, await start())],
    ['a foreign browser', async () => comeBack({ state: (await start()).state, code: 'x' }, await start())],
    ['a browser without a cookie', async () => comeBack({ state: (await start()).state, code: 'x' })],
    [
      'a refusal of the issuer',
      () => start().then((own) => comeBack({ state: own.state, error: 'access_denied' }, own)),
    ],
    [
      'another issuer',
      async () => {
        refused = failed('done', 'credentials_refused', 'not the issuer');
        const started = await start();
        const answer = await comeBack({ state: started.state, code: 'x', iss: 'https://evil.example.test' }, started);
        expect(commands.at(-1)).toMatchObject({ command: 'finish_single_sign_on', iss: 'https://evil.example.test' });
        return answer;
      },
    ],
    ['a way back to //evil', () => start({ returnTo: '//evil.example.test' })],
    ['a way back to another host', () => start({ returnTo: 'https://evil.example.test/' })],
  ])('%s: 400', async (_name, attempt) => {
    const before = await stored();
    expect((await attempt()).status).toBe(400);
    expect(await stored()).toEqual(before);
  });

  test('a second use: 400', async () => {
    const started = await start();
    const query = { state: started.state, code: 'a-code' };
    expect((await comeBack(query, started)).status).toBe(303);
    const before = await stored();
    expect((await comeBack(query, started)).status).toBe(400);
    expect(await stored()).toEqual(before);
  });

  test('of two at once, only one gets in', async () => {
    const started = await start();
    const answers = await Promise.all([1, 2].map(() => comeBack({ state: started.state, code: 'x' }, started)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400]);
  });

  test.each<[string, () => Promise<Partial<SignedOn>>]>([
    ['an address that is not verified', async () => ({ isEmailVerified: false })],
    ['no address', async () => ({ email: '' })],
    ['an address of another domain', async () => ({ email: 'eve@other.example.test' })],
    [
      'the unverified address of a member',
      async () => {
        const email = someone();
        await createMember(plane, { email, role: 'owner' });
        return { email, isEmailVerified: false };
      },
    ],
    [
      'the address of a member of another organization (T1)',
      async () => {
        const email = someone();
        await createMember(plane, { email, role: 'viewer', key: (await plane.createTenant()).key });
        return { email };
      },
    ],
    [
      'the address of somebody who is not a member anywhere, who may have made that account for others to walk into',
      async () => {
        const email = someone();
        const { personId } = await createMember(plane, { email, role: 'viewer' });
        await plane.send('DELETE', `/api/v1/members/${personId}?scope=organization`);
        return { email };
      },
    ],
  ])('%s: 403', async (_name, change) => {
    said = { ...said, ...(await change()) };
    const before = await stored();
    expect((await signOn()).status).toBe(403);
    expect(await stored()).toEqual(before);
  });

  test('somebody who has become a member of another organization too: 403, because its owners did not agree to this issuer', async () => {
    const { person } = await whoHas((await signOn()).session);
    const { workspaceId } = await plane.createTenant();
    await plane.database.asPlatform(async (tx) => {
      const { organizationId } = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
      const membership = { personId: person.id, organizationId, ownerId: organizationId, role: 'viewer' as const };
      await tx.membership.create({ data: membership });
    });
    const before = await stored();
    expect((await signOn()).status).toBe(403);
    expect(await stored()).toEqual(before);
  });
});

test('a person without a password is not locked out by an invitation of another organization: 409, and it stays valid', async () => {
  const browser = createBrowser(plane);
  browser.cookie = (await signOn()).session;
  browser.csrfToken = (await browser.send('GET', '/api/v1/session')).body.data.csrfToken;
  const acceptOf = async (key: string) => {
    const { body } = await plane.send('POST', '/api/v1/invitations', { scope: 'workspace', role: 'admin' }, { key });
    const token = body.data.link.split('/').at(-1);
    const { status } = await browser.send('POST', '/api/v1/session/invitations', { token });
    return { status, page: await createBrowser(plane).send('GET', `/invitations/${token}`) };
  };
  const { status, page } = await acceptOf((await plane.createTenant()).key);
  expect([status, page.status]).toEqual([409, 200]);
  expect((await acceptOf(plane.rootKey)).status).toBe(204);
  expect((await signOn()).status).toBe(303);
});

describe('a connection', () => {
  test('keeps its secret at the data plane and shows it nowhere', async () => {
    const sealed = await sealAnywhere(plane.sealingKey, clientSecret);
    const { status, body, text } = await create({ sealed, domains: ['secret.example.test'] });
    expect([status, body.data.hasSecret]).toEqual([201, true]);
    const ref = { workspaceId: 'ws_default', serverId: body.data.id, name: 'client_secret' };
    const audience = expect.stringMatching(/^\w+\/single-sign-on\/https%3A/);
    expect(commands).toMatchObject([{ command: 'store_secret', ref, sealed, audience, version: 1, isUsed: true }]);
    const rows = JSON.stringify(await plane.database.asPlatform((tx) => tx.ssoConnection.findMany()));
    for (const shown of [text, rows]) expect(shown).not.toContain(sealed);
    expect((await change({ sealed }, body.data.id)).status).toBe(200);
    expect(commands.slice(1)).toMatchObject([
      { version: 2 },
      { command: 'delete_secret', ref: { ...ref, version: 1 } },
    ]);
    expect((await plane.send('DELETE', `/api/v1/sso-connections/${body.data.id}`)).status).toBe(204);
    expect(commands.at(-1)).toEqual({ command: 'delete_secret', ref });
  });

  test('has its domains for itself, even across organizations: 409', async () => {
    const { key } = await plane.createTenant();
    const sealed = await sealAnywhere(plane.sealingKey, clientSecret);
    expect((await create({ sealed, domains: ['ACME.example.test'] }, key)).status).toBe(409);
    expect(commands).toEqual([]);
    const own = (await create({ domains: ['own.example.test'] })).body.data.id;
    expect((await change({ domains: ['acme.example.test'] }, own)).status).toBe(409);
  });

  test.each([
    { issuer: 'ftp://id.example.test' },
    { issuer: 'https://a:b@id.example.test' },
    { issuer: 'https://id.example.test/?x' },
    { issuer: 'x' },
    { domains: [] },
    { domains: ['no domain'] },
    { domains: ['a.example.test'], defaultRole: 'owner' },
    { domains: ['a.example.test'], sealed: 'in-clear' },
  ])('400 for %j', async (rest) => {
    expect((await create({ domains: ['bad.example.test'], ...rest })).status).toBe(400);
  });

  test('is found by a domain, and nobody learns more than its host', async () => {
    const ask = async (domain: string) =>
      (await plane.send('GET', `/api/v1/sign-in/sso?domain=${domain}`, undefined, { key: '' })).body.data;
    expect(await ask('Acme.example.test')).toEqual({ issuerHost: 'id.example.test', isEnforced: false });
    expect(await ask('nobody.example.test')).toBeNull();
  });
});

describe('a connection that is enforced', () => {
  const enforced = 'forced.example.test';
  beforeAll(async () => {
    expect((await create({ domains: [enforced] })).status).toBe(201);
  });
  const enforce = async (isEnforced: boolean) => {
    const { body } = await plane.send('GET', '/api/v1/sso-connections?limit=100');
    const next = await plane.send('GET', '/api/v1/sso-connections?limit=1&page=2');
    expect(next.body).toMatchObject({ data: [body.data[1]], total: body.data.length });
    const { id } = body.data.find(({ domains }: { domains: string[] }) => domains.includes(enforced));
    expect((await change({ isEnforced }, id)).status).toBe(200);
  };
  const withPassword = async (email: string, password = PASSWORD) =>
    (await createBrowser(plane).send('POST', '/api/v1/sign-in', { email, password })).status;

  test('takes passwords away from its members, and says so only to those who know theirs; owners keep theirs', async () => {
    await enforce(false);
    const [member, owner] = [someone(enforced), someone(enforced)];
    await createMember(plane, { email: member, role: 'admin' });
    await createMember(plane, { email: owner, role: 'owner' });
    expect(await withPassword(member)).toBe(200);
    await enforce(true);
    expect([await withPassword(member), await withPassword(member, 'wrong'), await withPassword(owner)]).toEqual([
      403, 401, 200,
    ]);
  });

  test('does not apply to people of other organizations with such an address (T1)', async () => {
    await enforce(true);
    const email = someone(enforced);
    await createMember(plane, { email, role: 'viewer', key: (await plane.createTenant()).key });
    expect(await withPassword(email)).toBe(200);
  });

  test('lets nobody in with a password through an invitation either', async () => {
    await enforce(true);
    const email = someone(enforced);
    await expect(createMember(plane, { email, role: 'viewer' })).rejects.toThrow('single sign-on');
    const found = await plane.database.asPlatform((tx) => tx.person.count({ where: { email } }));
    expect(found).toBe(0);
  });
});
