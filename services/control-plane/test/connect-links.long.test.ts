import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, type ConnectLink, failed, type Json, type Outcome, succeeded } from '@toolplane/contracts';
import { connectLinkHash } from '@toolplane/sealing';
import { createBrowser, createMember } from './browser.ts';
import { createConnectedApi } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let dataPlane: { close(): Promise<void> };
let commands: Command[];
/** The links that the data plane knows. */
const links = new Map<string, ConnectLink>();
/** What it answers instead of the usual. */
let answerOf: (command: Command) => Outcome | undefined;

beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  dataPlane = await plane.serveCommands(async (command) => {
    const ordinary = await fake.handle(command);
    if (command.command !== 'open_connect_link') return answerOf(command) ?? ordinary;
    const link = links.get(command.token);
    return link === undefined
      ? failed('done', 'not_found', 'The link does not exist or has expired')
      : succeeded(link as Json);
  });
});
afterAll(async () => {
  await dataPlane.close();
  await plane.close();
});
beforeEach(() => {
  answerOf = () => undefined;
});

type Instance = { id: string };

async function createInstance(authType: 'token' | 'oauth'): Promise<Instance> {
  return (await api.createInstance({ auth_type: authType })).body.data;
}

/** As the data plane makes one. */
function linkTo({ id: instanceId }: Instance, authenticationId: string, changes: Partial<ConnectLink['ref']> = {}) {
  const token = `kid.${randomBytes(40).toString('base64url')}`;
  const ref = { ownerId: 'ws_default', instanceId, scope: 'user', subject: 'ada@example.test', ...changes } as const;
  const id = randomBytes(16).toString('base64url');
  links.set(token, { id, ref, authenticationId, expiresAt: Date.now() + 900_000 });
  return token;
}

const pathOf = (token: string) => `/connect/ws_default/${token}`;

async function open(token: string) {
  const response = await fetch(`${plane.base}${pathOf(token)}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function post(token: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${plane.base}${pathOf(token)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
    body: JSON.stringify(body),
  });
  const cookie = response.headers.get('set-cookie') ?? '';
  return { status: response.status, body: (await response.json()) as Record<string, never>, cookie };
}

const sent = (name: Command['command']) => commands.filter(({ command }) => command === name);
const seal = () => api.seal({ token: 'canary-value' });
const credentialsOf = async ({ id }: Instance) => (await api.get(`/connector-instances/${id}/credentials`)).body.data;

describe('the page', () => {
  test('says who is connected to what, what is asked for and where it may go; it loads nothing from elsewhere', async () => {
    const { status, headers, text } = await open(linkTo(await createInstance('token'), 'token'));
    expect(status).toBe(200);
    expect(text).toContain('Connect CRM crm-');
    expect(text).toContain('<strong>ada@example.test</strong>');
    expect(text).toMatch(
      /<label for="field-token">token<\/label>\s*<input id="field-token"[^>]* required type="password"/,
    );
    expect(text).toContain('<code>eu.crm.example.test</code>');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('DENY');
    for (const [, url] of text.matchAll(/(?:src|href)="([^"]*)"/g)) expect(url).toMatch(/^\/connect\/assets\//);
  });

  test('of a sign-in names the provider and what it will ask for', async () => {
    const { text } = await open(linkTo(await createInstance('oauth'), 'oauth'));
    expect(text).toContain('Continue to eu.id.example.test');
    expect(text).toContain('<code>contacts</code>');
    expect(text).not.toContain('<input');
  });

  test('of the default user says that it is for everybody', async () => {
    const token = linkTo(await createInstance('token'), 'token', { subject: 'project_default_user' });
    expect((await open(token)).text).toContain('agents of the whole workspace');
  });

  test('shows text of a descriptor as text', async () => {
    const hostile = `<script>alert(1)</script>`;
    const instance = (await api.createInstance({ instance_name: `CRM ${hostile}` })).body.data;
    const { text } = await open(linkTo(instance, 'token'));
    expect(text).toContain('CRM &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain(hostile);
  });

  test('gets its scripts, the sealing library included, and nothing else from the disk', async () => {
    for (const file of ['page.css', 'icon.svg', 'connect.js', 'jose/jwe/compact/encrypt.js', 'jose/key/import.js']) {
      const { status, headers } = await fetch(`${plane.base}/connect/assets/${file}`);
      expect([file, status, headers.get('x-content-type-options')]).toEqual([file, 200, 'nosniff']);
    }
    for (const file of ['jose/../../package.json', '..%2f..%2fpackage.json', '%2e%2e/package.json', '']) {
      expect((await fetch(`${plane.base}/connect/assets/${file}`)).status).toBe(404);
    }
  });

  test('is not used up by being viewed, however often', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    for (let looks = 0; looks < 3; looks += 1) expect((await open(token)).status).toBe(200);
    expect((await fetch(`${plane.base}${pathOf(token)}`, { method: 'HEAD' })).status).toBe(200);
    expect((await post(token, { sealed: await seal() })).status).toBe(200);
  });
});

describe('a link that does not work shows one clear page', () => {
  const wrong: [string, () => Promise<string> | string][] = [
    ['that is none', () => 'kid.forged'],
    ['in no form of one', () => '<script>'],
    ['of an instance that was deleted', () => linkTo({ id: 'coi_gone' }, 'token')],
    ['of an instance that signs in another way by now', async () => linkTo(await createInstance('oauth'), 'token')],
    [
      'of an owner that the instance does not have',
      async () => linkTo(await createInstance('token'), 'token', { ownerId: 'ws_other' }),
    ],
  ];
  test.each(wrong)('%s: 404', async (_name, create) => {
    const token = await create();
    const { status, text, headers } = await open(encodeURIComponent(token));
    expect(status).toBe(404);
    expect(text).toContain('This link does not work');
    expect(text).not.toContain('ada');
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await post(encodeURIComponent(token), { sealed: await seal() })).status).toBe(404);
  });

  test('that was used: 409, for viewing and for using', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    await post(token, { sealed: await seal() });
    const { status, text } = await open(token);
    expect([status, text]).toEqual([409, expect.stringContaining('has already been used')]);
    expect((await post(token, { sealed: await seal() })).status).toBe(409);
  });

  test('of a deactivated user: 404, until they are active again', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    const made = await plane.send('POST', '/api/v1/external-users', { username: 'ada@example.test' });
    expect((await open(token)).status).toBe(200);
    const toggle = () => plane.send('PUT', `/api/v1/external-users/${made.body.data.id}/toggle-active`);
    await toggle();
    expect((await open(token)).status).toBe(404);
    expect((await post(token, { sealed: await api.seal({ token: 'secret' }) })).status).toBe(404);
    await toggle();
    expect((await open(token)).status).toBe(200);
  });

  test('while the data plane is away: 503, and it stays valid', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    answerOf = () => failed('not_started', 'queue_unavailable', 'away');
    expect((await post(token, { sealed: await seal() })).status).toBe(503);
    answerOf = () => undefined;
    expect((await post(token, { sealed: await seal() })).status).toBe(200);
  });
});

describe('credentials', () => {
  test('are stored as they came, sealed, for the user of the link', async () => {
    const instance = await createInstance('token');
    const sealed = await seal();
    const { status, body } = await post(linkTo(instance, 'token'), { sealed });
    expect([status, body]).toEqual([200, { connected: true }]);
    expect(sent('store_credential').at(-1)).toMatchObject({
      sealed,
      authenticationId: 'token',
      ref: { ownerId: 'ws_default', instanceId: instance.id, scope: 'user', subject: 'ada@example.test' },
    });
    expect(await credentialsOf(instance)).toMatchObject([
      { scope: 'user', subject: 'ada@example.test', is_usable: true },
    ]);
  });

  test('are stored once by a link that is used many times at once', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    const before = sent('store_credential').length;
    const sealed = await seal();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(token, { sealed })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
    expect(sent('store_credential').length - before).toBe(1);
  });

  test('that do not fit are reported by field, and the link stays valid', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    const details = [{ path: '/value/token', message: 'is required' }];
    answerOf = ({ command }) =>
      command === 'store_credential' ? failed('done', 'invalid_request', 'They do not fit', { details }) : undefined;
    const refused = await post(token, { sealed: await seal() });
    expect(refused).toMatchObject({ status: 400, body: { error: { details } } });
    answerOf = () => undefined;
    expect((await post(token, { sealed: await seal() })).status).toBe(200);
  });

  test('that were not sealed go no further', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    const before = sent('store_credential').length;
    expect((await post(token, { sealed: 'canary-value' })).status).toBe(400);
    expect((await post(token, { token: 'canary-value' })).status).toBe(400);
    expect(sent('store_credential')).toHaveLength(before);
  });

  test('from another site are refused (T29)', async () => {
    const token = linkTo(await createInstance('token'), 'token');
    const sealed = await seal();
    expect((await post(token, { sealed }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(token, { sealed }, { 'content-type': 'text/plain' })).status).toBe(403);
    const { headers } = await fetch(`${plane.base}${pathOf(token)}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.test' },
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a link for a person of the platform (T31, T32)', () => {
  let ann: Awaited<ReturnType<typeof createMember>>;
  let eve: Awaited<ReturnType<typeof createMember>>;
  beforeAll(async () => {
    ann = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
    eve = await createMember(plane, { email: 'eve@example.test', role: 'owner' });
  });

  const linkToAnn = async (authType: 'token' | 'oauth') =>
    linkTo(await createInstance(authType), authType, { subject: ann.personId });

  test('connects in a browser in which she is signed in, and names her as people do', async () => {
    const token = await linkToAnn('token');
    const { status, text } = await ann.send('GET', pathOf(token));
    expect([status, text]).toEqual([200, expect.stringContaining('Somebody (ann@example.test)')]);
    expect(text).not.toContain('is you');
    expect((await ann.send('POST', pathOf(token), { sealed: await seal() })).status).toBe(200);
    expect(sent('store_credential').at(-1)).toMatchObject({ ref: { scope: 'user', subject: ann.personId } });
  });

  test('leads anybody who is not signed in to the sign-in page and back', async () => {
    const path = pathOf(await linkToAnn('token'));
    const { status, headers } = await createBrowser(plane).send('GET', path);
    expect([status, headers.get('location')]).toEqual([303, `/sign-in?return_to=${encodeURIComponent(path)}`]);
    const { headers: back } = await ann.send('GET', headers.get('location') ?? '');
    expect(back.get('location')).toBe(path);
  });

  test('shows others nothing of her, and takes nothing from them', async () => {
    const before = sent('store_credential').length + sent('start_authorization').length;
    for (const authType of ['token', 'oauth'] as const) {
      const token = await linkToAnn(authType);
      const { status, text } = await eve.send('GET', pathOf(token));
      expect([status, text]).toEqual([403, expect.stringContaining('for somebody else')]);
      expect(text).not.toMatch(/ann@|psn_|CRM/);
      const body = authType === 'token' ? { sealed: await seal() } : {};
      expect((await eve.send('POST', pathOf(token), body)).status).toBe(403);
      expect((await post(token, body)).status).toBe(401);
      expect((await ann.send('GET', pathOf(token))).status).toBe(200);
    }
    expect(sent('store_credential').length + sent('start_authorization').length).toBe(before);
  });

  test('is not opened by her name alone: a session that waits for the second factor is none', async () => {
    const path = pathOf(await linkToAnn('token'));
    await plane.database.asPlatform((tx) =>
      tx.session.updateMany({ where: { personId: eve.personId }, data: { personId: ann.personId, state: 'half' } }),
    );
    expect((await eve.send('GET', path)).status).toBe(303);
  });
});

describe('a sign-in', () => {
  const comeBack = async (url: string, cookie: string) => {
    const query = new URLSearchParams({ state: new URL(url).searchParams.get('state') ?? '', code: 'a-code' });
    const response = await fetch(`${plane.base}/api/v1/oauth/callback?${query}`, { headers: { cookie } });
    return { status: response.status, text: await response.text() };
  };
  const start = async (token: string) => {
    const { body, cookie } = await post(token, {});
    return { url: String(body['authorization_url']), cookie: cookie.split(';', 1)[0] ?? '', attributes: cookie };
  };

  test('leads to the provider and back, in the browser that began it; then the link is used up', async () => {
    const instance = await createInstance('oauth');
    const token = linkTo(instance, 'oauth');
    const { url, cookie, attributes } = await start(token);
    expect(url).toContain('https://eu.id.example.test/authorize');
    expect(attributes).toMatch(
      /^__Host-toolplane-browser=[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect((await open(token)).status).toBe(200);
    expect(await comeBack(url, cookie)).toMatchObject({ status: 200, text: expect.stringContaining('Connected') });
    expect(sent('finish_authorization').at(-1)).toMatchObject({ ref: { scope: 'user', subject: 'ada@example.test' } });
    expect((await open(token)).status).toBe(409);
  });

  test('cannot be finished by another browser, whose person would connect their account for somebody else (T32)', async () => {
    const token = linkTo(await createInstance('oauth'), 'oauth');
    const before = sent('finish_authorization').length;
    for (const other of ['', `toolplane-browser=${'x'.repeat(43)}`]) {
      const { url } = await start(token);
      expect(await comeBack(url, other)).toMatchObject({
        status: 403,
        text: expect.stringContaining('another browser'),
      });
    }
    // A sibling host can set a cookie without the prefix, and so make it seem that this browser began a sign-in.
    const { url, cookie } = await start(token);
    expect((await comeBack(url, cookie.replace('__Host-', ''))).status).toBe(403);
    expect(sent('finish_authorization')).toHaveLength(before);
    expect((await open(token)).status).toBe(200);
  });

  test('that the provider does not complete leaves the link valid', async () => {
    const token = linkTo(await createInstance('oauth'), 'oauth');
    const first = await start(token);
    answerOf = ({ command }) =>
      command === 'finish_authorization' ? failed('done', 'credentials_refused', 'no') : undefined;
    expect((await comeBack(first.url, first.cookie)).status).toBe(502);
    answerOf = () => undefined;
    const second = await start(token);
    expect((await comeBack(second.url, second.cookie)).status).toBe(200);
  });

  test('that was begun twice is finished once', async () => {
    const token = linkTo(await createInstance('oauth'), 'oauth');
    const [one, other] = [await start(token), await start(token)];
    expect((await comeBack(one.url, one.cookie)).status).toBe(200);
    expect((await comeBack(other.url, other.cookie)).status).toBe(404);
  });

  test('without a client says so', async () => {
    answerOf = ({ command }) =>
      command === 'start_authorization' ? failed('done', 'credentials_missing', 'No client_id is stored') : undefined;
    expect(await post(linkTo(await createInstance('oauth'), 'oauth'), {})).toMatchObject({ status: 424 });
  });
});

test('edges are told which links were used, and no others', async () => {
  const token = linkTo(await createInstance('token'), 'token');
  const hash = connectLinkHash(links.get(token)?.id ?? '');
  answerOf = ({ command }) =>
    command === 'store_credential' ? failed('done', 'invalid_request', 'They do not fit') : undefined;
  await post(token, { sealed: await seal() });
  expect(await plane.snapshot.isLinkUsed(hash)).toBe(false);
  answerOf = () => undefined;
  await post(token, { sealed: await seal() });
  expect(await plane.snapshot.isLinkUsed(hash)).toBe(true);
});

test('only a hash of a link is kept, until it would have expired', async () => {
  const token = linkTo(await createInstance('token'), 'token');
  await post(token, { sealed: await seal() });
  const rows = await plane.database.asPlatform((tx) => tx.connectLink.findMany());
  expect(JSON.stringify(rows)).not.toContain(links.get(token)?.id ?? '');
  await plane.database.asPlatform((tx) => tx.connectLink.updateMany({ data: { expiresAt: new Date(0) } }));
  await plane.domains.connectLinks.sweep();
  expect(await plane.database.asPlatform((tx) => tx.connectLink.count())).toBe(0);
});

test('one address is slowed down, because each view asks the data plane (T22)', async () => {
  const token = linkTo(await createInstance('token'), 'token');
  let last = await open(token);
  for (let looks = 0; last.status === 200 && looks < 200; looks += 1) last = await open(token);
  expect([last.status, last.text]).toEqual([429, expect.stringContaining('Wait a minute')]);
  expect((await post(token, { sealed: await seal() })).status).toBe(429);
});
