import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Tool } from '@toolplane/contracts';
import { openStream } from './event-reader.ts';
import { ask } from './modern-client.ts';
import { listTools, policyOf } from './policies.ts';
import { call, echoTool, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * A tool that a caller could not call is invisible to that caller: it is not listed, and calls are answered as if it
 * did not exist.
 */

let edge: TestEdge;

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const toolOf = (name: string, extra: Partial<Tool> = {}): Tool => ({ ...echoTool, ...plan, ...extra, name });
const tools = [
  toolOf('read'),
  toolOf('write', { annotations: {} }),
  toolOf('wipe', { annotations: { destructiveHint: true } }),
  toolOf('long', { task: 'required', annotations: { readOnlyHint: true } }),
];
const readOnly = { annotations: { readOnlyHint: true } };

beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(async () => {
  edge.calls.length = 0;
  await edge.publishServer({ tools });
});

const callTool = (name: string, key = edge.key) => edge.post(call({ text: 'a' }, { name }), { key });

describe('with a policy', () => {
  test('each caller is shown what it can call, in both eras: by key, agent, user and without a key', async () => {
    const agent = await edge.publishKey({ agentId: 'agt_1' });
    const other = await edge.publishKey({});
    const rules = [
      { id: 'everybody', effect: 'allow' as const, tools: readOnly },
      { id: 'agent', effect: 'allow' as const, callers: { agents: ['agt_1'] } },
      { id: 'key', effect: 'allow' as const, tools: { names: ['wr*'] }, callers: { keys: [other.record.keyId] } },
      { id: 'ada', effect: 'allow' as const, tools: { names: ['wipe'] }, callers: { users: ['ada@*'] } },
      {
        id: 'strangers',
        effect: 'deny' as const,
        tools: { names: ['long'] },
        callers: { kinds: ['anonymous' as const] },
      },
    ];
    await edge.publishServer({ tools, isPublic: true, policy: policyOf({ unmatched: 'deny', rules }) });
    expect(await listTools(edge)).toEqual(['long', 'read']);
    expect(await listTools(edge, { key: agent.key })).toEqual(['long', 'read', 'wipe', 'write']);
    expect(await listTools(edge, { key: other.key })).toEqual(['long', 'read', 'write']);
    expect(await listTools(edge, { headers: { 'x-username': 'ada@example.com' } })).toEqual(['long', 'read', 'wipe']);
    const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { key: '' });
    expect(body.result.tools.map(({ name }: Tool) => name)).toEqual(['read']);
    expect((await callTool('write', other.key)).body.result.isError).toBeUndefined();
    expect(edge.calls).toHaveLength(1);
  });

  test('a hidden tool is answered exactly like one that does not exist, on both paths and in both eras', async () => {
    const policy = policyOf({ rules: [{ id: 'no', effect: 'deny', tools: { names: ['w*', 'long'] } }] });
    await edge.publishServer({ tools, policy });
    const unknown = await callTool('nothing');
    expect(unknown.body.error.code).toBe(-32602);
    for (const name of ['write', 'wipe', 'long']) {
      expect(await callTool(name)).toMatchObject({ status: unknown.status, text: unknown.text });
      const params = { name, arguments: { text: 'a' } };
      const ofNothing = await ask(edge, 'tools/call', { ...params, name: 'nothing' });
      expect(await ask(edge, 'tools/call', params)).toEqual(ofNothing);
      const keyed = { headers: { 'idempotency-key': `k-${name}` } };
      expect((await ask(edge, 'tools/call', params, keyed)).error).toEqual(ofNothing.error);
    }
    expect(edge.calls).toEqual([]);
    // The declared capabilities of the server do not reveal the tool.
    const { result } = await ask(edge, 'server/discover', {});
    expect(result.capabilities.extensions).toBeUndefined();
  });

  test('callers who see the same tools share their lists, and what differs is never in a shared cache', async () => {
    const policy = policyOf({
      rules: [{ id: 'no', effect: 'deny', tools: { names: ['w*'] }, callers: { users: ['*'] } }],
    });
    await edge.publishServer({ tools, isPublic: true, policy });
    const scopeOf = async (username?: string) =>
      (await ask(edge, 'tools/list', {}, { headers: username === undefined ? {} : { 'x-username': username } })).result
        .cacheScope;
    expect([await scopeOf(), await scopeOf('ada')]).toEqual(['private', 'private']);
    await edge.publishServer({ tools, isPublic: true });
    expect(await scopeOf()).toBe('public');
  });

  test('a page after a cursor does not show hidden tools either', async () => {
    const policy = policyOf({ rules: [{ id: 'no', effect: 'deny', tools: { names: ['wipe'] } }] });
    await edge.publishServer({ tools, policy });
    const cursor = Buffer.from('tools read').toString('base64url');
    const { result } = await ask(edge, 'tools/list', { cursor });
    expect(result.tools.map(({ name }: Tool) => name)).toEqual(['write']);
  });

  test('a tool that can be called with some arguments, or once it is approved, is listed', async () => {
    const schema = { properties: { text: { const: 'x' } } };
    const rules = [
      { id: 'some', effect: 'allow' as const, tools: { names: ['write'] }, arguments: schema },
      { id: 'not-these', effect: 'deny' as const, tools: { names: ['read'] }, arguments: schema },
      { id: 'ask', effect: 'approve' as const, tools: { names: ['wipe'] } },
      { id: 'read', effect: 'allow' as const, tools: { names: ['read'] } },
    ];
    await edge.publishServer({ tools, policy: policyOf({ unmatched: 'deny', rules }) });
    expect(await listTools(edge)).toEqual(['read', 'wipe', 'write']);
  });

  test('the policy of the server that a tool is taken from also applies, with the names used there', async () => {
    const taken = toolOf('crm__write', { annotations: {}, origin: { serverId: 'srv_crm', name: 'write' } });
    const originPolicies = {
      srv_crm: policyOf({ rules: [{ id: 'no', effect: 'deny', tools: { names: ['write'] } }] }),
    };
    await edge.publishServer({ tools: [...tools, taken], originPolicies });
    expect(await listTools(edge)).toEqual(['long', 'read', 'wipe', 'write']);
    const allowed = policyOf({ rules: [{ id: 'yes', effect: 'allow' }] });
    await edge.publishServer({ tools: [...tools, taken], policy: allowed, originPolicies });
    expect(await listTools(edge)).toEqual(['long', 'read', 'wipe', 'write']);
  });
});

describe('a key that is restricted to some', () => {
  test('servers has access to no others: they answer as if they did not exist', async () => {
    const { key } = await edge.publishKey({ servers: ['srv_other'] });
    const refused = await callTool('read', key);
    const path = '/mcp/srv_nothing';
    const unknown = await edge.post(call({ text: 'a' }), { key, path });
    expect([refused.status, refused.text]).toEqual([404, unknown.text]);
    expect((await edge.post(call({ text: 'a' }), { key, path: `/mcp/${edge.slug}` })).status).toBe(404);
    const good = await edge.publishKey({ servers: ['srv_other', edge.serverId] });
    expect((await callTool('read', good.key)).status).toBe(200);
  });

  test('tools has access to no others, even where there is no policy', async () => {
    const { key } = await edge.publishKey({ tools: ['r*', 'long'] });
    expect(await listTools(edge, { key })).toEqual(['long', 'read']);
    expect((await callTool('write', key)).text).toBe((await callTool('nothing', key)).text);
    expect((await callTool('read', key)).body.result.isError).toBeUndefined();
    expect(await listTools(edge)).toEqual(['long', 'read', 'wipe', 'write']);
  });
});

test('listeners are told when a policy or their key changes what they see, and only then', async () => {
  const agent = await edge.publishKey({ agentId: 'agt_2' });
  const listen = async (key: string) => {
    const params = { notifications: { toolsListChanged: true }, _meta: modern.meta };
    const stream = await openStream(`${edge.url}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'x-api-key': key,
        ...modern.headers('subscriptions/listen'),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 'l', method: 'subscriptions/listen', params }),
    });
    await stream.next();
    return stream;
  };
  const restricted = await edge.publishKey({ tools: ['read'] });
  const [ofAgent, ofOther, ofRestricted] = [
    await listen(agent.key),
    await listen(edge.key),
    await listen(restricted.key),
  ];
  const denied = (agentId: string) =>
    policyOf({ rules: [{ id: 'no', effect: 'deny', tools: { names: ['w*'] }, callers: { agents: [agentId] } }] });
  await edge.publishServer({ tools, policy: denied('agt_2') });
  expect((await ofAgent.next())?.message.method).toBe('notifications/tools/list_changed');
  // The next notification that the others receive is about a change for them.
  await edge.publishServer({ tools: [toolOf('first'), ...tools], policy: denied('agt_2') });
  expect((await ofOther.next())?.message.method).toBe('notifications/tools/list_changed');
  expect((await ofAgent.next())?.message.method).toBe('notifications/tools/list_changed');
  await edge.publishServer({ tools: [], policy: denied('agt_2') });
  expect((await ofRestricted.next())?.message.method).toBe('notifications/tools/list_changed');
  expect((await ofOther.next())?.message.method).toBe('notifications/tools/list_changed');
  expect((await ofAgent.next())?.message.method).toBe('notifications/tools/list_changed');
  await edge.publishServer({ tools: [], state: 'stopped' });
  for (const stream of [ofAgent, ofOther, ofRestricted]) {
    const rest = await stream.rest();
    expect(rest.filter(({ message }) => message?.method !== undefined)).toEqual([]);
  }
});
