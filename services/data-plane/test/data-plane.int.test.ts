import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Caller, createCaller, createPublisher, type Publisher } from '@toolplane/bus';
import {
  type CallEvent,
  type Json,
  type JsonObject,
  type Outcome,
  type Plan,
  sealingKeySchema,
} from '@toolplane/contracts';
import { createSigner, digestOf, generateSigningKeys, parseCallKeys, sealSecret } from '@toolplane/sealing';
import { planOf, questionsOf, templateOf } from './plan.ts';
import { findFreePort, startRedis, type TestRedis } from './test-redis.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

jest.setTimeout(60_000);

/** The process as it is deployed: calls and commands come over Redis, secrets stay in it. */

const CANARY = 'sk_canary_0123456789';
const keysText = () => `k1:${randomBytes(32).toString('base64')}`;

let redis: TestRedis;
let publisher: Publisher;
let calls: Caller;
let commands: Caller;
let settings: Record<string, string>;
const children = new Set<ChildProcess>();
let logs = '';

beforeAll(async () => {
  redis = await startRedis();
  const signingKeys = await generateSigningKeys();
  const [callKeys, commandKeys] = [keysText(), keysText()];
  settings = {
    PATH: process.env['PATH'] ?? '',
    REDIS_URL: redis.url,
    CALL_KEYS: callKeys,
    COMMAND_KEYS: commandKeys,
    MANIFEST_VERIFY_KEYS: signingKeys.publicJwks,
    SECRETS_STORE: 'file',
    SECRETS_DIR: await mkdtemp(join(tmpdir(), 'toolplane-secrets-')),
    SECRETS_KEY: randomBytes(32).toString('base64'),
    EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
    EGRESS_ALLOW_HTTP: 'true',
    EGRESS_PORTS: 'any',
  };
  publisher = await createPublisher({ redisUrl: redis.url, signer: await createSigner(signingKeys.privateJwk) });
  await publisher.markComplete();
  calls = await createCaller({ redisUrl: redis.url, queue: 'calls', keys: parseCallKeys(callKeys) });
  commands = await createCaller({ redisUrl: redis.url, queue: 'commands', keys: parseCallKeys(commandKeys) });
});
afterEach(async () => {
  await Promise.all([...children].map((child) => stop(child)));
});
afterAll(async () => {
  await calls.close();
  await commands.close();
  await publisher.close();
  await redis[Symbol.asyncDispose]();
});

async function start(changes: Record<string, string> = {}, nodeFlags: string[] = []): Promise<ChildProcess> {
  const port = await findFreePort();
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=toolplane-source', ...nodeFlags, main], {
    env: { ...settings, HEALTH_PORT: String(port), ...changes },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close');
  children.add(child);
  child.on('exit', () => children.delete(child));
  child.stderr?.on('data', (chunk) => {
    logs += chunk;
  });
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!hasEnded(child) && !(await isReady())) await delay(20);
  // Its last words must have arrived.
  if (hasEnded(child)) await closed;
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
  if (hasEnded(child)) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  return (await ended)[0] as number | null;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function publish(plan: Plan): Promise<string> {
  const digest = digestOf(plan as Json);
  await publisher.publishPlans([{ digest, plan }]);
  return digest;
}

type CallOptions = { signal?: AbortSignal; body?: JsonObject; told?: CallEvent[] };

function call(planDigest: string, { signal, body, told }: CallOptions = {}) {
  const ids = { workspaceId: 'ws', serverId: 'srv', tool: 'tool' };
  return calls.call({
    tenant: 'ws',
    body: { version: 1, ...ids, planDigest, arguments: {}, caller: { config: {} }, ...body },
    deadline: Date.now() + 20_000,
    onEvent: (event) => told?.push(event),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function storeSecret(name: string, value: string, host: string): Promise<Outcome> {
  const deadline = Date.now() + 10_000;
  const key = await commands.call({ tenant: 'platform', body: { command: 'get_sealing_key' }, deadline });
  if (!key.ok || key.outcome !== 'done') throw new Error('no sealing key');
  const sealed = await sealSecret(sealingKeySchema.parse(key.value), { value, hosts: [host] });
  const ref = { workspaceId: 'ws', serverId: 'srv', name };
  return commands.call({ tenant: 'ws', body: { command: 'store_secret', ref, sealed }, deadline });
}

function secretPlan(api: Upstream, name: string): Plan {
  const headers = { Authorization: `Bearer $secrets.${name}` };
  return planOf([{ id: 's', url: `${api.url}/x`, headers, secrets: [name] }], { ok: '$steps.s.response.body.ok' });
}

test('a sealed secret is stored, used for its host, and found nowhere else', async () => {
  await using api = await startUpstream(json({ ok: true }));
  await start();
  expect(await storeSecret('KEY', CANARY, '127.0.0.1')).toMatchObject({ ok: true, value: { version: 1 } });
  expect(await call(await publish(secretPlan(api, 'KEY')))).toEqual({ ok: true, outcome: 'done', value: { ok: true } });
  expect(api.seen[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);
  expect(logs).not.toContain(CANARY);
  const folder = settings['SECRETS_DIR'] ?? '';
  for (const file of await readdir(folder)) {
    expect(await readFile(join(folder, file), 'latin1')).not.toContain(CANARY);
  }
});

test('replicas share one sealing key, and a rotated secret is used by all of them at once', async () => {
  await using api = await startUpstream(json({ ok: true }));
  await Promise.all([start(), start()]);
  const name = `KEY_${randomUUID().slice(0, 8)}`;
  const digest = await publish(secretPlan(api, name));
  const callAll = () => Promise.all(Array.from({ length: 12 }, () => call(digest)));
  await storeSecret(name, 'the-first-value', '127.0.0.1');
  await callAll();
  expect(new Set(api.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer the-first-value']));
  api.seen.length = 0;
  expect(await storeSecret(name, 'the-second-value', '127.0.0.1')).toMatchObject({ value: { version: 2 } });
  await callAll();
  expect(new Set(api.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer the-second-value']));
});

test('starts while the secret store is away; only what needs secrets fails (F26)', async () => {
  await using api = await startUpstream(json({ ok: true }));
  const aws = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };
  await start({ SECRETS_STORE: 'aws', ENVIRONMENT: 'test', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', ...aws });
  const plain = planOf([{ id: 's', url: `${api.url}/x` }], { ok: '$steps.s.response.body.ok' });
  expect(await call(await publish(plain))).toEqual({ ok: true, outcome: 'done', value: { ok: true } });
  const unavailable = { ok: false, error: { code: 'secret_unavailable' } };
  expect(await call(await publish(secretPlan(api, 'KEY')))).toMatchObject(unavailable);
  const body = { command: 'get_sealing_key' };
  expect(await commands.call({ tenant: 'platform', body, deadline: Date.now() + 10_000 })).toMatchObject(unavailable);
});

test('a call asks, goes on with the answers, and tells of its steps; none of it holds a secret that an upstream echoes', async () => {
  await using api = await startUpstream((request, response) => json(request.headers)(request, response));
  await start();
  const name = `KEY_${randomUUID().slice(0, 8)}`;
  await storeSecret(name, CANARY, '127.0.0.1');
  const step = { id: 's', url: `${api.url}/x`, headers: { 'X-Key': `$secrets.${name}` }, secrets: [name] };
  const text = '$answers.who.content.name: $steps.s.response.body';
  const requestedSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
  const who = { method: 'elicitation/create' as const, params: { message: 'Who?', requestedSchema } };
  const plan = planOf([step], {}, { ...questionsOf({ who }), content: templateOf([{ type: 'text', text }]) });
  const digest = await publish(plan);

  const body: JsonObject = { abilities: ['elicitation'], events: { progress: true, logLevel: 'info' } };
  const told: CallEvent[] = [];
  const asked = await call(digest, { body, told });
  expect(asked).toMatchObject({ ok: true, outcome: 'input_required', inputRequests: { who } });
  expect([api.seen, told]).toEqual([[], []]);

  const state = asked.outcome === 'input_required' ? (asked.state ?? '') : '';
  const inputResponses = { who: { action: 'accept', content: { name: '$secrets' } } };
  const done = await call(digest, { body: { ...body, inputResponses, state }, told });
  expect(api.seen[0]?.headers['x-key']).toBe(CANARY);
  const shown = expect.stringMatching(/^\$secrets: \{.*"x-key":"\[secret:KEY_/);
  expect(done).toMatchObject({ ok: true, outcome: 'done', content: [{ type: 'text', text: shown }] });
  expect(told.map(({ kind }) => kind)).toEqual(['progress', 'log']);
  expect(JSON.stringify([asked, done, told]) + logs).not.toContain('canary');
});

test('a cancelled call closes its connection to the upstream', async () => {
  await using api = await startUpstream(() => {});
  await start();
  const digest = await publish(planOf([{ id: 's', url: `${api.url}/x`, method: 'POST' }]));
  const controller = new AbortController();
  const [arrived, closed] = [api.nextRequest(), api.nextClose()];
  const outcome = call(digest, { signal: controller.signal });
  await arrived;
  controller.abort();
  const abortedAt = performance.now();
  expect(await outcome).toMatchObject({ ok: false, outcome: 'unknown', error: { code: 'cancelled' } });
  await closed;
  expect(performance.now() - abortedAt).toBeLessThan(1000);
  expect(api.seen).toHaveLength(1);
});

describe('SIGTERM', () => {
  test('lets a running call end, then the process ends with 0 (F7)', async () => {
    const answer = Promise.withResolvers<void>();
    await using api = await startUpstream((request, response) => {
      void answer.promise.then(() => json({ ok: true })(request, response));
    });
    const child = await start();
    const arrived = api.nextRequest();
    const digest = await publish(planOf([{ id: 's', url: `${api.url}/x` }], { ok: '$steps.s.response.body.ok' }));
    const outcome = call(digest);
    await arrived;
    const ended = stop(child, 'SIGTERM');
    answer.resolve();
    expect(await outcome).toEqual({ ok: true, outcome: 'done', value: { ok: true } });
    expect(await ended).toBe(0);
  });

  test('stops a call that does not end within the grace, and says so (F8)', async () => {
    await using api = await startUpstream(() => {});
    const child = await start({ SHUTDOWN_GRACE_MS: '6000' });
    const arrived = api.nextRequest();
    const outcome = call(await publish(planOf([{ id: 's', url: `${api.url}/x` }])));
    await arrived;
    const ended = stop(child, 'SIGTERM');
    expect(await outcome).toMatchObject({ ok: false, outcome: 'unknown', error: { code: 'shutting_down' } });
    expect(await ended).toBe(0);
  });
});

test('bombs do not exhaust a small process, and other calls go on (F4)', async () => {
  const bomb = gzipSync(Buffer.alloc(300_000_000));
  await using api = await startUpstream((request, response) => {
    if (request.url !== '/bomb') return json({ ok: true })(request, response);
    response.setHeader('content-encoding', 'gzip');
    response.end(bomb);
  });
  const child = await start({}, ['--max-old-space-size=96']);
  const digest = await publish(planOf([{ id: 's', url: `${api.url}/bomb` }]));
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => call(digest)));
  for (const outcome of outcomes) expect(outcome).toMatchObject({ error: { code: 'response_too_large', status: 200 } });
  expect(await call(await publish(planOf([{ url: `${api.url}/x` }])))).toMatchObject({ ok: true });
  expect(child.exitCode).toBeNull();
});

describe('a process that cannot start says why in one line, and ends', () => {
  test.each([
    ['a missing setting', { CALL_KEYS: '' }, 'CALL_KEYS: is required'],
    ['a key that is none', { COMMAND_KEYS: CANARY }, 'Call keys: entry 1'],
  ])('%s', async (_name, changes, message) => {
    logs = '';
    expect((await start(changes)).exitCode).toBe(1);
    expect(logs).toContain(message);
    expect(logs).not.toContain(CANARY);
  });

  test('another key than that of the stored secrets', async () => {
    await stop(await start());
    logs = '';
    expect((await start({ SECRETS_KEY: randomBytes(32).toString('base64') })).exitCode).toBe(1);
    expect(logs).toContain('SECRETS_KEY is another than when it was stored');
  });
});
