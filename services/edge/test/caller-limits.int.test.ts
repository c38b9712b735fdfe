import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ask } from './modern-client.ts';
import { startLegacyClient } from './policies.ts';
import { accepted, askFor, form, holdCalls } from './questions.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* The work that one key may cause at an edge and that the lease of a call does not limit (T22). */

let edge: TestEdge;

beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
});

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const post = (url: string, key: string, message: unknown = list, headers: Record<string, string> = {}) =>
  fetch(`${url}/mcp/${edge.serverId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
    body: JSON.stringify(message),
  });

describe('a key that sends requests too fast (T22)', () => {
  test('gets 429 with a retry time before the users that it names are recorded; other keys are unaffected', async () => {
    const { url, parts } = await edge.startReplica({ requestsPerSecond: 1 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(url, edge.key)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(20);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused[0]?.json()).toMatchObject({ error: { code: 1429, data: { code: 'rate_limited' } } });
    const noted: string[] = [];
    const note = parts.seenUsers.note;
    parts.seenUsers.note = (user) => void noted.push(user.username);
    expect((await post(url, edge.key, list, { 'x-username': 'eve' })).status).toBe(429);
    const { key } = await edge.publishKey({});
    expect((await post(url, key, list, { 'x-username': 'ann' })).status).toBe(200);
    parts.seenUsers.note = note;
    expect(noted).toEqual(['ann']);
  });

  test('gains nothing by sending batches', async () => {
    const { url } = await edge.startReplica({ requestsPerSecond: 1 });
    const batch = Array.from({ length: 20 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
    expect([await post(url, edge.key, batch), await post(url, edge.key)].map(({ status }) => status)).toEqual([
      200, 429,
    ]);
  });
});

test('a key may have only so many POSTs under way, whatever they wait for, and another when one ends (T22)', async () => {
  const { url } = await edge.startReplica({ postsMax: 1 });
  const held = holdCalls(edge);
  const first = post(url, edge.key, call({ text: 'a' }));
  await held.started;
  expect((await post(url, edge.key)).status).toBe(429);
  expect((await post(url, (await edge.publishKey({})).key)).status).toBe(200);
  held.release();
  expect((await first).status).toBe(200);
  let status = 429;
  // The client receives its answer slightly before the edge has finished the request.
  while (status === 429) ({ status } = await post(url, edge.key));
  expect(status).toBe(200);
});

test('the answers that calls wait for get through while these calls use the whole limit of their key (T22)', async () => {
  await using full = await startTestEdge({ postsMax: 3 });
  const plan = { planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };
  await full.publishServer({ tools: [{ ...echoTool, ...plan, asks: true }] });
  askFor(full, { ok: form });
  const client = await startLegacyClient(full, { elicitation: {} });
  const meta = { 'io.toolplane/idempotency-key': `full-${full.serverId}` };
  const next = await client.call('echo', { text: 'a' }, { _meta: meta });
  const question = await next();
  const again = () => ask(full, 'tools/call', { name: 'echo', arguments: { text: 'a' } }, { meta });
  const waiting = Array.from({ length: 10 }, again);
  while ((await full.post(list)).status !== 429);
  expect((await client.notify('notifications/cancelled', { requestId: 'other' })).status).toBe(202);
  expect((await client.respond(question.id, accepted)).status).toBe(202);
  expect((await next()).result).toMatchObject({ structuredContent: { answers: { ok: accepted } } });
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
});
