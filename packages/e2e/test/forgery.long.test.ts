import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSigner, generateSigningKeys } from '@toolplane/sealing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';
import { createTenant, type OtherTenant } from '../src/workspaces.ts';

/*
 * An attacker who may do everything in Redis, and has no key. Nothing that they write is ever executed or delivered,
 * and the services continue with what they know. The bus has more detailed tests for jobs and replies
 * (tampering.int.test.ts) and for documents (publication.int.test.ts); here all planes take part.
 */

const PREFIX = 'tp:queue';
const QUEUE = 'calls-2';

let platform: TestPlatform;
let upstream: Upstream;
let redis: Redis;
let queue: Queue;
let tenant: OtherTenant;
let servers: { own: string; foreign: string };
/** Answers the requests to `/slow`, which wait for it. */
let answerSlow = () => {};

const document = (api: string, path = 'quick') => `
flower: "0.1"
id: orders
title: Orders
flows:
  - id: order_quick
    description: Order at once (${path})
    steps:
      - id: order
        request: { method: POST, url: "${api}/${path}" }
        outputs: { number: $response.body.number }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { number: $steps.order.outputs.number }
  - id: order_slowly
    description: Order and wait
    steps:
      - id: order
        request: { method: POST, url: "${api}/slow" }
        outputs: { number: $response.body.number }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { number: $steps.order.outputs.number }
`;

beforeAll(async () => {
  platform = await startPlatform();
  redis = new Redis(platform.redisUrl, { maxRetriesPerRequest: null, disconnectTimeout: 100 });
  queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
  upstream = await startUpstream(({ path }, response) => {
    const answer = () => response.setHeader('content-type', 'application/json').end(`{"number":"of ${path}"}`);
    if (path === '/slow') answerSlow = answer;
    else answer();
  });
  tenant = await createTenant(platform, 'Neighbour');
  servers = {
    own: (await deployServer(platform, 'orders', document(upstream.url))).id,
    foreign: (await deployServer({ ...platform, ...tenant }, 'orders', document(upstream.url))).id,
  };
}, 60_000);

afterAll(async () => {
  await queue?.close();
  redis?.disconnect();
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

type Envelope = Record<'tenant' | 'replyTo' | 'sealed' | 'epoch', string> & { deadline: number };

/** Starts a call and returns it with its job. */
async function startSlowCall() {
  const arrived = upstream.nextRequest();
  const answer = callPlainly(platform, servers.own, 'order_slowly');
  await arrived;
  const [job] = await queue.getActive();
  return { answer, callId: job?.id ?? '', envelope: job?.data as Envelope };
}

const countLogged = (text: string) => platform.logs().split(text).length - 1;
const numberOf = async (call: ReturnType<typeof callPlainly>) => (await call).result?.structuredContent['number'];
const orderQuickly = (serverId = servers.own, headers = {}) =>
  callPlainly(platform, serverId, 'order_quick', {}, { headers });

describe('B120: a job that no edge made reaches no upstream and no tenant', () => {
  const strangers = { replyTo: 'stranger', sealed: 'local.AAAA', epoch: 'e' };

  test.each<[string, (captured: Envelope) => Envelope]>([
    ['made up', () => ({ ...strangers, tenant: 'ws_default', deadline: Date.now() + 30_000 })],
    ['captured and put in once more under another id', (captured) => captured],
    ['captured and re-addressed to another tenant', (captured) => ({ ...captured, tenant: tenant.workspaceId })],
    ['captured, with a later deadline', (captured) => ({ ...captured, deadline: captured.deadline + 60_000 })],
    [
      'captured, with the stranger as the recipient of the answer',
      (captured) => ({ ...captured, replyTo: 'stranger' }),
    ],
  ])('%s', async (_what, forge) => {
    const received: string[] = [];
    const listener = new Redis(platform.redisUrl, { disconnectTimeout: 100 });
    await listener.subscribe('tp:replies:calls:stranger');
    listener.on('message', (_channel, message: string) => received.push(message));
    const { answer, envelope } = await startSlowCall();
    const seen = upstream.requests.length;
    const rejected = countLogged('envelope_rejected');
    const callId = randomUUID();
    await queue.add('call', forge(envelope), { jobId: callId, removeOnComplete: true });
    await until(async () => countLogged('envelope_rejected') > rejected);
    expect(await redis.exists(`tp:reply:calls:${callId}`, `tp:fence:calls:${callId}`)).toBe(0);
    expect(upstream.requests.length).toBe(seen);
    expect(received).toEqual([]);
    listener.disconnect();
    answerSlow();
    expect(await numberOf(answer)).toBe('of /slow');
  });

  test('replayed after it ended', async () => {
    const { answer, callId, envelope } = await startSlowCall();
    answerSlow();
    await answer;
    await until(async () => (await queue.getJob(callId)) === undefined);
    const seen = upstream.requests.length;
    const refused = countLogged('already_started');
    await queue.add('call', envelope, { jobId: callId, removeOnComplete: true });
    await until(async () => countLogged('already_started') > refused);
    expect(upstream.requests.length).toBe(seen);
  });
});

test('B121: a reply that is made up, or captured from another call, is not delivered', async () => {
  const first = await startSlowCall();
  answerSlow();
  await first.answer;
  const captured = (await redis.get(`tp:reply:calls:${first.callId}`)) ?? '';
  expect(captured).toContain(first.callId);
  const { answer, callId, envelope } = await startSlowCall();
  const forged = [`${callId} local.AAAA`, captured, captured.replace(first.callId, callId)];
  for (const reply of forged) {
    await redis.set(`tp:reply:calls:${callId}`, reply);
    expect(await redis.publish(`tp:replies:calls:${envelope.replyTo}`, reply)).toBe(1);
  }
  // A worker sends no reply if one already exists, so an attacker can hold a reply back. The forged reply is deleted
  // here, so that the worker's reply arrives last.
  await redis.del(`tp:reply:calls:${callId}`);
  answerSlow();
  expect(await numberOf(answer)).toBe('of /slow');
});

describe('a forged document is not accepted, and what was published before stays in use (T33)', () => {
  test('a manifest: changed, older, signed by another key, of another server', async () => {
    const key = `tp:manifest:${servers.own}`;
    const older = (await redis.get(key)) ?? '';
    const definition = document(upstream.url, 'newer');
    await platform.rest.call('POST', `/mcp-servers/${servers.own}/deploy`, { definition });
    await until(async () => (await numberOf(orderQuickly())) === 'of /newer');
    const current = (await redis.get(key)) ?? '';
    const ofAnother = (await redis.get(`tp:manifest:${servers.foreign}`)) ?? '';
    const changed = changePayload(current, (text) => text.replace('order_quick', 'steal_quick'));
    for (const text of [changed, older, await signByStranger(current), ofAnother, 'nonsense']) {
      await redis.set(key, text);
      await redis.publish('tp:changes', `manifest ${servers.own}`);
      expect(await listToolNames(platform, servers.own)).toEqual(['order_quick', 'order_slowly']);
      expect(await numberOf(orderQuickly())).toBe('of /newer');
    }
    await redis.set(key, current);
  });

  test('a plan: changed in one byte, or another one under its digest', async () => {
    const { id } = await deployServer(platform, 'fresh', document(upstream.url, 'fresh'));
    const [digest, otherDigest] = await readPlanDigests(id);
    const [key, other] = [`tp:plan:${digest}`, `tp:plan:${otherDigest}`];
    const plan = (await redis.get(key)) ?? '';
    const seen = upstream.requests.length;
    const forged = [
      changePayload(plan, (text) => text.replace('/fresh', '/fresj')),
      await signByStranger(plan),
      (await redis.get(other)) ?? '',
    ];
    for (const text of forged) {
      await redis.set(key, text);
      const { result } = await orderQuickly(id);
      expect(result).toMatchObject({ isError: true, structuredContent: { code: 'config_unavailable' } });
    }
    expect(upstream.requests.length).toBe(seen);
    await redis.set(key, plan);
    expect(await numberOf(orderQuickly(id))).toBe('of /fresh');
  });

  test('an API key: with more permissions, of another key, or brought back after it was revoked', async () => {
    type Shown = { id: string; key: string };
    const made = await platform.rest.call<Shown>('POST', '/api-keys', { name: 'x', permissions: ['servers:read'] });
    const { id = '', key = '' } = made ?? {};
    const record = (await redis.get(`tp:api-key:${id}`)) ?? '';
    const headers = { 'x-api-key': key };
    const seen = upstream.requests.length;
    const statusOf = async () => (await orderQuickly(servers.own, headers)).status;
    const before = await statusOf();
    expect(before).toBeGreaterThanOrEqual(400);
    const strong = platform.apiKey.split('_')[2] ?? '';
    const forged = [
      changePayload(record, (text) => text.replace('servers:read', 'tools:call","servers:read')),
      await signByStranger(record, (text) => text.replace('servers:read', 'tools:call')),
      (await redis.get(`tp:api-key:${strong}`)) ?? 'nonsense',
    ];
    for (const text of forged) {
      await redis.set(`tp:api-key:${id}`, text);
      await redis.publish('tp:changes', `api-key ${id}`);
      expect(await statusOf()).toBe(before);
    }
    await platform.rest.call('DELETE', `/api-keys/${id}`);
    await until(async () => (await statusOf()) === 401);
    for (const bringBack of [() => redis.set(`tp:api-key:${id}`, record), () => redis.del(`tp:api-key:${id}`)]) {
      await bringBack();
      await redis.publish('tp:changes', `api-key ${id}`);
      expect(await statusOf()).toBe(401);
    }
    await redis.set(`tp:api-key:${id}`, record);
    expect(await statusOf()).toBe(401);
    expect(upstream.requests.length).toBe(seen);
  });

  test('the slug of a server: it leads to nobody else’s server', async () => {
    await redis.set('tp:slug:ws_default:orders', servers.foreign);
    expect(await listToolNames(platform, 'orders')).toEqual([]);
    await redis.set('tp:slug:ws_default:orders', servers.own);
    expect(await listToolNames(platform, 'orders')).toEqual(['order_quick', 'order_slowly']);
  });
});

async function readPlanDigests(serverId: string): Promise<string[]> {
  const manifest = payloadOf((await redis.get(`tp:manifest:${serverId}`)) ?? '');
  return [...manifest.matchAll(/"planDigest":"([^"]+)"/g)].map(([, digest = '']) => digest);
}

const payloadOf = (signed: string) => Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString();

/** Changes the payload of a signed document and keeps its signature. */
function changePayload(signed: string, change: (text: string) => string): string {
  const [header = '', , signature = ''] = signed.split('.');
  const text = payloadOf(signed);
  const changed = change(text);
  expect(changed).not.toBe(text);
  return [header, Buffer.from(changed).toString('base64url'), signature].join('.');
}

/** Signs a changed document, with a higher revision, by the attacker's own key. */
async function signByStranger(signed: string, change = (text: string) => text): Promise<string> {
  const payload = JSON.parse(change(payloadOf(signed)));
  const stranger = await createSigner((await generateSigningKeys()).privateJwk);
  return stranger.sign({ ...payload, revision: 1_000_000 });
}
