import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { succeeded, type ToolCall } from '@toolplane/contracts';
import { openStream } from './event-reader.ts';
import { openSession } from './legacy-session.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* The user of a request is determined when the request arrives, whatever it asks for. */

let edge: TestEdge;
let other: Replica;

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const tools = [{ ...echoTool, ...plan }, { ...echoTool, ...plan, name: 'connected', usesConnection: true } as const];
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const connected = { ...call({}), params: { name: 'connected', arguments: { text: 'a' } } };

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
  await edge.publishServer({ tools });
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(async () => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded({ user: (body as ToolCall).caller.username ?? null });
  await edge.publishUserRules({});
  // Wait until both edges accept the user, whatever the previous test published.
  await answers(200, 'ada');
  while ((await fetch(`${other.url}/mcp/${edge.serverId}`, listAs('ada'))).status !== 200);
});

const listAs = (username: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-api-key': edge.key, 'x-username': username },
  body: JSON.stringify(list),
});
const postAs = (username: string, message: object = list, options: object = {}) =>
  edge.post(message, { headers: { 'x-username': username }, ...options });

/** Waits until the edge has received what was published. */
async function answers(status: number, username: string): Promise<void> {
  let answered: number;
  do answered = (await postAs(username)).status;
  while (answered !== status);
}

describe('a malformed name is refused, even where nothing depends on it, and is not quoted (B036)', () => {
  test.each([
    ['a space', 'canary name'],
    ['a path', '../canary'],
    ['nothing', ''],
    ['10 kB', 'canary'.repeat(1700)],
    ['a letter that is not ASCII', 'canary\u00e9'],
  ])('%s', async (_name, username) => {
    for (const message of [list, call({ text: 'a' }), connected]) {
      const { status, body, text } = await postAs(username, message);
      expect([status, body.error.data.code]).toEqual([400, 'invalid_request']);
      expect(body.error.message).toContain('x-username');
      expect(text).not.toContain('canary');
    }
    expect(edge.calls).toEqual([]);
  });
});

test('a key that may not speak for users works without a name, and is refused with one (T31, B037)', async () => {
  const { key } = await edge.publishKey({ mayAssertUser: false });
  expect((await edge.post(connected, { key })).body.result.structuredContent).toEqual({ user: null });
  const { status, body } = await postAs('ada', connected, { key });
  expect([status, body.error.data.code]).toEqual([403, 'forbidden']);
  expect(edge.calls).toHaveLength(1);
});

test('a caller without a key cannot name a user (B037)', async () => {
  const serverId = `${edge.serverId}_public`;
  await edge.publishServer({ tools, serverId, slug: `${edge.slug}-public`, isPublic: true });
  const path = `/mcp/${serverId}`;
  const { status, body } = await postAs('ada', list, { path, key: '' });
  expect([status, body.error.data.code]).toEqual([400, 'invalid_request']);
});

describe('a deactivated user', () => {
  test('gets 403 on every edge as soon as that is published, and is admitted again in the same way', async () => {
    expect((await postAs('ada', connected)).body.result.structuredContent).toEqual({ user: 'ada' });
    await edge.publishUserRules({ deactivated: [edge.digestOf('ada')] });
    await answers(403, 'ada');
    const { status, body } = await postAs('ada', connected, { path: `/mcp/${edge.slug}` });
    expect([status, body.error]).toEqual([403, expect.objectContaining({ data: { code: 'forbidden' } })]);
    expect((await postAs('Ada')).status).toBe(200);
    expect((await edge.post(list)).status).toBe(200);
    await edge.publishUserRules({});
    await answers(200, 'ada');
  });

  test('loses the open stream, and nobody else does', async () => {
    const open = (username: string) =>
      openStream(`${other.url}/mcp/${edge.serverId}/sse`, {
        headers: { accept: 'text/event-stream', 'x-api-key': edge.key, 'x-username': username },
      });
    const [ofAda, ofBob] = [await open('ada'), await open('bob')];
    for (const stream of [ofAda, ofBob]) await stream.next();
    await edge.publishUserRules({ deactivated: [edge.digestOf('ada')] });
    expect(await ofAda.next()).toBeUndefined();
    await edge.publishServer({ tools: [] });
    expect((await ofBob.next())?.message).toMatchObject({ method: 'notifications/tools/list_changed' });
    ofBob.leave();
    await edge.publishServer({ tools });
  });
});

test('a workspace that refuses unknown users accepts those who have a record (B036)', async () => {
  await edge.publishUser('carl', 'active');
  await edge.publishUser('dora', 'deactivated');
  await edge.publishUserRules({ unknownUsers: 'refuse' });
  await answers(404, 'ada');
  const { body } = await postAs('ada', connected);
  expect(body.error.data.code).toBe('not_found');
  expect((await postAs('carl', connected)).body.result.structuredContent).toEqual({ user: 'carl' });
  expect((await postAs('dora', connected)).status).toBe(403);
  expect((await edge.post(connected)).body.result.structuredContent).toEqual({ user: null });
  await edge.publishUser('carl', 'deactivated');
  await answers(403, 'carl');
});

test('without published rules no user of the workspace may be named: deleting them admits nobody (T33)', async () => {
  const { key, record } = await edge.publishKey({ workspaceId: `${edge.workspaceId}_new` });
  const serverId = `${edge.serverId}_new`;
  await edge.publishServer({ tools, serverId, slug: `${edge.slug}-new`, workspaceId: record.workspaceId });
  const path = `/mcp/${serverId}`;
  const { status, body } = await postAs('ada', list, { path, key });
  expect([status, body.error.data.code]).toEqual([503, 'config_unavailable']);
  expect((await edge.post(list, { path, key })).status).toBe(200);
});

test('a legacy session belongs to one user of its key: with another name, or none, it is unknown (T31)', async () => {
  const session = await openSession(edge, { headers: { 'x-username': 'ada' } });
  const statusOf = async (user: Record<string, string>) =>
    (await edge.post(list, { headers: { ...session, ...user } })).status;
  expect(await statusOf({ 'x-username': 'ada' })).toBe(200);
  expect(await statusOf({ 'x-username': 'bob' })).toBe(404);
  expect(await statusOf({})).toBe(404);
});

test('an idempotency key belongs to one user of its API key, even for a tool without a connection (T31)', async () => {
  const keyed = { 'idempotency-key': `key-${process.pid}` };
  const callFor = (user: Record<string, string>) => edge.post(call({ text: 'a' }), { headers: { ...keyed, ...user } });
  for (const user of [{ 'x-username': 'ada' }, { 'x-username': 'bob' }, {}, { 'x-username': 'ada' }]) {
    expect((await callFor(user as Record<string, string>)).body.result.isError).toBeUndefined();
  }
  expect(edge.calls).toHaveLength(3);
});

test('only a server that shares connections tells the data plane that it does (T31, B036)', async () => {
  await postAs('ada', connected);
  await edge.publishServer({ tools, sharesConnections: true });
  do await postAs('ada', connected);
  while (edge.calls.at(-1)?.caller.onlyOwn === true);
  expect(edge.calls[0]?.caller).toMatchObject({ username: 'ada', onlyOwn: true });
  await edge.publishServer({ tools });
});
