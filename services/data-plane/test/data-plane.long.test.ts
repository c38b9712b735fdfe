import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CallEvent, JsonObject, Outcome, Plan } from '@toolplane/contracts';
import { sealSecret, secretAudience } from '@toolplane/sealing';
import { type DataPlanes, openDataPlanes } from './data-planes.ts';
import { planOf, questionsOf, templateOf } from './plan.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

jest.setTimeout(60_000);

/** Tests the process as it is deployed: calls and commands arrive through Redis, and secrets stay in the process. */

const CANARY = 'sk_canary_0123456789';

let planes: DataPlanes;
beforeAll(async () => {
  planes = await openDataPlanes();
});
afterEach(() => planes.stopAll());
afterAll(async () => {
  await planes[Symbol.asyncDispose]();
});

const start: DataPlanes['start'] = (...options) => planes.start(...options);
const stop: DataPlanes['stop'] = (...options) => planes.stop(...options);
const publish: DataPlanes['publish'] = (plan) => planes.publish(plan);
const call: DataPlanes['call'] = (...options) => planes.call(...options);

async function storeSecret(name: string, value: string, host: string, version = 1): Promise<Outcome> {
  const sealed = await sealSecret(
    { key: await planes.getSealingKey(), audience: secretAudience({ workspaceId: 'ws', serverId: 'srv', name }) },
    { value, hosts: [host] },
  );
  const ref = { workspaceId: 'ws', serverId: 'srv', name };
  return planes.command({ command: 'store_secret', ref, sealed, version, isUsed: true, overlapMs: 0 });
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
  expect(planes.logs).not.toContain(CANARY);
  const folder = planes.settings['SECRETS_DIR'] ?? '';
  for (const file of await readdir(folder)) {
    expect(await readFile(join(folder, file), 'latin1')).not.toContain(CANARY);
  }
});

test('replicas share one sealing key, and all of them use a rotated secret at once', async () => {
  await using api = await startUpstream(json({ ok: true }));
  await Promise.all([start(), start()]);
  const name = `KEY_${randomUUID().slice(0, 8)}`;
  const digest = await publish(secretPlan(api, name));
  const callAll = () => Promise.all(Array.from({ length: 12 }, () => call(digest)));
  await storeSecret(name, 'the-first-value', '127.0.0.1');
  await callAll();
  expect(new Set(api.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer the-first-value']));
  api.seen.length = 0;
  expect(await storeSecret(name, 'the-second-value', '127.0.0.1', 2)).toMatchObject({ value: { version: 2 } });
  await callAll();
  expect(new Set(api.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer the-second-value']));
});

test('the data plane starts while the secret store is unavailable; only what needs secrets fails', async () => {
  await using api = await startUpstream(json({ ok: true }));
  const aws = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };
  await start({ SECRETS_STORE: 'aws', ENVIRONMENT: 'test', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', ...aws });
  const plain = planOf([{ id: 's', url: `${api.url}/x` }], { ok: '$steps.s.response.body.ok' });
  expect(await call(await publish(plain))).toEqual({ ok: true, outcome: 'done', value: { ok: true } });
  const unavailable = { ok: false, error: { code: 'secret_unavailable' } };
  expect(await call(await publish(secretPlan(api, 'KEY')))).toMatchObject(unavailable);
  expect(await planes.command({ command: 'get_sealing_key' }, 'platform')).toMatchObject(unavailable);
});

test('a call asks, continues with the answers and reports its steps; nothing reveals an echoed secret', async () => {
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
  const reported: CallEvent[] = [];
  const asked = await call(digest, { body, reported });
  expect(asked).toMatchObject({ ok: true, outcome: 'input_required', inputRequests: { who } });
  expect([api.seen, reported]).toEqual([[], []]);

  const state = asked.outcome === 'input_required' ? (asked.state ?? '') : '';
  const inputResponses = { who: { action: 'accept', content: { name: '$secrets' } } };
  const done = await call(digest, { body: { ...body, inputResponses, state }, reported });
  expect(api.seen[0]?.headers['x-key']).toBe(CANARY);
  const shown = expect.stringMatching(/^\$secrets: \{.*"x-key":"\[secret:KEY_/);
  expect(done).toMatchObject({ ok: true, outcome: 'done', content: [{ type: 'text', text: shown }] });
  expect(reported.map(({ kind }) => kind)).toEqual(['progress', 'log']);
  expect(JSON.stringify([asked, done, reported]) + planes.logs).not.toContain('canary');
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
  test('lets a running call finish, then the process exits with 0', async () => {
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

  test('stops a call that does not end within the grace period, and says so', async () => {
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

test('decompression bombs do not exhaust a small process, and other calls continue', async () => {
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

describe('a process that cannot start says why in one line, and exits', () => {
  test.each([
    ['a missing setting', { CALL_KEYS: '' }, 'CALL_KEYS: is required'],
    ['an invalid key', { COMMAND_KEYS: CANARY }, 'Call keys: entry 1'],
  ])('%s', async (_name, changes, message) => {
    planes.logs = '';
    expect((await start(changes)).exitCode).toBe(1);
    expect(planes.logs).toContain(message);
    expect(planes.logs).not.toContain(CANARY);
  });

  test('another key than the one that the secrets were stored with', async () => {
    await stop(await start());
    planes.logs = '';
    expect((await start({ SECRETS_KEYS: randomBytes(32).toString('base64') })).exitCode).toBe(1);
    expect(planes.logs).toContain('SECRETS_KEYS no longer contains the key');
  });
});
