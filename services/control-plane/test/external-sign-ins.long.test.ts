import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Command, failed, succeeded } from '@toolplane/contracts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { answerOfInspection, declaredServer, declaredTool } from './declared-servers.ts';
import { fakeDataPlane } from './fake-data-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

/* The control plane's part in signing the platform in to external MCP servers. The data plane does the rest. */

const publicUrl = 'https://api.example.test';
const serversPath = '/api/v1/mcp-servers';

let plane: TestControlPlane;
let commands: Command[];
/** Ids of the external servers whose tokens the data plane keeps. */
let tokens: Set<string>;
/** Runs while a sign-in is about to finish. */
let meanwhile: () => Promise<unknown>;
let id: string;
let count = 0;

beforeAll(async () => {
  plane = await startTestControlPlane();
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  tokens = new Set();
  await plane.serveCommands(async (command) => {
    const answer = await fake.handle(command);
    if (command.command === 'inspect_external_server') {
      const isSignedIn = command.signIn !== undefined && tokens.has(command.signIn.instanceId);
      if (!isSignedIn) return failed('done', 'external_sign_in_needed', 'It wants a sign-in');
      return answerOfInspection(declaredServer([declaredTool('forecast')]));
    }
    if (command.command === 'start_external_sign_in') {
      const url = `https://id.example.test/authorize?state=${command.state}`;
      return succeeded({ url, session: 'a-sealed-session' });
    }
    if (command.command === 'finish_external_sign_in') {
      tokens.add(command.ref.instanceId);
      await meanwhile();
      return succeeded({ version: 1, scope: 'read', issuer: 'https://id.example.test' });
    }
    if (command.command === 'delete_credential') tokens.delete(command.ref.instanceId);
    return answer;
  });
});
beforeEach(async () => {
  meanwhile = async () => undefined;
  count += 1;
  const request = { name: `weather-${count}`, mode: 'NORMAL', externalMcpConfigs: [weather()] };
  const { status, body } = await plane.send('POST', serversPath, request);
  expect([status, body.error]).toEqual([201, undefined]);
  id = body.data.id;
});
afterAll(() => plane.close());

const weather = (fields: object = {}) => ({
  name: 'weather',
  url: `https://mcp-${count}.example.test/mcp`,
  tools: ['*'],
  ...fields,
});
const signInPath = () => `${serversPath}/${id}/external/weather/sign-in`;
const start = (body: object = {}) => plane.send('POST', signInPath(), body);
const startedState = async () => new URL((await start()).body.data.authorizationUrl).searchParams.get('state') ?? '';

/** Requests the callback as a browser, which has no key. */
async function comeBack(query: Record<string, string>) {
  const response = await fetch(`${plane.base}/api/v1/oauth/callback?${new URLSearchParams(query)}`);
  return { status: response.status, text: await response.text() };
}

const signIn = async () => comeBack({ state: await startedState(), code: 'a-code', iss: 'https://id.example.test' });
const shown = async () => (await plane.send('GET', `${serversPath}/${id}/config`)).body.data.externalMcpConfigs[0];
const row = () => plane.database.asPlatform((tx) => tx.externalServer.findFirst({ where: { serverId: id } }));
const patch = (configs: object[]) => plane.send('PATCH', `${serversPath}/${id}`, { externalMcpConfigs: configs });
const plan = async () => {
  const tool = (await plane.snapshot.getManifest(id))?.tools[0];
  return tool === undefined ? undefined : plane.snapshot.getPlan(tool.planDigest);
};
const given = (name: Command['command']) => commands.filter(({ command }) => command === name);

/** Sweeps until everything that was recorded for removal is deleted. */
async function sweep(): Promise<void> {
  while ((await plane.database.asPlatform((tx) => tx.credentialRemoval.count())) > 0) {
    await plane.domains.credentials.sweep();
  }
}

test('a server that needs a sign-in is attached, says so, and offers nothing yet', async () => {
  expect(await shown()).toMatchObject({
    state: 'failed',
    authorization: { state: 'needed', signedInAt: null, issuer: null, scope: null },
    reviewed: [],
  });
  expect((await plane.snapshot.getManifest(id))?.tools ?? []).toEqual([]);
});

test('starting gives a URL that is valid for 15 minutes; only the hash of its state is kept', async () => {
  const { status, body } = await start({ scopes: ['extra'] });
  expect(status).toBe(201);
  const minutes = (Date.parse(body.data.expiresAt) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(14);
  expect(minutes).toBeLessThan(15.1);
  const state = new URL(body.data.authorizationUrl).searchParams.get('state') ?? '';
  expect(state).toMatch(/^[\w-]{43}$/);
  expect(given('start_external_sign_in').at(-1)).toEqual({
    command: 'start_external_sign_in',
    url: weather().url,
    state,
    scopes: ['extra'],
    ref: { ownerId: 'ws_default', instanceId: (await row())?.id, scope: 'workspace' },
    redirectUri: `${publicUrl}/api/v1/oauth/callback`,
    clientMetadataUrl: `${publicUrl}/oauth-client.json`,
  });
  const rows = await plane.database.asPlatform((tx) => tx.externalSignIn.findMany());
  expect(JSON.stringify(rows)).not.toContain(state);
});

test('returning with a code signs in, once, and its tools are offered with the sign-in in their plans (T32, B040)', async () => {
  const state = await startedState();
  const back = await comeBack({ state, code: 'a-code', iss: 'https://id.example.test' });
  expect([back.status, back.text]).toEqual([200, expect.stringContaining('Connected. You can close this page.')]);
  const { id: instanceId = '' } = (await row()) ?? {};
  const ref = { ownerId: 'ws_default', instanceId, scope: 'workspace' };
  expect(given('finish_external_sign_in').at(-1)).toEqual({
    command: 'finish_external_sign_in',
    ref,
    url: weather().url,
    session: 'a-sealed-session',
    code: 'a-code',
    iss: 'https://id.example.test',
  });
  expect(await shown()).toMatchObject({
    state: 'ok',
    authorization: {
      state: 'signed_in',
      signedInAt: expect.any(String),
      issuer: 'https://id.example.test',
      scope: 'read',
    },
    reviewed: [{ name: 'forecast', status: 'new' }],
  });
  expect(await plan()).toMatchObject({ tool: 'weather__forecast', external: { signIn: ref } });
  const finished = given('finish_external_sign_in').length;
  expect((await comeBack({ state, code: 'a-code' })).status).toBe(404);
  expect(given('finish_external_sign_in')).toHaveLength(finished);
});

test('a sign-in that the provider refused is over', async () => {
  const state = await startedState();
  expect((await comeBack({ state, error: 'access_denied' })).status).toBe(400);
  expect((await comeBack({ state, code: 'a-code' })).status).toBe(404);
  expect((await shown()).authorization.state).toBe('needed');
});

test('a sign-in that took too long has no effect, and is forgotten', async () => {
  const state = await startedState();
  await plane.database.asPlatform((tx) => tx.externalSignIn.updateMany({ data: { expiresAt: new Date(0) } }));
  expect((await comeBack({ state, code: 'a-code' })).status).toBe(404);
  await plane.domains.externalSignIns.sweep();
  expect(await plane.database.asPlatform((tx) => tx.externalSignIn.count())).toBe(0);
});

test('a change of the server keeps the sign-in; another URL is another server, whose tokens are deleted', async () => {
  await signIn();
  const before = (await row())?.id ?? '';
  await patch([weather({ prefix: 'w_' })]);
  expect(await shown()).toMatchObject({ state: 'ok', authorization: { state: 'signed_in' } });
  expect(await plan()).toMatchObject({ tool: 'w_forecast', external: { signIn: { instanceId: before } } });
  await patch([weather({ url: 'https://other.example.test/mcp' })]);
  expect((await shown()).authorization).toMatchObject({ state: 'needed', signedInAt: null });
  await sweep();
  expect(tokens.has(before)).toBe(false);
});

test('a copy is not signed in', async () => {
  await signIn();
  const { body } = await plane.send('POST', `${serversPath}/${id}/duplicate`, { name: `copy-${count}` });
  id = body.data.id;
  expect((await shown()).authorization).toEqual({ state: 'needed', signedInAt: null, issuer: null, scope: null });
  expect((await plan())?.external?.signIn).toBeUndefined();
});

test('signing out deletes the tokens, and calls carry none', async () => {
  expect((await plane.send('DELETE', signInPath())).status).toBe(404);
  await signIn();
  expect((await plane.send('DELETE', signInPath())).status).toBe(204);
  expect(tokens.has((await row())?.id ?? '')).toBe(false);
  expect((await shown()).authorization).toMatchObject({ state: 'needed', signedInAt: null });
  expect((await plan())?.external?.signIn).toBeUndefined();
});

test('the tokens of a detached or deleted server are deleted, even when that happens during the sign-in', async () => {
  await signIn();
  const removed = (await row())?.id ?? '';
  await patch([]);
  await sweep();
  expect(tokens.has(removed)).toBe(false);

  await patch([weather()]);
  await signIn();
  const deleted = (await row())?.id ?? '';
  expect(tokens.has(deleted)).toBe(true);
  await patch([weather()]);
  const state = await startedState();
  meanwhile = () => plane.send('DELETE', `${serversPath}/${id}`);
  expect((await comeBack({ state, code: 'a-code' })).status).toBe(404);
  await sweep();
  expect(tokens.has(deleted)).toBe(false);
});

test('a client secret comes sealed, passes through, and needs the permission to write secrets', async () => {
  const sealed = await sealAnywhere(plane.sealingKey, { value: 'a-canary-of-clients', hosts: ['id.example.test'] });
  const client = { id: 'by-hand', secret: { sealed } };
  expect((await start({ client })).status).toBe(201);
  expect(given('start_external_sign_in').at(-1)).toMatchObject({ clientId: 'by-hand', sealedClientSecret: sealed });
  const limited = await plane.send('POST', '/api/v1/api-keys', { name: 'limited', permissions: ['servers:write'] });
  const answer = await plane.send('POST', signInPath(), { client }, { key: limited.body.data.key });
  expect([answer.status, answer.body.error.code]).toEqual([403, 'forbidden']);
  const unsealed = await start({ client: { id: 'by-hand', secret: { sealed: 'a plain value' } } });
  expect(unsealed.status).toBe(400);
});

test('the client metadata document says where people return to, and anybody may read it', async () => {
  const response = await fetch(`${plane.base}/oauth-client.json`);
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(await response.json()).toMatchObject({
    client_id: `${publicUrl}/oauth-client.json`,
    redirect_uris: [`${publicUrl}/api/v1/oauth/callback`],
    token_endpoint_auth_method: 'none',
  });
});
