import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, createBrowser, createMember, PASSWORD } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let owner: Browser & { personId: string };
beforeAll(async () => {
  plane = await startTestControlPlane();
  owner = await createMember(plane, { email: 'owner@example.test', role: 'owner' });
});
afterAll(() => plane.close());

const signIn = (browser: Browser, password = PASSWORD, email = 'Owner@Example.test ') =>
  browser.send('POST', '/api/v1/sign-in', { email, password });

describe('a session', () => {
  test('has a cookie for this host alone, over https alone, and for no script (B039)', () => {
    expect(owner.setCookie).toMatch(
      /^__Host-toolplane-session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  test('says whose it is, where they are a member and what they may do there', async () => {
    const { status, body, headers } = await owner.send('GET', '/api/v1/session');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body.data).toMatchObject({
      person: { email: 'owner@example.test', name: 'Somebody' },
      workspaces: [{ workspaceId: 'ws_default', roles: { organization: 'owner' } }],
    });
    expect(body.data.workspaces[0].permissions).toContain('organization:write');
    expect(body.data.workspaces[0].permissions).not.toContain('organizations:write');
  });

  test('is a principal of the REST API, in the workspace that it names', async () => {
    const created = await owner.send('POST', '/api/v1/workspaces', { name: 'Second' });
    expect(created.status).toBe(201);
    const second = { 'x-workspace': created.body.data.id };
    expect((await owner.send('POST', '/api/v1/mcp-servers', { name: 'mine' }, second)).status).toBe(201);
    expect((await owner.send('GET', '/api/v1/mcp-servers', undefined, second)).text).toContain('"mine"');
    expect((await owner.send('GET', '/api/v1/mcp-servers')).text).not.toContain('"mine"');
  });

  test('404 for a workspace of others, as for one that does not exist (T1)', async () => {
    const { workspaceId } = await plane.createTenant();
    const ask = (id: string) => owner.send('GET', '/api/v1/mcp-servers', undefined, { 'x-workspace': id });
    const [foreign, unknown] = [await ask(workspaceId), await ask('ws_nowhere')];
    expect([foreign.status, foreign.text]).toEqual([404, unknown.text]);
  });

  test('400 for a session and a key at once', async () => {
    const { status } = await owner.send('GET', '/api/v1/mcp-servers', undefined, { 'x-api-key': plane.rootKey });
    expect(status).toBe(400);
  });

  test('is stored in the database only as a hash', async () => {
    const rows = await plane.database.asPlatform((tx) => tx.session.findMany());
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(owner.cookie);
  });

  test('ends when its person signs out, and when they end it from another one', async () => {
    const [first, second] = [createBrowser(plane), createBrowser(plane)];
    await signIn(first);
    await signIn(second);
    const { body } = await first.send('GET', '/api/v1/sessions');
    const ids = body.data.map(({ id }: { id: string }) => id);
    expect((await first.send('GET', '/api/v1/sessions?limit=1&page=2')).body).toMatchObject({
      data: [{ id: ids[1] }],
      total: ids.length,
    });
    const others = body.data.filter((each: { isThisOne: boolean }) => !each.isThisOne);
    expect(others[0]).toMatchObject({ userAgent: 'a browser', address: '127.0.0.1' });
    expect((await first.send('DELETE', `/api/v1/sessions/${others[0].id}`)).status).toBe(204);
    expect((await second.send('GET', '/api/v1/session')).status).toBe(401);
    const cookie = first.cookie;
    const signedOut = await first.send('DELETE', '/api/v1/session');
    expect([signedOut.status, first.setCookie]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    first.cookie = cookie;
    expect((await first.send('GET', '/api/v1/session')).status).toBe(401);
  });

  test('401 once it has expired', async () => {
    const browser = createBrowser(plane);
    await signIn(browser);
    const { body } = await browser.send('GET', '/api/v1/session');
    const expiresAt = new Date(Date.now() - 1);
    await plane.database.asPlatform((tx) => tx.session.update({ where: { id: body.data.id }, data: { expiresAt } }));
    expect((await browser.send('GET', '/api/v1/mcp-servers')).status).toBe(401);
    await plane.domains.sessions.sweep();
    expect(await plane.database.asPlatform((tx) => tx.session.count({ where: { id: body.data.id } }))).toBe(0);
  });
});

describe('what another site has a browser send changes nothing (T29, B038)', () => {
  test.each([
    ['without the token of the session', { 'x-csrf-token': undefined }],
    ['with a token of another session', { 'x-csrf-token': 'A'.repeat(43) }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['from an older browser at another site', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
    ['without saying where from', { 'sec-fetch-site': undefined, origin: undefined }],
    ['from a name that was rebound to this address (T55)', { origin: 'https://evil.example' }],
    ['from nowhere, whatever else it claims (T55)', { origin: undefined }],
    ['as text', { 'content-type': 'text/plain' }],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('%s', async (_name, headers) => {
    const routes = plane.api.routes.filter((route) => route.method !== 'get' && route.access !== 'anyone');
    for (const { method, path, operationId } of routes) {
      const { status } = await owner.send(method.toUpperCase(), path.replaceAll(/[{}]/g, ''), '{}', headers);
      expect([operationId, status]).toEqual([operationId, 403]);
    }
  });

  test('nobody is signed in as somebody else by another site', async () => {
    const browser = createBrowser(plane);
    const credentials = { email: 'owner@example.test', password: PASSWORD };
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await browser.send('POST', '/api/v1/sign-in', credentials, headers)).status).toBe(403);
    const text = { 'content-type': 'text/plain' };
    expect((await browser.send('POST', '/api/v1/sign-in', JSON.stringify(credentials), text)).status).toBe(403);
    expect(browser.cookie).toBeUndefined();
  });

  test('a request for another host is refused before anything else, as one for two hosts is (T55)', async () => {
    const cookie = `__Host-toolplane-session=${owner.cookie}`;
    const atPath = async (path: string, ...hosts: string[]) => {
      const headers = ['cookie', cookie, 'connection', 'close', ...hosts.flatMap((host) => ['host', host])];
      const sent = request(plane.base, { path, headers, setHost: false }).end();
      const [answer] = await once(sent, 'response');
      return answer.resume().statusCode;
    };
    const at = (...hosts: string[]) => atPath('/api/v1/session', ...hosts);
    expect(await at('rebound.evil.example')).toBe(421);
    expect(await at('api.example.test', 'rebound.evil.example')).toBe(400);
    expect(await at('api.example.test')).toBe(200);
    expect(await at('127.0.0.1')).toBe(200);
    for (const scheme of ['http', 'HTTPS', 'ftp']) {
      const path = `${scheme}://rebound.evil.example/api/v1/session`;
      expect([path, await atPath(path, 'api.example.test')]).toEqual([path, 400]);
    }
  });

  test('an older browser at a page of ours is accepted', async () => {
    const headers = { 'sec-fetch-site': undefined, origin: 'https://api.example.test' };
    const { status } = await owner.send('POST', '/api/v1/workspaces', { name: 'By origin' }, headers);
    expect(status).toBe(201);
  });
});

describe('signing in', () => {
  test('gives a new session each time, whatever the browser brought', async () => {
    const browser = createBrowser(plane);
    browser.cookie = 'A'.repeat(43);
    expect((await signIn(browser)).body.data.next).toBe('done');
    const first = browser.cookie;
    await signIn(browser);
    expect(new Set([first, browser.cookie, 'A'.repeat(43)]).size).toBe(3);
  });

  test('the same answer for a wrong password and for an address that nobody has', async () => {
    const browser = createBrowser(plane);
    const wrong = await signIn(browser, 'not the password');
    const nobody = await signIn(browser, PASSWORD, 'nobody@example.test');
    expect([wrong.status, wrong.text]).toEqual([401, nobody.text]);
    expect(nobody.status).toBe(401);
  });

  test('is in the audit log, right or wrong, without what was typed', async () => {
    const member = await createMember(plane, { email: 'audited@example.test', role: 'viewer' });
    await signIn(createBrowser(plane), 'not the password', 'audited@example.test');
    await signIn(createBrowser(plane), PASSWORD, 'audited@example.test');
    const list = () => owner.send('GET', `/api/v1/audit-log?actorId=${member.personId}`);
    let { body, text } = await list();
    // A failure is recorded after the response, so that its timing reveals nothing.
    while (body.data.length < 3) ({ body, text } = await list());
    const seen = body.data.map(({ action, outcome }: Record<string, string>) => `${action} ${outcome}`);
    const expected = ['invitation.accept done', 'sign-in.password done', 'sign-in.password unauthenticated'];
    expect(seen.toSorted()).toEqual(expected);
    for (const typed of [PASSWORD, 'not the password']) expect(text).not.toContain(typed);
  });

  test('a password is stored as Argon2id alone', async () => {
    const rows = await plane.database.asPlatform((tx) => tx.person.findMany());
    expect(rows[0]?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('a change of the password needs the current one and ends the other sessions', async () => {
    const member = await createMember(plane, { email: 'changes@example.test', role: 'viewer' });
    const other = createBrowser(plane);
    await signIn(other, PASSWORD, 'changes@example.test');
    const change = (current: string) =>
      member.send('PUT', '/api/v1/session/password', { current, password: 'another good password' });
    expect((await change('not the password')).status).toBe(403);
    expect((await change(PASSWORD)).status).toBe(204);
    expect((await member.send('GET', '/api/v1/session')).status).toBe(200);
    expect((await other.send('GET', '/api/v1/session')).status).toBe(401);
    expect((await signIn(other, PASSWORD, 'changes@example.test')).status).toBe(401);
    expect((await signIn(other, 'another good password', 'changes@example.test')).status).toBe(200);
  });
});

describe('guessing is slow', () => {
  const guess = (email: string, password = 'not the password') => signIn(createBrowser(plane), password, email);

  test('after five wrong passwords the address waits, even with the right one; other accounts do not', async () => {
    await createMember(plane, { email: 'guessed@example.test', role: 'viewer' });
    const statuses = await Promise.all(Array.from({ length: 8 }, () => guess('guessed@example.test')));
    expect(statuses.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
    for (let tries = 0; tries < 5; tries++) await guess('guessed@example.test');
    expect((await guess('guessed@example.test', PASSWORD)).status).toBe(429);
    expect((await guess('owner@example.test', PASSWORD)).status).toBe(200);
  });

  test('whoever owns the account signs in from elsewhere meanwhile', async () => {
    const { throttle } = plane.domains;
    await expect(throttle.admit('guessed@example.test', '127.0.0.1')).rejects.toMatchObject({ code: 'rate_limited' });
    await throttle.admit('guessed@example.test', '192.0.2.7');
  });

  test('guesses from everywhere at once wait for each other, and some still get a turn', async () => {
    const { throttle } = plane.domains;
    const from = (index: number) => throttle.admit('famous@example.test', `198.51.100.${index}`);
    const answers = await Promise.allSettled(Array.from({ length: 120 }, (_, index) => from(index)));
    const admitted = answers.filter(({ status }) => status === 'fulfilled').length;
    expect(admitted).toBeGreaterThanOrEqual(1);
    expect(admitted).toBeLessThanOrEqual(60);
  });

  test('what is a quarter of an hour old is forgotten', async () => {
    const failedAt = new Date(Date.now() - 16 * 60_000);
    await plane.database.asPlatform((tx) => tx.signInFailure.updateMany({ data: { failedAt } }));
    await plane.domains.throttle.sweep();
    expect(await plane.database.asPlatform((tx) => tx.signInFailure.count())).toBe(0);
    expect((await guess('guessed@example.test', PASSWORD)).status).toBe(200);
  });
});

describe('the page', () => {
  test.each([
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    'https://evil.example/',
    '/\t/evil.example',
    'javascript:alert(1)',
    '',
  ])('400 for a return to %j, which is elsewhere (B040)', async (elsewhere) => {
    const { status, text } = await createBrowser(plane).send(
      'GET',
      `/sign-in?return_to=${encodeURIComponent(elsewhere)}`,
    );
    expect(status).toBe(400);
    expect(text).not.toContain('evil');
  });

  test('says that it needs its script, as the other pages that need one do', async () => {
    for (const [browser, path] of [
      [createBrowser(plane), '/sign-in'],
      [owner, '/account'],
    ] as const) {
      expect((await browser.send('GET', path)).text).toContain('This page needs JavaScript.');
    }
  });

  test('redirects whoever is already signed in', async () => {
    const { status, headers } = await owner.send('GET', '/sign-in?return_to=%2Foauth%2Fauth%3Fa%3Db');
    expect([status, headers.get('location')]).toEqual([303, '/oauth/auth?a=b']);
  });
});
