import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOfUser } from '@toolplane/sealing';
import { type Browser, createBrowser, createMember, PASSWORD } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let owner: Browser & { personId: string };
beforeAll(async () => {
  plane = await startTestControlPlane();
  owner = await createMember(plane, { email: 'owner@example.test', role: 'owner' });
});
afterAll(() => plane.close());

const invite = (inviter: Browser, role: string, scope = 'organization', more: object = {}) =>
  inviter.send('POST', '/api/v1/invitations', { role, scope, ...more });
const tokenOf = ({ body }: { body: { data: { link: string } } }) => body.data.link.split('/').at(-1);
const newcomer = (token: string | undefined, email: string, browser = createBrowser(plane)) =>
  browser.send('POST', '/api/v1/invitations/accept', { token, name: 'New', email, password: PASSWORD });

describe('an invitation', () => {
  test('makes a person a member, once', async () => {
    const invited = await invite(owner, 'maintainer');
    expect([invited.status, invited.body.data.role]).toEqual([201, 'maintainer']);
    expect(invited.body.data.link).toMatch(/^https:\/\/api\.example\.test\/invitations\/[\w-]{43}$/);
    const browser = createBrowser(plane);
    expect((await newcomer(tokenOf(invited), 'new@example.test', browser)).status).toBe(200);
    const { body } = await browser.send('GET', '/api/v1/session');
    expect(body.data.workspaces[0].roles).toEqual({ organization: 'maintainer' });
    expect((await newcomer(tokenOf(invited), 'second@example.test')).status).toBe(404);
  });

  test('used by two at once makes one of them a member', async () => {
    const token = tokenOf(await invite(owner, 'viewer'));
    const answers = await Promise.all(
      ['race-1@example.test', 'race-2@example.test'].map((each) => newcomer(token, each)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404]);
    const found = await plane.database.asPlatform((tx) =>
      tx.person.count({ where: { email: { startsWith: 'race-' } } }),
    );
    expect(found).toBe(1);
  });

  test('is listed without its link, and is void once it is withdrawn', async () => {
    const invited = await invite(owner, 'viewer');
    const token = tokenOf(invited) ?? '';
    const listed = await owner.send('GET', '/api/v1/invitations');
    expect(listed.text).toContain(invited.body.data.id);
    expect(listed.text).not.toContain(token);
    expect((await owner.send('DELETE', `/api/v1/invitations/${invited.body.data.id}`)).status).toBe(204);
    expect((await newcomer(token, 'late@example.test')).status).toBe(404);
  });

  test('expires after seven days', async () => {
    const invited = await invite(owner, 'viewer');
    expect(Date.parse(invited.body.data.expiresAt) - Date.now()).toBeGreaterThan(6.9 * 24 * 3600_000);
    const data = { expiresAt: new Date(Date.now() - 1) };
    await plane.database.asPlatform((tx) => tx.invitation.update({ where: { id: invited.body.data.id }, data }));
    expect((await newcomer(tokenOf(invited), 'late@example.test')).status).toBe(404);
  });

  test('for an e-mail address works for nobody else', async () => {
    const invited = await invite(owner, 'viewer', 'organization', { email: 'Ada@Example.test' });
    expect((await newcomer(tokenOf(invited), 'eve@example.test')).status).toBe(403);
    expect((await newcomer(tokenOf(invited), 'ada@example.test')).status).toBe(200);
  });

  test('cannot take over an account: whoever has the address signs in first', async () => {
    const token = tokenOf(await invite(owner, 'admin'));
    const answer = await newcomer(token, 'owner@example.test');
    expect([answer.status, answer.body.error.code]).toEqual([409, 'conflict']);
    expect((await owner.send('POST', '/api/v1/session/invitations', { token })).status).toBe(204);
    const { body } = await owner.send('GET', '/api/v1/session');
    expect(body.data.workspaces[0].roles).toEqual({ organization: 'owner' });
  });

  test('has a page that says what it is for, and changes nothing', async () => {
    const token = tokenOf(await invite(owner, 'viewer', 'workspace'));
    for (const browser of [createBrowser(plane), owner]) {
      const { status, text } = await browser.send('GET', `/invitations/${token}`);
      expect([status, text]).toEqual([200, expect.stringContaining('viewer')]);
    }
    expect((await newcomer(token, 'after-looking@example.test')).status).toBe(200);
    expect((await createBrowser(plane).send('GET', `/invitations/${token}`)).status).toBe(404);
  });
});

describe('an invitation gives what its inviter could give now', () => {
  test('nothing that an inviter whose role was lowered can no longer give', async () => {
    const admin = await createMember(plane, { email: 'lowered@example.test', role: 'admin' });
    const [beyond, within] = [await invite(admin, 'admin'), await invite(admin, 'admin', 'workspace')];
    const change = { scope: 'organization', role: 'viewer' };
    expect((await owner.send('PATCH', `/api/v1/members/${admin.personId}`, change)).status).toBe(200);
    for (const invited of [beyond, within]) {
      expect((await createBrowser(plane).send('GET', `/invitations/${tokenOf(invited)}`)).status).toBe(404);
      expect((await newcomer(tokenOf(invited), 'by-lowered@example.test')).status).toBe(404);
    }
    expect((await admin.send('POST', '/api/v1/session/invitations', { token: tokenOf(beyond) })).status).toBe(404);
  });

  test.each([
    ['was revoked', (id: string) => plane.send('DELETE', `/api/v1/api-keys/${id}`)],
    [
      'has expired',
      (id: string) =>
        plane.tables.query(`SELECT set_config('app.platform', 'on', false);
        UPDATE api_keys SET expires_at = now() WHERE id = '${id}'`),
    ],
    [
      'is of a deactivated agent',
      async (id: string) => {
        const agentId = (await plane.send('POST', '/api/v1/agents', { name: 'leaking' })).body.data.id;
        await plane.send('PATCH', `/api/v1/api-keys/${id}`, { agentId });
        await plane.send('PUT', `/api/v1/agents/${agentId}/toggle-active`);
      },
    ],
  ])('nothing of a key that %s', async (_, end) => {
    const permissions = ['members:write', 'workspaces:write', 'servers:read', 'tools:call'];
    const { id, key } = (await plane.send('POST', '/api/v1/api-keys', { name: 'leaked', permissions })).body.data;
    const invited = await plane.send('POST', '/api/v1/invitations', { scope: 'organization', role: 'viewer' }, { key });
    expect(invited.status).toBe(201);
    await end(id);
    expect((await newcomer(tokenOf(invited), `by-${id}@example.test`)).status).toBe(404);
  });

  test('two of them used at once by one person give the greater role', async () => {
    const { key } = await plane.createTenant();
    const asked = await Promise.all(
      ['viewer', 'maintainer', 'viewer'].map((role) =>
        plane.send('POST', '/api/v1/invitations', { scope: 'organization', role }, { key }),
      ),
    );
    const member = await createMember(plane, { email: 'twice@example.test', role: 'viewer' });
    const used = await Promise.all(
      asked.map((invited) => member.send('POST', '/api/v1/session/invitations', { token: tokenOf(invited) })),
    );
    expect(used.map(({ status }) => status)).toEqual([204, 204, 204]);
    const shown = await plane.send('GET', `/api/v1/members/${member.personId}`, undefined, { key });
    expect(shown.body.data.roles).toEqual({ organization: 'maintainer' });
  });
});

describe('the audit log records', () => {
  const logged = async (action: string) => (await owner.send('GET', `/api/v1/audit-log?action=${action}`)).body.data;

  test('who was invited as what, without the link, and who has accepted', async () => {
    const invited = await invite(owner, 'maintainer', 'organization', { email: 'told@example.test' });
    const { id } = invited.body.data;
    const [created] = await logged('createInvitation');
    expect(created.changes).toMatchObject([
      { pointer: '', after: { id, role: 'maintainer', email: 'told@example.test' } },
    ]);
    expect(JSON.stringify(created)).not.toContain(tokenOf(invited));
    await newcomer(tokenOf(invited), 'told@example.test');
    const [accepted] = await logged('invitation.accept');
    expect(accepted).toMatchObject({
      actor: { kind: 'person' },
      target: { id },
      outcome: 'done',
      address: '127.0.0.1',
      details: { role: 'maintainer', invitedBy: owner.personId },
    });
  });

  test('what a member was and is', async () => {
    const member = await createMember(plane, { email: 'told-of@example.test', role: 'viewer' });
    const change = { scope: 'organization', role: 'maintainer' };
    await owner.send('PATCH', `/api/v1/members/${member.personId}`, change);
    const [changed] = await logged('changeMember');
    expect(changed.changes).toEqual([{ pointer: '/roles/organization', before: 'viewer', after: 'maintainer' }]);
    await owner.send('DELETE', `/api/v1/members/${member.personId}?scope=organization`);
    const [removed] = await logged('removeMember');
    expect(removed.changes).toMatchObject([{ before: { roles: { organization: 'maintainer' } } }]);
  });
});

describe('nobody gives, changes or takes away what they lack', () => {
  test('an admin neither appoints nor demotes an owner', async () => {
    const admin = await createMember(plane, { email: 'admin@example.test', role: 'admin' });
    expect((await invite(admin, 'owner')).status).toBe(403);
    expect((await invite(admin, 'owner', 'workspace')).status).toBe(403);
    expect((await invite(admin, 'admin')).status).toBe(201);
    const change = { scope: 'organization', role: 'viewer' };
    expect((await admin.send('PATCH', `/api/v1/members/${owner.personId}`, change)).status).toBe(403);
    expect((await admin.send('DELETE', `/api/v1/members/${owner.personId}?scope=organization`)).status).toBe(403);
    const self = { scope: 'organization', role: 'owner' };
    expect((await admin.send('PATCH', `/api/v1/members/${admin.personId}`, self)).status).toBe(403);
  });

  test('an admin of a workspace reaches nobody beyond it', async () => {
    const admin = await createMember(plane, { email: 'local@example.test', role: 'admin', scope: 'workspace' });
    expect((await invite(admin, 'viewer')).status).toBe(403);
    expect((await invite(admin, 'admin', 'workspace')).status).toBe(201);
    expect((await admin.send('GET', '/api/v1/members?scope=organization')).status).toBe(403);
    const whole = await invite(owner, 'viewer');
    expect((await admin.send('GET', '/api/v1/invitations')).text).not.toContain(whole.body.data.id);
    expect((await admin.send('DELETE', `/api/v1/invitations/${whole.body.data.id}`)).status).toBe(404);
    expect((await admin.send('POST', '/api/v1/workspaces', { name: 'Mine' })).status).toBe(403);
  });

  test('a key invites no one to more than it has', async () => {
    const permissions = ['members:write', 'workspaces:write', 'servers:read', 'tools:call'];
    const key = (await plane.send('POST', '/api/v1/api-keys', { name: 'inviter', permissions })).body.data.key;
    const ask = (role: string) => plane.send('POST', '/api/v1/invitations', { scope: 'organization', role }, { key });
    expect([(await ask('viewer')).status, (await ask('admin')).status]).toEqual([201, 403]);
  });

  test('the last owner stays one, even of two who demote each other at once', async () => {
    const { key } = await plane.createTenant();
    const [first, second] = await Promise.all([
      createMember(plane, { email: 'first@example.test', role: 'owner', key }),
      createMember(plane, { email: 'second@example.test', role: 'owner', key }),
    ]);
    const lower = (by: Browser, { personId }: { personId: string }) =>
      by.send('PATCH', `/api/v1/members/${personId}`, { scope: 'organization', role: 'viewer' });
    const answers = await Promise.all([lower(first, second), lower(second, first)]);
    // The second person is no longer an owner, or no owner would be left.
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    const { body } = await plane.send('GET', '/api/v1/members?scope=organization', undefined, { key });
    const owners = body.data.filter(({ role }: { role: string }) => role === 'owner');
    expect(owners).toHaveLength(1);
    const last = owners[0].personId === first.personId ? first : second;
    expect((await lower(last, last)).status).toBe(409);
    expect((await last.send('DELETE', `/api/v1/members/${last.personId}?scope=organization`)).status).toBe(409);
  });
});

describe('a change takes effect with the next request', () => {
  test('of a role', async () => {
    const member = await createMember(plane, { email: 'changing@example.test', role: 'maintainer' });
    expect((await member.send('POST', '/api/v1/mcp-servers', { name: 'of-the-member' })).status).toBe(201);
    const change = { scope: 'organization', role: 'viewer' };
    const changed = await owner.send('PATCH', `/api/v1/members/${member.personId}`, change);
    expect([changed.status, changed.body.data.role]).toEqual([200, 'viewer']);
    expect((await member.send('POST', '/api/v1/mcp-servers', { name: 'too-late' })).status).toBe(403);
  });

  test('of a member who is removed: sessions reach nothing, invitations are void, calls in their name are refused', async () => {
    const member = await createMember(plane, { email: 'leaving@example.test', role: 'admin' });
    const invited = await invite(member, 'viewer');
    expect((await owner.send('DELETE', `/api/v1/members/${member.personId}?scope=organization`)).status).toBe(204);
    expect((await member.send('GET', '/api/v1/mcp-servers')).status).toBe(403);
    expect((await member.send('GET', '/api/v1/mcp-servers', undefined, { 'x-workspace': 'ws_default' })).status).toBe(
      404,
    );
    expect((await newcomer(tokenOf(invited), 'by-leaving@example.test')).status).toBe(404);
    const digest = digestOfUser('ws_default', member.personId);
    const rules = async () => (await plane.snapshot.getUserRules('ws_default'))?.deactivated;
    expect(await rules()).toContain(digest);

    const token = tokenOf(await invite(owner, 'viewer'));
    expect((await member.send('POST', '/api/v1/session/invitations', { token })).status).toBe(204);
    expect(await rules()).not.toContain(digest);
    expect((await member.send('GET', '/api/v1/mcp-servers')).status).toBe(200);
  });
});
