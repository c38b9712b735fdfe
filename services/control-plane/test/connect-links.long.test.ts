import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed } from '@toolplane/contracts';
import { connectLinkHash } from '@toolplane/sealing';
import { type LinkedInstance, startLinkedPlane } from './linked-plane.ts';

let linked: Awaited<ReturnType<typeof startLinkedPlane>>;
let plane: typeof linked.plane;
let api: typeof linked.api;

beforeAll(async () => {
  linked = await startLinkedPlane();
  ({ plane, api } = linked);
});
afterAll(() => plane.close());
beforeEach(() => {
  linked.answerOf = () => undefined;
  linked.workspaceId = 'ws_default';
});

const credentialsOf = async ({ id }: LinkedInstance) =>
  (await api.get(`/connector-instances/${id}/credentials`)).body.data;

describe('the page', () => {
  test('says who is connected to what, what is asked for and where it may go; it loads nothing from elsewhere', async () => {
    const { status, headers, text } = await linked.open(linked.linkTo(await linked.createInstance('token'), 'token'));
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
    const { text } = await linked.open(linked.linkTo(await linked.createInstance('oauth'), 'oauth'));
    expect(text).toContain('Continue to eu.id.example.test');
    expect(text).toContain('<code>contacts</code>');
    expect(text).not.toContain('<input');
  });

  test('of the default user says that it is for everybody', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token', { subject: 'project_default_user' });
    expect((await linked.open(token)).text).toContain('agents of the whole workspace');
  });

  test('shows text of a descriptor as text', async () => {
    const hostile = `<script>alert(1)</script>`;
    const instance = (await api.createInstance({ instance_name: `CRM ${hostile}` })).body.data;
    const { text } = await linked.open(linked.linkTo(instance, 'token'));
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
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    for (let looks = 0; looks < 3; looks += 1) expect((await linked.open(token)).status).toBe(200);
    expect((await fetch(`${plane.base}${linked.pathOf(token)}`, { method: 'HEAD' })).status).toBe(200);
    expect((await linked.post(token, { sealed: await linked.seal() })).status).toBe(200);
  });
});

describe('a link that does not work shows one clear page', () => {
  const wrong: [string, () => Promise<string> | string][] = [
    ['that is none', () => 'kid.forged'],
    ['in no form of one', () => '<script>'],
    ['of an instance that was deleted', () => linked.linkTo({ id: 'coi_gone' }, 'token')],
    [
      'of an instance that signs in another way by now',
      async () => linked.linkTo(await linked.createInstance('oauth'), 'token'),
    ],
    [
      'of an owner that the instance does not have',
      async () => linked.linkTo(await linked.createInstance('token'), 'token', { ownerId: 'ws_other' }),
    ],
  ];
  test.each(wrong)('%s: 404', async (_name, create) => {
    const token = await create();
    const { status, text, headers } = await linked.open(encodeURIComponent(token));
    expect(status).toBe(404);
    expect(text).toContain('This link does not work');
    expect(text).not.toContain('ada');
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await linked.post(encodeURIComponent(token), { sealed: await linked.seal() })).status).toBe(404);
  });

  test('that was used: 409, for viewing and for using', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    await linked.post(token, { sealed: await linked.seal() });
    const { status, text } = await linked.open(token);
    expect([status, text]).toEqual([409, expect.stringContaining('has already been used')]);
    expect((await linked.post(token, { sealed: await linked.seal() })).status).toBe(409);
  });

  test('of an instance whose sign-in is not configured: 409, and it does not say that the link was used', async () => {
    const { id } = await linked.createInstance('oauth');
    await plane.database.asPlatform((tx) =>
      tx.connectorInstance.update({ where: { id }, data: { configuration: '{}' } }),
    );
    const { status, text } = await linked.open(linked.linkTo({ id }, 'oauth'));
    expect([status, text]).toEqual([409, expect.stringContaining('Nobody can sign in')]);
    expect(text).not.toContain('already been used');
  });

  test('of a deactivated user: 404, until they are active again', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    // The user has been known since they connected.
    const made = await plane.send('GET', '/api/v1/external-users/username/ada@example.test');
    expect((await linked.open(token)).status).toBe(200);
    const toggle = () => plane.send('PUT', `/api/v1/external-users/${made.body.data.id}/toggle-active`);
    await toggle();
    expect((await linked.open(token)).status).toBe(404);
    expect((await linked.post(token, { sealed: await api.seal({ token: 'secret' }) })).status).toBe(404);
    await toggle();
    expect((await linked.open(token)).status).toBe(200);
  });

  test('while the data plane is away: 503, and it stays valid', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    linked.answerOf = () => failed('not_started', 'queue_unavailable', 'away');
    expect((await linked.post(token, { sealed: await linked.seal() })).status).toBe(503);
    linked.answerOf = () => undefined;
    expect((await linked.post(token, { sealed: await linked.seal() })).status).toBe(200);
  });
});

describe('credentials', () => {
  test('are stored as they came, sealed, for the user of the link', async () => {
    const instance = await linked.createInstance('token');
    const sealed = await linked.seal();
    const { status, body } = await linked.post(linked.linkTo(instance, 'token'), { sealed });
    expect([status, body]).toEqual([200, { connected: true }]);
    expect(linked.sent('store_credential').at(-1)).toMatchObject({
      sealed,
      authenticationId: 'token',
      ref: { ownerId: 'ws_default', instanceId: instance.id, scope: 'user', subject: 'ada@example.test' },
    });
    expect(await credentialsOf(instance)).toMatchObject([
      { scope: 'user', subject: 'ada@example.test', is_usable: true },
    ]);
  });

  test('are stored once by a link that is used many times at once', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    const before = linked.sent('store_credential').length;
    const sealed = await linked.seal();
    const answers = await Promise.all(Array.from({ length: 5 }, () => linked.post(token, { sealed })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
    expect(linked.sent('store_credential').length - before).toBe(1);
  });

  test('that do not fit are reported by field, and the link stays valid', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    const details = [{ path: '/value/token', message: 'is required' }];
    linked.answerOf = ({ command }) =>
      command === 'store_credential' ? failed('done', 'invalid_request', 'They do not fit', { details }) : undefined;
    const refused = await linked.post(token, { sealed: await linked.seal() });
    expect(refused).toMatchObject({ status: 400, body: { error: { details } } });
    linked.answerOf = () => undefined;
    expect((await linked.post(token, { sealed: await linked.seal() })).status).toBe(200);
  });

  test('that were not sealed go no further', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    const before = linked.sent('store_credential').length;
    expect((await linked.post(token, { sealed: 'canary-value' })).status).toBe(400);
    expect((await linked.post(token, { token: 'canary-value' })).status).toBe(400);
    expect(linked.sent('store_credential')).toHaveLength(before);
  });

  test('from another site are refused (T29)', async () => {
    const token = linked.linkTo(await linked.createInstance('token'), 'token');
    const sealed = await linked.seal();
    expect((await linked.post(token, { sealed }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await linked.post(token, { sealed }, { 'content-type': 'text/plain' })).status).toBe(403);
    const { headers } = await fetch(`${plane.base}${linked.pathOf(token)}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.test' },
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a sign-in', () => {
  test('leads to the provider and back, in the browser that began it; then the link is used up', async () => {
    const instance = await linked.createInstance('oauth');
    const token = linked.linkTo(instance, 'oauth');
    const { url, cookie, attributes } = await linked.start(token);
    expect(url).toContain('https://eu.id.example.test/authorize');
    expect(attributes).toMatch(
      /^__Host-toolplane-browser=[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect((await linked.open(token)).status).toBe(200);
    expect(await linked.comeBack(url, cookie)).toMatchObject({
      status: 200,
      text: expect.stringContaining('Connected'),
    });
    expect(linked.sent('finish_authorization').at(-1)).toMatchObject({
      ref: { scope: 'user', subject: 'ada@example.test' },
    });
    expect((await linked.open(token)).status).toBe(409);
  });

  test('cannot be finished by another browser, whose person would connect their account for somebody else (T32)', async () => {
    const token = linked.linkTo(await linked.createInstance('oauth'), 'oauth');
    const before = linked.sent('finish_authorization').length;
    for (const other of ['', `toolplane-browser=${'x'.repeat(43)}`]) {
      const { url } = await linked.start(token);
      expect(await linked.comeBack(url, other)).toMatchObject({
        status: 403,
        text: expect.stringContaining('another browser'),
      });
    }
    // A sibling host can set a cookie without the prefix, to make it seem that this browser started a sign-in.
    const { url, cookie } = await linked.start(token);
    expect((await linked.comeBack(url, cookie.replace('__Host-', ''))).status).toBe(403);
    expect(linked.sent('finish_authorization')).toHaveLength(before);
    expect((await linked.open(token)).status).toBe(200);
  });

  test('that the provider does not complete leaves the link valid', async () => {
    const token = linked.linkTo(await linked.createInstance('oauth'), 'oauth');
    const first = await linked.start(token);
    linked.answerOf = ({ command }) =>
      command === 'finish_authorization' ? failed('done', 'credentials_refused', 'no') : undefined;
    expect((await linked.comeBack(first.url, first.cookie)).status).toBe(502);
    linked.answerOf = () => undefined;
    const second = await linked.start(token);
    expect((await linked.comeBack(second.url, second.cookie)).status).toBe(200);
  });

  test('that was begun twice is finished once', async () => {
    const token = linked.linkTo(await linked.createInstance('oauth'), 'oauth');
    const [one, other] = [await linked.start(token), await linked.start(token)];
    expect((await linked.comeBack(one.url, one.cookie)).status).toBe(200);
    const { status, text } = await linked.comeBack(other.url, other.cookie);
    expect([status, text]).toEqual([409, expect.stringContaining('Ask your agent for a new link.')]);
  });

  test('for which the organization has no room says so, and does not blame the provider', async () => {
    const full = await startLinkedPlane({
      quotas: { workspaces: 10, servers: 100, apiKeys: 100, externalUsers: 0 },
    });
    try {
      const { url, cookie } = await full.start(full.linkTo(await full.createInstance('oauth'), 'oauth'));
      const { status, text } = await full.comeBack(url, cookie);
      expect([status, text]).toEqual([409, expect.stringContaining('no room for another user')]);
    } finally {
      await full.plane.close();
    }
  });

  test('without a client says so', async () => {
    linked.answerOf = ({ command }) =>
      command === 'start_authorization' ? failed('done', 'credentials_missing', 'No client_id is stored') : undefined;
    expect(await linked.post(linked.linkTo(await linked.createInstance('oauth'), 'oauth'), {})).toMatchObject({
      status: 424,
    });
  });
});

describe('a link for an instance of the organization', () => {
  const shared = { ownerId: 'org_default' };
  const name = 'lea@example.test';

  test('connects a user of the workspace that it is of, and is good in no other (T1)', async () => {
    const instance = (await api.createInstance({ auth_type: 'oauth', workspace: null })).body.data;
    const team = await api.createNeighbour(['servers:write']);
    // In the home workspace, another user has this name and is deactivated.
    const atHome = await plane.send('POST', '/api/v1/external-users', { username: name });
    await plane.send('PUT', `/api/v1/external-users/${atHome.body.data.id}/toggle-active`);
    const token = linked.linkTo(instance, 'oauth', { ...shared, subject: `${team.workspaceId}/${name}` });
    expect((await linked.open(token)).status).toBe(404);
    linked.workspaceId = team.workspaceId;
    const { status, text } = await linked.open(token);
    expect([status, text]).toEqual([200, expect.stringContaining(`<strong>${name}</strong>`)]);
    expect((await linked.open(linked.linkTo(instance, 'oauth', { ...shared, subject: name }))).status).toBe(404);
    const { url, cookie } = await linked.start(token);
    const { workspaceId } = team;
    expect(linked.sent('start_authorization').at(-1)).toMatchObject({ authorization: { workspaceId } });
    expect((await linked.comeBack(url, cookie)).status).toBe(200);
    expect(linked.sent('finish_authorization').at(-1)).toMatchObject({ ref: { subject: `${workspaceId}/${name}` } });
  });

  test('of a user who is deactivated in that workspace: 404', async () => {
    const instance = (await api.createInstance({ workspace: null })).body.data;
    const team = await api.createNeighbour(['servers:write']);
    linked.workspaceId = team.workspaceId;
    const token = linked.linkTo(instance, 'token', { ...shared, subject: `${team.workspaceId}/${name}` });
    expect((await linked.open(token)).status).toBe(200);
    const options = { key: team.key };
    const user = await plane.send('POST', '/api/v1/external-users', { username: name }, options);
    await plane.send('PUT', `/api/v1/external-users/${user.body.data.id}/toggle-active`, undefined, options);
    expect((await linked.open(token)).status).toBe(404);
  });
});

describe('an account that works (T41)', () => {
  const listed = async (username: string) => {
    const made = await plane.send('POST', '/api/v1/external-users', { username });
    const users = (await plane.send('GET', `/api/v1/external-users?q=${username}`)).body.data;
    const id = made.body.data?.id ?? users[0].id;
    return (await plane.send('GET', `/api/v1/external-users/${id}/connections`)).body.data;
  };
  const audited = async (action: string) =>
    (await plane.send('GET', `/api/v1/audit-log?action=${action}&limit=1`)).body.data[0];

  test('is replaced only with a link that may; its owner sees who had that done, and the audit log has it', async () => {
    const instance = await linked.createInstance('token');
    const subject = 'owner-of-fields@example.test';
    const first = linked.linkTo(instance, 'token', { subject });
    const another = linked.linkTo(instance, 'token', { subject });
    expect((await linked.post(first, { sealed: await linked.seal() })).status).toBe(200);
    expect(await audited('connection.create')).toMatchObject({
      target: { instanceId: instance.id, username: subject },
    });
    const refused = await linked.post(another, { sealed: await linked.seal() });
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([409, expect.stringContaining('already connected')]);
    expect(await listed(subject)).toMatchObject([{ replacedAt: null, replacedBy: null }]);
    const replacing = linked.linkTo(instance, 'token', { subject }, { requestedBy: 'key0000001' });
    expect((await linked.post(replacing, { sealed: await linked.seal() })).status).toBe(200);
    expect(await listed(subject)).toMatchObject([{ replacedAt: expect.any(String), replacedBy: 'key0000001' }]);
    expect(await audited('connection.replace')).toMatchObject({
      kind: 'ended',
      outcome: 'done',
      actor: { kind: 'anonymous' },
      target: { instanceId: instance.id, username: subject },
      details: { requestedBy: 'key0000001' },
    });
  });

  test('is not replaced by a sign-in that was started before it was connected', async () => {
    const instance = await linked.createInstance('oauth');
    const subject = 'owner-of-sign-in@example.test';
    const starts = [];
    for (let count = 0; count < 2; count += 1)
      starts.push(await linked.start(linked.linkTo(instance, 'oauth', { subject })));
    const statuses = [];
    for (const { url, cookie } of starts) statuses.push((await linked.comeBack(url, cookie)).status);
    expect(statuses).toEqual([200, 409]);
    const replacing = await linked.start(linked.linkTo(instance, 'oauth', { subject }, { requestedBy: 'ada' }));
    expect((await linked.comeBack(replacing.url, replacing.cookie)).status).toBe(200);
    expect(await listed(subject)).toMatchObject([{ replacedBy: 'ada' }]);
  });
});

test('edges are told which links were used, and no others', async () => {
  const token = linked.linkTo(await linked.createInstance('token'), 'token');
  const hash = connectLinkHash(linked.links.get(token)?.id ?? '');
  linked.answerOf = ({ command }) =>
    command === 'store_credential' ? failed('done', 'invalid_request', 'They do not fit') : undefined;
  await linked.post(token, { sealed: await linked.seal() });
  expect(await plane.snapshot.isLinkUsed(hash)).toBe(false);
  linked.answerOf = () => undefined;
  await linked.post(token, { sealed: await linked.seal() });
  expect(await plane.snapshot.isLinkUsed(hash)).toBe(true);
});

test('only a hash of a link is kept, until it would have expired', async () => {
  const token = linked.linkTo(await linked.createInstance('token'), 'token');
  await linked.post(token, { sealed: await linked.seal() });
  const rows = await plane.database.asPlatform((tx) => tx.connectLink.findMany());
  expect(JSON.stringify(rows)).not.toContain(linked.links.get(token)?.id ?? '');
  await plane.database.asPlatform((tx) => tx.connectLink.updateMany({ data: { expiresAt: new Date(0) } }));
  await plane.domains.connectLinks.sweep();
  expect(await plane.database.asPlatform((tx) => tx.connectLink.count())).toBe(0);
});

test('one address is slowed down, because each view asks the data plane (T22)', async () => {
  const token = linked.linkTo(await linked.createInstance('token'), 'token');
  let last = await linked.open(token);
  for (let looks = 0; last.status === 200 && looks < 200; looks += 1) last = await linked.open(token);
  expect([last.status, last.text]).toEqual([429, expect.stringContaining('Wait a minute')]);
  expect((await linked.post(token, { sealed: await linked.seal() })).status).toBe(429);
});
