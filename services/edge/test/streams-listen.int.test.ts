import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApiKeyRecord, Manifest } from '@toolplane/contracts';
import { openStream, type TestStream } from './event-reader.ts';
import type { Replica } from './replica.ts';
import { modern, startTestEdge, type TestEdge } from './test-edge.ts';

/* `subscriptions/listen` of MCP 2026-07-28. */

let edge: TestEdge;
let other: Replica;

const plan = { planDigest: 'd1', deadlineMs: 5000 };
const menu = { uri: 'night://menu', name: 'menu', ...plan };
const timetable = { uri: 'night://timetable', name: 'timetable', ...plan };
const greet = { name: 'greet', arguments: [], ...plan };
const served: Partial<Manifest> = { resources: [menu, timetable], prompts: [greet] };
const idKey = 'io.modelcontextprotocol/subscriptionId';

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
});
beforeEach(async () => edge.publishServer(served));
afterAll(async () => edge[Symbol.asyncDispose]());

function listen(
  notifications: unknown,
  { key = edge.key, url = other.url, id = 'l1' as string | number } = {},
): Promise<TestStream> {
  const params = { notifications, _meta: modern.meta };
  return openStream(`${url}/mcp/${edge.serverId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-api-key': key,
      ...modern.headers('subscriptions/listen'),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params }),
  });
}

test('acknowledges first what it will report: what was requested and the server has', async () => {
  await edge.publishServer({ resources: [menu] });
  const stream = await listen({
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: false,
    resourceSubscriptions: [menu.uri, menu.uri],
    unknownMember: true,
  });
  expect((await stream.next())?.message).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: {
      notifications: { toolsListChanged: true, resourceSubscriptions: [menu.uri] },
      _meta: { [idKey]: 'l1' },
    },
  });
  stream.leave();
});

test('reports what was requested and nothing else, each message with the id of the subscription', async () => {
  const stream = await listen({ promptsListChanged: true, resourceSubscriptions: [menu.uri] }, { id: 7 });
  await stream.next();
  const tenant = { serverId: 'srv_other', slug: 'other', workspaceId: 'ws_other' };
  await edge.publishServer({ ...tenant, prompts: [] });
  await edge.publishServer({ ...served, tools: [], resources: [menu, { ...timetable, planDigest: 'd2' }] });
  await edge.publishServer({ ...served, prompts: [greet, { ...greet, name: 'part' }] });
  await edge.publishServer({ ...served, prompts: [greet, { ...greet, name: 'part' }], resources: [timetable] });
  const _meta = { [idKey]: 7 };
  expect([await stream.next(), await stream.next()].map((event) => event?.message)).toEqual([
    { jsonrpc: '2.0', method: 'notifications/prompts/list_changed', params: { _meta } },
    { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: menu.uri, _meta } },
  ]);
  stream.leave();
});

const graceful = (id: string) => ({
  jsonrpc: '2.0',
  id,
  result: { resultType: 'complete', _meta: expect.objectContaining({ [idKey]: id }) },
});

async function revokeAndStop(record: ApiKeyRecord): Promise<void> {
  await edge.publishKey({ ...record, revision: 2, state: 'revoked' });
  await edge.publishServer({ state: 'stopped' });
}

describe('ends with a result that names the subscription', () => {
  test.each<[string, (key: Awaited<ReturnType<TestEdge['publishKey']>>) => Promise<unknown>]>([
    ['when the key is revoked', ({ record }) => edge.publishKey({ ...record, revision: 2, state: 'revoked' })],
    ['when the key is revoked and the server stopped', ({ record }) => revokeAndStop(record)],
  ])('%s', async (_name, change) => {
    const key = await edge.publishKey({});
    const stream = await listen({ toolsListChanged: true }, { key: key.key });
    await stream.next();
    await change(key);
    expect((await stream.rest()).map(({ message }) => message)).toEqual([graceful('l1')]);
  });

  test.each([
    ['stopped', ['tools', 'prompts', 'resources']],
    ['deleted', ['tools', 'prompts', 'resources']],
  ] as const)('when the server is %s, after reporting that its lists are now empty', async (state, lists) => {
    const filter = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
    const stream = await listen(filter);
    await stream.next();
    await edge.publishServer({ ...served, state });
    const changed = lists.map((list) => {
      return { jsonrpc: '2.0', method: `notifications/${list}/list_changed`, params: { _meta: { [idKey]: 'l1' } } };
    });
    expect((await stream.rest()).map(({ message }) => message)).toEqual([...changed, graceful('l1')]);
  });

  test('when a server that has only tools is stopped, after reporting only on tools', async () => {
    await edge.publishServer({});
    const stream = await listen({ toolsListChanged: true, promptsListChanged: true });
    await stream.next();
    await edge.publishServer({ state: 'stopped' });
    const [changed, ...rest] = (await stream.rest()).map(({ message }) => message);
    expect([changed.method, rest]).toEqual(['notifications/tools/list_changed', [graceful('l1')]]);
  });

  test('when the edge stops', async () => {
    const replica = await edge.startReplica();
    const stream = await listen({ toolsListChanged: true }, { url: replica.url, id: 'l2' });
    await stream.next();
    const [rest] = await Promise.all([stream.rest(), replica.stop()]);
    expect(rest.map(({ message }) => message)).toEqual([graceful('l2')]);
  });

  test('at once when there is nothing to report', async () => {
    const [acknowledged, ...rest] = (await (await listen({})).rest()).map(({ message }) => message);
    expect(acknowledged.params.notifications).toEqual({});
    expect(rest).toEqual([graceful('l1')]);
  });
});

describe('is refused', () => {
  const ask = (notifications: unknown, headers: Record<string, string> = {}) =>
    edge.post(
      { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { notifications, _meta: modern.meta } },
      { headers: { ...modern.headers('subscriptions/listen'), ...headers } },
    );

  test('without a stream to report on', async () => {
    const { status, body } = await ask({ toolsListChanged: true }, { accept: 'application/json' });
    expect([status, body.error.code]).toEqual([406, -32600]);
  });

  test.each([
    ['not a filter', undefined],
    ['a malformed filter', { toolsListChanged: 'yes' }],
    [
      'more than 100 resources',
      { resourceSubscriptions: Array.from({ length: 101 }, (_, index) => `night://${index}`) },
    ],
  ])('for %s with -32602', async (_name, notifications) => {
    const { body } = await ask(notifications, { accept: 'application/json, text/event-stream' });
    expect(body.error.code).toBe(-32602);
  });
});
