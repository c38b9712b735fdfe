import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, failed, type Outcome } from '@toolplane/contracts';
import { createConnectedApi } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let dataPlane: { close(): Promise<void> };
let commands: Command[];
let finish: () => Promise<Outcome | undefined>;
let instance: { id: string; server: { id: string } };
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  dataPlane = await plane.serveCommands(async (command) => {
    const answer = await fake.handle(command);
    return command.command === 'finish_authorization' ? ((await finish()) ?? answer) : answer;
  });
});
beforeEach(async () => {
  finish = async () => undefined;
  instance = (await api.createInstance({ auth_type: 'oauth' })).body.data;
});
afterAll(async () => {
  await dataPlane.close();
  await plane.close();
});

const start = (body: object = { scope: 'user', subject: 'ada' }) =>
  plane.send('POST', `/api/v1/connector-instances/${instance.id}/authorizations`, body);
const stateOf = (url: string) => new URL(url).searchParams.get('state') ?? '';
const startedState = async (body?: object) => stateOf((await start(body)).body.data.authorization_url);

/** Requests the callback as a browser, which has no key. */
async function comeBack(query: Record<string, string>) {
  const response = await fetch(`${plane.base}/api/v1/oauth/callback?${new URLSearchParams(query)}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const finished = () => commands.filter(({ command }) => command === 'finish_authorization');
const credentials = async () => (await api.get(`/connector-instances/${instance.id}/credentials`)).body.data;

test('starting gives a URL that is valid for 15 minutes; only the hash of its state is kept', async () => {
  const { status, body } = await start();
  expect(status).toBe(201);
  const minutes = (Date.parse(body.data.expires_at) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(14);
  expect(minutes).toBeLessThan(15.1);
  expect(commands.at(-1)).toMatchObject({
    command: 'start_authorization',
    ref: { ownerId: 'ws_default', instanceId: instance.id, scope: 'user', subject: 'ada' },
    authorization: {
      authenticationId: 'oauth',
      workspaceId: 'ws_default',
      scopes: ['contacts'],
      clientAuth: 'basic',
      authorizationUrl: 'https://eu.id.example.test/authorize',
      tokenUrl: 'https://eu.id.example.test/token',
      redirectUri: 'https://api.example.test/api/v1/oauth/callback',
    },
  });
  const state = stateOf(body.data.authorization_url);
  expect(state).toMatch(/^[\w-]{43}$/);
  const rows = await plane.database.asPlatform((tx) => tx.authorization.findMany());
  expect(JSON.stringify(rows)).not.toContain(state);
});

test('returning with a code connects, once (T32, B040)', async () => {
  const state = await startedState();
  const { status, headers, text } = await comeBack({ state, code: 'a-code' });
  expect(status).toBe(200);
  expect(text).toContain('Connected. You can close this page.');
  expect(headers.get('content-type')).toContain('text/html');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).not.toContain('<script');
  expect(finished().at(-1)).toEqual({
    command: 'finish_authorization',
    ref: { ownerId: 'ws_default', instanceId: instance.id, scope: 'user', subject: 'ada' },
    session: 'a-sealed-session',
    code: 'a-code',
  });
  expect(await credentials()).toMatchObject([{ scope: 'user', subject: 'ada', auth_type: 'oauth', is_usable: true }]);
  const count = finished().length;
  expect((await comeBack({ state, code: 'a-code' })).status).toBe(404);
  expect(finished()).toHaveLength(count);
});

test('a sign-in that replaces a working account is in the audit log, with whose account and who started it (T41)', async () => {
  for (const code of ['first', 'second']) await comeBack({ state: await startedState(), code });
  const audited = async (action: string) =>
    (await api.get(`/audit-log?limit=200&kind=ended&action=${action}`)).body.data.find(
      ({ target }: { target: { instanceId: string } }) => target.instanceId === instance.id,
    );
  const target = { instanceId: instance.id, scope: 'user', subject: 'ada' };
  expect(await audited('connection.create')).toMatchObject({ target, outcome: 'done' });
  expect(await audited('connection.replace')).toMatchObject({
    target,
    outcome: 'done',
    actor: { kind: 'anonymous', id: 'sign-in' },
    details: { requestedBy: plane.rootKey.split('_')[2] },
  });
});

test('of two who return at once, only one is let through', async () => {
  const state = await startedState();
  const statuses = (await Promise.all([1, 2].map(() => comeBack({ state, code: 'x' })))).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 404]);
});

test('clients are notified of a sign-in for everybody', async () => {
  await comeBack({ state: await startedState({ scope: 'workspace' }), code: 'x' });
  expect(await plane.snapshot.getManifest(instance.server.id)).toMatchObject({ toolsetVersion: 1 });
});

describe('nothing is connected', () => {
  test('when the provider returns an error, and the state is used up', async () => {
    const state = await startedState();
    const { status, text } = await comeBack({ state, error: 'access_denied', error_description: '<b>canary</b>' });
    expect([status, text.includes('refused'), text.includes('canary')]).toEqual([400, true, false]);
    expect((await comeBack({ state, code: 'x' })).status).toBe(404);
    expect(await credentials()).toEqual([]);
  });

  test('when the provider does not give a token', async () => {
    finish = async () => failed('done', 'credentials_refused', 'canary of the provider');
    const { status, text } = await comeBack({ state: await startedState(), code: 'x' });
    expect([status, text.includes('canary')]).toEqual([502, false]);
    expect(await credentials()).toEqual([]);
  });

  test('while the data plane is busy, which is not the provider’s fault', async () => {
    finish = async () => failed('done', 'secret_unavailable', 'The credentials are being changed by others');
    expect((await comeBack({ state: await startedState(), code: 'x' })).status).toBe(503);
  });

  test('after the URL has expired', async () => {
    const state = await startedState();
    await plane.database.asPlatform((tx) => tx.authorization.updateMany({ data: { expiresAt: new Date(0) } }));
    expect((await comeBack({ state, code: 'x' })).status).toBe(404);
    await plane.domains.credentials.sweep();
    expect(await plane.database.asPlatform((tx) => tx.authorization.count())).toBe(0);
  });

  test('when the instance has changed its way to sign in, or is gone', async () => {
    const changed = await startedState();
    await plane.send('PATCH', `/api/v1/connector-instances/${instance.id}`, { auth_type: 'token' });
    expect((await comeBack({ state: changed, code: 'x' })).status).toBe(404);
    await plane.send('PATCH', `/api/v1/connector-instances/${instance.id}`, { auth_type: 'oauth' });
    const deleted = await startedState();
    await plane.send('DELETE', `/api/v1/connector-instances/${instance.id}`);
    expect((await comeBack({ state: deleted, code: 'x' })).status).toBe(404);
  });

  test.each<Record<string, string>>([
    {},
    { state: 'x', code: 'y' },
    { code: 'y' },
    { state: 'a'.repeat(43), code: '' },
  ])('400 for %j (B040)', async (query) => {
    expect((await comeBack(query)).status).toBe(400);
  });

  test('404 for a state that was never issued (B040)', async () => {
    expect((await comeBack({ state: 'a'.repeat(43), code: 'x' })).status).toBe(404);
  });
});

test('a workspace never signs in with the client of another one', async () => {
  instance = (await api.createInstance({ auth_type: 'oauth', workspace: null })).body.data;
  const neighbour = await api.createNeighbour(['secrets:write']);
  const path = `/api/v1/connector-instances/${instance.id}/authorizations`;
  const { status, body } = await plane.send('POST', path, { scope: 'workspace' }, { key: neighbour.key });
  expect(status).toBe(201);
  const { workspaceId } = neighbour;
  expect(commands.at(-1)).toMatchObject({ ref: { subject: workspaceId }, authorization: { workspaceId } });
  expect((await comeBack({ state: stateOf(body.data.authorization_url), code: 'x' })).status).toBe(200);
});

test('409 for an instance that nobody signs in to', async () => {
  instance = (await api.createInstance()).body.data;
  expect((await start()).status).toBe(409);
});

test('403 for signing in for the organization without its permission', async () => {
  const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'w', permissions: ['secrets:write'] });
  const path = `/api/v1/connector-instances/${instance.id}/authorizations`;
  expect((await plane.send('POST', path, { scope: 'organization' }, { key: body.data.key })).status).toBe(403);
});
