import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Command, Json, Outcome, Plan } from '@toolplane/contracts';
import { type GuardedServer, startGuardedServer } from '@toolplane/loopback/guarded-server';
import { externalClientAudience } from '@toolplane/sealing';
import { createMemoryStore } from '../../test/memory-store.ts';
import { localPolicy, openClient } from '../../test/open-client.ts';
import { planOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { systemClock } from '../execution/clock.ts';

let server: GuardedServer;
let commands: TestCommands;
let store: ReturnType<typeof createMemoryStore>;

beforeAll(async () => {
  server = await startGuardedServer();
});
beforeEach(() => {
  store = createMemoryStore();
  commands = startCommands(store);
});
afterEach(async () => {
  server.wanted = ['read'];
  server.lifetimeSeconds = 3600;
  server.asked.length = 0;
  await commands.services.externalServers.close();
  expect(commands.internalErrors).toEqual([]);
});
afterAll(async () => server[Symbol.asyncDispose]());

const ref = { ownerId: 'ws', instanceId: 'ext_1', scope: 'workspace' as const };
const redirectUri = 'https://api.example.test/oauth/callback';
const oauthState = 'a state of the control plane';

type Started = { url: string; session: string };

async function start(rest: Partial<Extract<Command, { command: 'start_external_sign_in' }>> = {}): Promise<Outcome> {
  const { url } = server;
  const command = { command: 'start_external_sign_in' as const, ref, url, redirectUri, scopes: [], state: oauthState };
  return commands.send({ ...command, ...rest } as Json);
}

async function finish({ session }: Started, back: URLSearchParams, rest: object = {}): Promise<Outcome> {
  const { url } = server;
  const code = back.get('code') ?? '';
  return commands.send({
    command: 'finish_external_sign_in',
    ref,
    url,
    session,
    code,
    iss: back.get('iss') ?? '',
    ...rest,
  });
}

async function signIn(): Promise<Outcome> {
  const started = answerOf(await start()) as Started;
  return finish(started, await server.open(started.url));
}

function answerOf(outcome: Outcome): unknown {
  if (outcome.ok && outcome.outcome === 'done') return outcome.value;
  throw new Error(JSON.stringify(outcome));
}

const plan = (): Plan =>
  planOf(
    [],
    {},
    {
      external: {
        serverName: 'guarded',
        url: server.url,
        transport: 'http',
        era: 'modern',
        headers: [],
        secrets: [],
        signIn: ref,
        target: { kind: 'tool', name: 'whoami' },
      },
    },
  );
const call = () => runTool(plan(), { clock: systemClock, services: commands.services });

test('a sign-in ends with a token that calls use and that no result reveals', async () => {
  expect(answerOf(await signIn())).toMatchObject({ version: 1, scope: 'read', issuer: server.issuer });
  const outcome = await call();
  expect(server.seen.at(-1)).toMatch(/^Bearer at-/);
  expect(outcome).toMatchObject({ ok: true, outcome: 'done' });
  // The tool echoes what it received.
  expect(JSON.stringify(outcome)).not.toContain('at-');
});

test('the page is requested with PKCE, the resource, the state and the scopes that the server wants', async () => {
  const { searchParams } = new URL((answerOf(await start({ scopes: ['extra'] })) as Started).url);
  expect(Object.fromEntries(searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    redirect_uri: redirectUri,
    state: oauthState,
    scope: 'read extra',
    resource: server.url,
  });
});

test('the session of a sign-in can be read only by us, and is valid only for its own server (T32)', async () => {
  const started = answerOf(await start()) as Started;
  expect(started.session).not.toMatch(/verifier|client_id/);
  const back = await server.open(started.url);
  const elsewhere = await finish(started, back, { ref: { ...ref, instanceId: 'ext_2' } });
  expect(elsewhere).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  expect(store.texts.size).toBe(1);
});

test('an answer in the name of another authorization server stores nothing (B040)', async () => {
  const started = answerOf(await start()) as Started;
  const before = [...store.texts.keys()];
  const ended = await finish(started, await server.open(started.url), { iss: 'https://evil.example.test' });
  expect(ended).toMatchObject({ ok: false });
  expect([...store.texts.keys()]).toEqual(before);
});

test('a server that requires no token needs no sign-in', async () => {
  const { url } = server;
  server.tokens.set('', { scope: 'read' });
  try {
    expect(await start({ url })).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  } finally {
    server.tokens.delete('');
  }
});

test('a server that refuses without naming an authorization server is said to, and what can be done', async () => {
  const nameless = createServer((request, response) => {
    response.writeHead(request.url === '/mcp' ? 401 : 404).end('{"secret":"canary"}');
  }).listen(0, '127.0.0.1');
  await once(nameless, 'listening');
  const url = `http://127.0.0.1:${(nameless.address() as AddressInfo).port}/mcp`;
  const started = await start({ url });
  nameless.close();
  expect(started).toMatchObject({
    ok: false,
    error: {
      code: 'external_server_failed',
      message: expect.stringMatching(/names no authorization server.*RFC 9728.*"headers".*URL with its id/),
    },
  });
});

test('without a sign-in, a call says who can help, and nothing is sent', async () => {
  server.seen.length = 0;
  expect(await call()).toMatchObject({ ok: false, outcome: 'not_started', error: { code: 'external_sign_in_needed' } });
  expect(server.seen).toEqual([]);
});

test('a token that the server no longer accepts is renewed once for all calls, and the call is repeated', async () => {
  await signIn();
  server.tokens.clear();
  server.asked.length = 0;
  const outcomes = await Promise.all([call(), call(), call()]);
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(server.asked.filter((path) => path === '/token')).toHaveLength(1);
});

test('a token that is about to expire is renewed before it is used', async () => {
  server.lifetimeSeconds = 30;
  await signIn();
  server.lifetimeSeconds = 3600;
  const before = [...server.tokens.keys()].at(-1);
  expect(await call()).toMatchObject({ ok: true });
  expect(server.seen.at(-1)).not.toBe(`Bearer ${before}`);
});

test('when renewal fails a person is needed, and the authorization server is not asked for each call', async () => {
  await signIn();
  server.tokens.clear();
  server.refreshTokens.clear();
  const refused = { ok: false, outcome: 'not_started', error: { code: 'external_sign_in_needed' } };
  expect(await call()).toMatchObject(refused);
  server.asked.length = 0;
  expect(await call()).toMatchObject(refused);
  expect(server.asked).toEqual([]);
  await signIn();
  expect(await call()).toMatchObject({ ok: true });
});

test('a server that requires more scopes than were granted needs a new sign-in, for all of them', async () => {
  await signIn();
  server.wanted = ['read', 'write'];
  expect(await call()).toMatchObject({ ok: false, outcome: 'not_started', error: { code: 'external_sign_in_needed' } });
  const started = answerOf(await start()) as Started;
  expect(new URL(started.url).searchParams.get('scope')).toBe('read write');
  await finish(started, await server.open(started.url));
  expect(await call()).toMatchObject({ ok: true });
});

const inspect = (rest: object = { signIn: ref }) =>
  commands.send({ command: 'inspect_external_server', url: server.url, headers: [], ...rest });
const needed = { ok: false, error: { code: 'external_sign_in_needed' } };

test('inspecting the server uses the token, and says when nobody is signed in', async () => {
  expect(await inspect({})).toMatchObject(needed);
  expect(await inspect()).toMatchObject(needed);
  await signIn();
  expect(await inspect()).toMatchObject({ ok: true, value: { gzipped: expect.any(String) } });
  server.tokens.clear();
  expect(await inspect()).toMatchObject({ ok: true });
  server.tokens.clear();
  server.refreshTokens.clear();
  expect(await inspect()).toMatchObject(needed);
});

test('an inspection that lacks scopes makes the next sign-in ask for more', async () => {
  await signIn();
  server.wanted = ['read', 'write'];
  expect(await inspect()).toMatchObject(needed);
  await signIn();
  expect(await inspect()).toMatchObject({ ok: true });
});

test('a manually registered client is used from then on, and its secret goes only where it is sealed for', async () => {
  const { host } = new URL(server.issuer);
  const given = async (hosts: string[]) => ({
    clientId: 'by-hand',
    sealedClientSecret: await commands.seal(externalClientAudience(ref), 'its secret', hosts),
  });
  const denied = await start(await given(['elsewhere.example.test']));
  expect(denied).toMatchObject({ ok: false, error: { code: 'secret_host_denied' } });
  const started = answerOf(await start(await given([host]))) as Started;
  expect(new URL(started.url).searchParams.get('client_id')).toBe('by-hand');
  expect(answerOf(await finish(started, await server.open(started.url)))).toMatchObject({ version: 1 });
  const later = answerOf(await start()) as Started;
  expect(new URL(later.url).searchParams.get('client_id')).toBe('by-hand');
  expect(server.asked).not.toContain('/register');
});

test('a token goes only to the host that it was issued for, even if the server’s URL changes later', async () => {
  await signIn();
  const external = { ...plan().external, url: 'http://127.0.0.2:1/mcp' };
  const moved = { ...plan(), external } as Plan;
  const outcome = await runTool(moved, { clock: systemClock, services: commands.services });
  expect(outcome).toMatchObject({ ok: false, outcome: 'not_started', error: { code: 'secret_host_denied' } });
});

test('metadata that leads to an internal address is not followed (T3)', async () => {
  const { port } = new URL(server.url);
  // The server itself is reachable, but the authorization server that it names is not.
  const policy = { ...localPolicy, ports: new Set([Number(port)]) };
  const strict = startCommands(createMemoryStore(), { client: openClient({ policy }) });
  const { url } = server;
  const command = { command: 'start_external_sign_in', ref, url, redirectUri, scopes: [], state: oauthState };
  expect(await strict.send(command)).toMatchObject({ ok: false, error: { code: 'egress_denied' } });
  expect(server.asked).toEqual([]);
});
