import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { debugGrantSchema } from '@toolplane/contracts';
import { readServerSentEvents } from '@toolplane/loopback/read-server-sent-events';
import { createVerifier } from '@toolplane/sealing';
import { createMember } from './browser.ts';
import type { TestControlPlane } from './control-plane.ts';
import {
  type DebuggedPlane,
  eventsOf,
  type OpenedDebugging,
  servers,
  startDebuggedPlane,
  take,
} from './debugged-plane.ts';

let debugged: DebuggedPlane;
let plane: TestControlPlane;
beforeAll(async () => {
  debugged = await startDebuggedPlane();
  plane = debugged.plane;
});
afterAll(() => debugged.close());

describe('opening', () => {
  test('gives a token only once; only its hash is kept, and edges and data planes get a signed grant', async () => {
    const before = Date.now();
    const session = await debugged.open({ minutes: 5 });
    expect(session.token).toMatch(/^tpd_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    const shown = await debugged.show(session);
    expect(shown).toEqual({
      id: session.id,
      server_id: session.server,
      state: 'open',
      environment: null,
      opened_by: { kind: 'key', id: plane.rootKey.split('_')[2] },
      opened_at: expect.any(String),
      expires_at: expect.any(String),
      ended_at: null,
      ended_by: null,
      end_reason: null,
    });
    expect(Date.parse(shown.expires_at) - Date.parse(shown.opened_at)).toBe(5 * 60_000);
    expect(Date.parse(shown.opened_at)).toBeGreaterThanOrEqual(before);

    const debug = await debugged.published(session.server);
    expect(debug).toMatchObject({ sessionId: session.id, expiresAt: Date.parse(shown.expires_at) });
    const signed = await (await createVerifier(plane.keys.verify)).verify(debug?.grant ?? '');
    expect(debugGrantSchema.parse(signed)).toMatchObject({
      sessionId: session.id,
      serverId: session.server,
      workspaceId: 'ws_default',
      tokenHash: debug?.tokenHash,
      expiresAt: debug?.expiresAt,
    });

    const list = await plane.send('GET', `${servers}/${session.server}/debug-sessions`);
    const audit = await plane.send('GET', '/api/v1/audit-log?action=openDebugSessionByManager&limit=1');
    const rows = await plane.database.asPlatform((tx) => tx.debugSession.findMany());
    expect(audit.body.data[0]).toMatchObject({ target: { id: session.server }, outcome: 'done' });
    expect(audit.text).toContain(session.id);
    const everywhere = [list.text, audit.text, JSON.stringify(rows), JSON.stringify(debug)].join();
    expect(everywhere).not.toContain(session.token.slice(0, 20));
  });

  test.each([
    ['a duration of zero', { minutes: 0 }],
    ['more than four hours', { minutes: 241 }],
    ['a host without a scheme', { environment: { hosts: { 'api.example.test': 'https://b.test' } } }],
    ['a URL with a path', { environment: { hosts: { 'https://api.example.test': 'https://b.test/x' } } }],
    ['a file', { environment: { hosts: { 'https://api.example.test': 'file:///etc' } } }],
    ['a secret that no document can name', { environment: { secrets: { 'A-B': 'C' } } }],
    ['an unknown field', { token: 'mine' }],
  ])('%s is refused', async (_name, request) => {
    const { status } = await plane.send('POST', `${servers}/srv_nowhere/debug-sessions`, request);
    expect(status).toBe(400);
  });

  test('an environment is part of what is signed', async () => {
    const environment = { hosts: { 'https://api.example.test': 'https://staging.example.test:8443' } };
    const session = await debugged.open({ environment });
    const debug = await debugged.published(session.server);
    expect(await (await createVerifier(plane.keys.verify)).verify(debug?.grant ?? '')).toMatchObject({ environment });
    expect((await debugged.show(session)).environment).toEqual(environment);
  });

  test('is refused for a server in a pool, and ends when its server is moved to one', async () => {
    const session = await debugged.open();
    const move = (pool: string | null) => plane.send('PATCH', `/api/v1/mcp-servers/${session.server}`, { pool });
    expect((await move('eu')).status).toBe(200);
    expect(await debugged.published(session.server)).toBeUndefined();
    await plane.domains.debugSessions.endLost();
    expect(await debugged.show(session)).toMatchObject({ state: 'ended', end_reason: 'server_moved' });
    const path = `${servers}/${session.server}/debug-sessions`;
    const { status, body } = await plane.send('POST', path, {});
    expect([status, body.error.message]).toEqual([409, expect.stringContaining('pool eu')]);
    expect((await move(null)).status).toBe(200);
    expect((await plane.send('POST', path, {})).status).toBe(201);
  });

  test('a server has one at a time, even when two ask at once, and the other is told who has it', async () => {
    const server = await debugged.createServer();
    const path = `${servers}/${server}/debug-sessions`;
    const answers = await Promise.all([plane.send('POST', path, {}), plane.send('POST', path, {})]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body.error.message).toContain(`key ${plane.rootKey.split('_')[2]}`);
    const [row] = (await plane.send('GET', path)).body.data;
    await plane.database.asPlatform((tx) =>
      tx.debugSession.update({ where: { id: row.id }, data: { expiresAt: new Date() } }),
    );
    expect((await plane.send('POST', path, {})).status).toBe(201);
  });

  test('needs debug:write, which maintainers have and viewers do not, and no key for some addresses', async () => {
    const path = `${servers}/${await debugged.createServer()}/debug-sessions`;
    const viewer = await createMember(plane, { email: 'debug-viewer@example.test', role: 'viewer' });
    const maintainer = await createMember(plane, { email: 'debug-maintainer@example.test', role: 'maintainer' });
    expect((await viewer.send('POST', path, {})).status).toBe(403);
    expect((await viewer.send('GET', path)).status).toBe(200);
    const { status, body } = await maintainer.send('POST', path, {});
    expect([status, body.data?.opened_by]).toEqual([201, { kind: 'person', id: maintainer.personId }]);
  });

  test('requires whatever the token can do: calling tools, from any address', async () => {
    const path = `${servers}/${await debugged.createServer()}/debug-sessions`;
    const open = async (request: object) => {
      const { key } = (await plane.send('POST', '/api/v1/api-keys', { name: 'debugger', ...request })).body.data;
      const { status, text } = await plane.send('POST', path, {}, { key });
      return [status, text];
    };
    const permissions = ['servers:read', 'tools:call', 'debug:write'];
    expect(await open({ permissions: ['servers:read', 'debug:write'] })).toEqual([
      403,
      expect.stringContaining('requires tools:call'),
    ]);
    expect(await open({ permissions, allowedAddresses: ['127.0.0.0/8'] })).toEqual([
      403,
      expect.stringContaining('restricted to addresses'),
    ]);
    expect(await open({ permissions })).toEqual([201, expect.anything()]);
  });

  test('by a key that may not name users gives a session that may not either', async () => {
    const permissions = ['servers:read', 'tools:call', 'debug:write'];
    const keyOf = async (mayAssertUser: boolean) =>
      (await plane.send('POST', '/api/v1/api-keys', { name: 'debugger', permissions, mayAssertUser })).body.data.key;
    const [may, mayNot] = [await keyOf(true), await keyOf(false)];
    const mayName = async (key: string) =>
      (await debugged.published((await debugged.open({}, { key })).server))?.mayAssertUser;
    expect([await mayName(may), await mayName(mayNot)]).toEqual([undefined, false]);
  });
});

describe('the end', () => {
  const isGone = async (session: OpenedDebugging) => {
    expect(await debugged.published(session.server)).toBeUndefined();
    expect(await debugged.isKept(session)).toBe(false);
    await debugged.report(session, ...eventsOf('late'));
    expect(await debugged.isKept(session)).toBe(false);
  };

  test('comes from whoever opened it; edges are told, and what was seen is deleted and does not come back', async () => {
    const session = await debugged.open();
    await debugged.report(session, ...eventsOf('call-1'));
    expect(await debugged.isKept(session)).toBe(true);
    const { status, body } = await plane.send('DELETE', session.path);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ state: 'ended', end_reason: 'stopped', ended_by: body.data.opened_by });
    await isGone(session);
    expect((await debugged.look(session, 'calls')).body.data).toEqual([]);
    // Ending the session again is harmless, and somebody else can open one.
    expect((await plane.send('DELETE', session.path)).body.data).toEqual(body.data);
    await debugged.open({}, { server: session.server });
  });

  test('comes from an admin, and not from another maintainer', async () => {
    const session = await debugged.open();
    const maintainer = await createMember(plane, { email: 'other-maintainer@example.test', role: 'maintainer' });
    const admin = await createMember(plane, { email: 'debug-admin@example.test', role: 'admin' });
    expect((await maintainer.send('DELETE', session.path)).status).toBe(403);
    const { status, body } = await admin.send('DELETE', session.path);
    expect([status, body.data?.ended_by]).toEqual([200, { kind: 'person', id: admin.personId }]);
    await isGone(session);
  });

  test('comes by itself when the time is over, and is in the audit log', async () => {
    const session = await debugged.open();
    await debugged.report(session, ...eventsOf('call-1'));
    await debugged.change(session, { expiresAt: new Date(Date.now() - 1000) });
    await plane.domains.debugSessions.sweep();
    await isGone(session);
    expect(await debugged.show(session)).toMatchObject({ state: 'ended', end_reason: 'expired', ended_by: null });
    const { body } = await plane.send('GET', '/api/v1/audit-log?action=debug-session.end&limit=1');
    expect(body.data[0]).toMatchObject({
      kind: 'event',
      actor: { kind: 'platform', id: 'control-plane' },
      outcome: 'done',
      target: { id: session.server, sessionId: session.id },
      details: { reason: 'expired' },
    });
  });

  test('comes when whoever opened it could no longer open it', async () => {
    const key = await debugged.createKey(['servers:read', 'tools:call', 'debug:write']);
    const session = await debugged.open({}, { key });
    await plane.domains.debugSessions.endLost();
    expect(await debugged.show(session)).toMatchObject({ state: 'open' });
    await plane.send('DELETE', `/api/v1/api-keys/${key.split('_')[2]}`);
    await plane.domains.debugSessions.endLost();
    expect(await debugged.show(session)).toMatchObject({ state: 'ended', end_reason: 'revoked' });
    await isGone(session);
  });

  test('comes when the key that opened it may no longer call tools, or name users', async () => {
    const permissions = ['servers:read', 'tools:call', 'debug:write'];
    for (const change of [{ permissions: ['servers:read', 'debug:write'] }, { mayAssertUser: false }]) {
      const key = await debugged.createKey(permissions);
      const session = await debugged.open({}, { key });
      await plane.send('PATCH', `/api/v1/api-keys/${key.split('_')[2]}`, change);
      await plane.domains.debugSessions.endLost();
      expect(await debugged.show(session)).toMatchObject({ state: 'ended', end_reason: 'revoked' });
    }
  });

  test('comes with the end of the server', async () => {
    const session = await debugged.open();
    await debugged.report(session, ...eventsOf('call-1'));
    const stream = readServerSentEvents(await debugged.follow(session));
    await take(stream, 4);
    await plane.send('DELETE', `${servers}/${session.server}`);
    await plane.domains.debugSessions.endLost();
    expect(await take(stream, 1)).toEqual([{ event: 'end', data: '{"reason":"server_deleted"}' }]);
    expect(await debugged.isKept(session)).toBe(false);
  });

  test('is finished by the sweep when Redis was away', async () => {
    const session = await debugged.open();
    await debugged.report(session, ...eventsOf('call-1'));
    await debugged.restartRedis(async () => {
      expect((await plane.send('DELETE', session.path)).status).toBe(200);
    });
    await plane.domains.debugSessions.sweep();
    await isGone(session);
    const row = await plane.database.asPlatform((tx) => tx.debugSession.findUnique({ where: { id: session.id } }));
    expect(row?.isCleared).toBe(true);
  });
});

test('a session of another tenant or another server is not found (B124, T1)', async () => {
  const session = await debugged.open();
  const { key } = await plane.createTenant();
  const elsewhere = await debugged.createServer();
  for (const suffix of ['', '/events', '/calls', '/calls/call-1/trace']) {
    expect((await plane.send('GET', `${session.path}${suffix}`, undefined, { key })).status).toBe(404);
    const misplaced = `${servers}/${elsewhere}/debug-sessions/${session.id}${suffix}`;
    expect((await plane.send('GET', misplaced)).status).toBe(404);
  }
  expect((await plane.send('DELETE', session.path, undefined, { key })).status).toBe(404);
});
