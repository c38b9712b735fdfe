import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { succeeded, type Tool, type ToolCall } from '@toolplane/contracts';
import { openStream } from './event-reader.ts';
import { openSession } from './legacy-session.ts';
import { ask, canAll, knowsTasks, type ModernOptions } from './modern-client.ts';
import { accepted, askFor, form } from './questions.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/* Tools whose requests carry the credentials of an instance: the caller determines whose credentials these are. */

let edge: TestEdge;
let other: Replica;
let keyId: string;
let keyCount = 0;

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const connected = { ...echoTool, ...plan, usesConnection: true } as const;
const tools: Tool[] = [
  { ...echoTool, ...plan },
  { ...connected, name: 'connected' },
  { ...connected, name: 'asking', asks: true },
  { ...connected, name: 'confirm', asks: true, task: 'required', asksInTask: 'within' },
];
const capabilities = { ...canAll, ...knowsTasks };
const authorization = 'Bearer canary-0123456789';

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
  const { key, record } = await edge.publishKey({});
  edge.key = key;
  keyId = record.keyId;
  await edge.publishServer({ tools });
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) =>
    succeeded({ user: (body as ToolCall).caller.username ?? null, run: edge.calls.length });
});

const callTool = (name: string, headers: Record<string, string>, options: ModernOptions = {}, extra: object = {}) =>
  ask(edge, 'tools/call', { name, arguments: { text: 'a' }, ...extra }, { capabilities, headers, ...options });
const newKey = () => ({ meta: { 'io.toolplane/idempotency-key': `key-${process.pid}-${++keyCount}` } });

describe('the caller is passed along with a call of a tool that uses a connection', () => {
  const headers = { 'X-Username': 'ada', 'X-Upstream-Authorization': authorization };
  const user = () => ({ username: 'ada', onlyOwn: true, agentId: keyId });
  const caller = () => ({ config: {}, ...user(), upstreamAuthorization: authorization });

  test('on the hot path and on the long way, in both eras, and with no other tool', async () => {
    await callTool('connected', headers);
    await callTool('connected', headers, newKey());
    await edge.post({ ...call({}), params: { name: 'connected', arguments: { text: 'a' } } }, { headers });
    await callTool('echo', headers);
    await callTool('echo', headers, newKey());
    expect(edge.calls.map((it) => it.caller)).toEqual([...Array(3).fill(caller()), { config: {} }, { config: {} }]);
  });

  test('with credentials of up to 16 KiB', async () => {
    await callTool('connected', { ...headers, 'X-Upstream-Authorization': 'a'.repeat(16_384) });
    expect(edge.calls[0]?.caller.upstreamAuthorization).toHaveLength(16_384);
  });

  test('but a malformed header is refused, without being quoted', async () => {
    const { error } = await callTool('connected', { 'x-upstream-authorization': 'canary\u00e4' });
    expect(error).toMatchObject({ code: -32602, data: { code: 'invalid_request' } });
    expect(error.message).toContain('x-upstream-authorization');
    expect(JSON.stringify(error)).not.toContain('canary');
    expect(edge.calls).toEqual([]);
  });

  test('but a caller without a key cannot speak for a user', async () => {
    const serverId = `${edge.serverId}_public`;
    await edge.publishServer({ tools, serverId, slug: `${edge.slug}-public`, isPublic: true });
    const message = { ...call({}), params: { name: 'connected', arguments: { text: 'a' } } };
    const options = { path: `/mcp/${serverId}`, key: '' };
    const named = await edge.post(message, { ...options, headers: { 'x-username': 'ada' } });
    expect(named.body.error.data.code).toBe('invalid_request');
    expect(edge.calls).toEqual([]);
    await edge.post(message, options);
    expect(edge.calls.map((it) => it.caller)).toEqual([{ config: {} }]);
  });
});

describe('an idempotency key', () => {
  test('with other credentials of the caller gives no result that was obtained with the first', async () => {
    const key = newKey();
    await callTool('connected', { 'x-upstream-authorization': authorization }, key);
    for (const headers of [{ 'x-upstream-authorization': 'Bearer other' }, {}]) {
      const { result } = await callTool('connected', headers as Record<string, string>, { ...key, url: other.url });
      expect(result.structuredContent.code).toBe('idempotency_mismatch');
    }
    expect(edge.calls).toHaveLength(1);
  });
});

test.each([
  ['another user', { 'x-username': 'bob', 'x-upstream-authorization': authorization }],
  ['no named user', { 'x-upstream-authorization': authorization }],
  ['other credentials', { 'x-username': 'ada', 'x-upstream-authorization': 'Bearer other' }],
])('a request state cannot be used with %s', async (_name, headers) => {
  askFor(edge, { sure: form });
  const own = { 'x-username': 'ada', 'x-upstream-authorization': authorization };
  const { result } = await callTool('asking', own);
  const { requestState } = result;
  const answered = { inputResponses: { sure: accepted }, requestState };
  expect((await callTool('asking', headers as Record<string, string>, {}, answered)).error.code).toBe(-32602);
  const done = await callTool('asking', own, { url: other.url }, answered);
  expect(done.result.structuredContent).toEqual({ answers: { sure: accepted } });
  expect(edge.calls.at(-1)?.caller).toMatchObject({ username: 'ada', upstreamAuthorization: authorization });
});

describe('a task', () => {
  const begin = async (headers: Record<string, string>): Promise<string> => {
    askFor(edge, { sure: form });
    const { taskId } = (await callTool('confirm', headers)).result;
    return taskId;
  };
  const get = (taskId: string, headers: Record<string, string>) =>
    ask(edge, 'tasks/get', { taskId }, { capabilities, headers, url: other.url });
  const settled = async (taskId: string, headers: Record<string, string>) => {
    for (;;) {
      const { result } = await get(taskId, headers);
      if (result.status !== 'working') return result;
    }
  };

  test('continues for the user who started it, and is unknown to others', async () => {
    const headers = { 'x-username': 'ada' };
    const taskId = await begin(headers);
    await settled(taskId, headers);
    for (const others of [{ 'x-username': 'bob' }, {}]) {
      expect((await get(taskId, others as Record<string, string>)).error.code).toBe(-32602);
    }
    const inputResponses = { sure: accepted };
    await ask(edge, 'tasks/update', { taskId, inputResponses }, { capabilities, headers, url: other.url });
    expect(await settled(taskId, headers)).toMatchObject({ status: 'completed' });
    const caller = { config: {}, username: 'ada', onlyOwn: true, agentId: keyId };
    expect(edge.calls.map((it) => it.caller)).toEqual([caller, caller]);
  });

  test('does not keep the credentials of its caller, and says so when a later call would need them', async () => {
    const taskId = await begin({ 'x-upstream-authorization': authorization });
    await settled(taskId, {});
    await ask(edge, 'tasks/update', { taskId, inputResponses: { sure: accepted } }, { capabilities });
    const { status, result } = await settled(taskId, {});
    expect(status).toBe('completed');
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { code: 'credentials_missing', outcome: 'not_started' },
    });
    expect(edge.calls.map((it) => it.caller.upstreamAuthorization)).toEqual([authorization]);
  });
});

describe('a change in the credentials that tools run with is announced', () => {
  const streamHeaders = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const reported = { method: 'notifications/tools/list_changed' };

  test('to a client of the legacy era', async () => {
    await edge.publishServer({ tools, toolsetVersion: 1 });
    const session = await openSession(edge);
    const stream = await openStream(`${other.url}/mcp/${edge.serverId}`, {
      headers: { accept: 'text/event-stream', 'x-api-key': edge.key, ...session },
    });
    await stream.next();
    await edge.publishServer({ tools, toolsetVersion: 2 });
    expect((await stream.next())?.message).toMatchObject(reported);
    stream.leave();
  });

  test('to a client of the modern era', async () => {
    await edge.publishServer({ tools, toolsetVersion: 3 });
    const params = { notifications: { toolsListChanged: true }, _meta: modern.meta };
    const stream = await openStream(`${other.url}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: { ...streamHeaders, 'x-api-key': edge.key, ...modern.headers('subscriptions/listen') },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
    });
    await stream.next();
    await edge.publishServer({ tools, toolsetVersion: 4 });
    expect((await stream.next())?.message).toMatchObject(reported);
    stream.leave();
  });
});
