import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, succeeded, type Tool, type ToolCall } from '@toolplane/contracts';
import { ask, canAll, knowsTasks } from './modern-client.ts';
import { policyOf } from './policies.ts';
import { accepted, askFor, form, holdCalls } from './questions.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* Calls of listed tools that a policy refuses because of their arguments or their frequency. */

let edge: TestEdge;
let other: Replica;

const plan = { planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };
const tools: Tool[] = [
  { ...echoTool, ...plan },
  { ...echoTool, ...plan, name: 'asks', asks: true },
  { ...echoTool, ...plan, name: 'long', task: 'optional' },
  { ...echoTool, ...plan, name: 'slow', task: 'required', asks: true, asksInTask: 'within' },
  { ...echoTool, ...plan, name: 'mail', usesConnection: true },
];

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded((body as ToolCall).arguments);
});

type PolicyInput = Parameters<typeof policyOf>[0];
const publish = (policy: PolicyInput) => edge.publishServer({ tools, policy: policyOf(policy) });
const callEcho = async (callArguments: object = { text: 'a' }, { name = 'echo', key = edge.key, headers = {} } = {}) =>
  (await edge.post(call(callArguments, { name }), { key, headers })).body.result;
const askEcho = async (callArguments: object, options: Parameters<typeof ask>[3] = {}, name = 'echo') =>
  (await ask(edge, 'tools/call', { name, arguments: callArguments }, options)).result;

describe('arguments', () => {
  const many = { properties: { count: { minimum: 10 } } };

  test('that a rule denies are refused before anything is queued, in the words of the rule, in both eras', async () => {
    const description = 'No more than nine at a time';
    await publish({ rules: [{ id: 'few', effect: 'deny', description, arguments: many }] });
    const expected = {
      isError: true,
      structuredContent: {
        code: 'policy_denied',
        message: description,
        details: { rule: 'few' },
        outcome: 'not_started',
      },
    };
    expect(await callEcho({ text: 'a', count: 10 })).toMatchObject(expected);
    expect(await askEcho({ text: 'a', count: 10 })).toMatchObject(expected);
    expect(await askEcho({ text: 'a', count: 10 }, { meta: { progressToken: 1 } })).toMatchObject(expected);
    const capabilities = { ...canAll, ...knowsTasks };
    expect(await askEcho({ text: 'a', count: 10 }, { capabilities }, 'long')).toMatchObject(expected);
    expect(edge.calls).toEqual([]);
    expect((await callEcho({ text: 'a', count: 9 })).structuredContent).toEqual({ text: 'a', count: 9 });
  });

  test('are checked as the tool runs with them: with the defaults of those left out', async () => {
    await publish({ rules: [{ id: 'one', effect: 'deny', arguments: { required: ['count'] } }] });
    expect((await callEcho({ text: 'a' })).structuredContent.details).toEqual({ rule: 'one' });
  });

  test('that do not fit the tool’s schema are reported as such', async () => {
    await publish({ rules: [{ id: 'all', effect: 'deny', arguments: many }] });
    expect((await callEcho({ text: 'a', count: 'ten' })).structuredContent.code).toBe('invalid_arguments');
  });

  test('that no rule allows are refused where everything else is denied', async () => {
    const rules = [{ id: 'few', effect: 'allow' as const, arguments: { properties: { count: { maximum: 3 } } } }];
    await publish({ unmatched: 'deny', rules });
    expect((await callEcho({ text: 'a', count: 3 })).isError).toBeUndefined();
    const refused = await callEcho({ text: 'a', count: 4 });
    expect(refused.structuredContent).toMatchObject({ code: 'policy_denied', details: { rule: 'unmatched' } });
  });

  test('are checked again in the rounds of a task, at any edge', async () => {
    await publish({});
    askFor(edge, { ok: form });
    const capabilities = { ...canAll, ...knowsTasks };
    const { taskId } = await askEcho({ text: 'a' }, { capabilities }, 'slow');
    const get = async () => (await ask(edge, 'tasks/get', { taskId }, { capabilities })).result;
    while ((await get()).status !== 'input_required');
    await publish({ rules: [{ id: 'now', effect: 'deny', arguments: { required: ['text'] } }] });
    await ask(edge, 'tasks/update', { taskId, inputResponses: { ok: accepted } }, { capabilities, url: other.url });
    let task = await get();
    while (!['completed', 'failed'].includes(task.status)) task = await get();
    expect(JSON.stringify(task)).toContain('policy_denied');
    expect(edge.calls).toHaveLength(1);
  });

  test('an idempotency key of a refused call stays free', async () => {
    await publish({ rules: [{ id: 'few', effect: 'deny', arguments: many }] });
    const keyed = { headers: { 'idempotency-key': 'free' } };
    expect((await callEcho({ text: 'a', count: 10 }, keyed)).isError).toBe(true);
    await publish({});
    expect((await callEcho({ text: 'a', count: 10 }, keyed)).isError).toBeUndefined();
  });
});

describe('a limit', () => {
  const limit = (id: string, per: 'caller' | 'user' | 'agent' | 'server', max = 2) => ({
    limits: [{ id, per, calls: { max, seconds: 600 } }],
  });
  const codesOf = (results: { structuredContent: { code?: string } }[]) =>
    results.map(({ structuredContent: { code = 'ok' } }) => code).toSorted();

  test('of calls counts over all edges, and says when the next call is possible', async () => {
    await publish(limit('two', 'caller'));
    const answers = await Promise.all(
      [edge.url, other.url, edge.url, other.url].map((url) => askEcho({ text: 'a' }, { url })),
    );
    expect(codesOf(answers)).toEqual(['ok', 'ok', 'rate_limited', 'rate_limited']);
    const [refused] = answers.filter(({ isError }) => isError);
    expect(refused.structuredContent).toMatchObject({
      code: 'rate_limited',
      details: { limits: ['two'] },
      outcome: 'not_started',
    });
    expect(refused.structuredContent.retry_after_seconds).toBeGreaterThan(1);
    expect(edge.calls).toHaveLength(2);
  });

  test('per caller, user or agent counts each one separately, and all that name none together', async () => {
    const [first, second] = [await edge.publishKey({ agentId: 'agt_1' }), await edge.publishKey({ agentId: 'agt_1' })];
    const as = (username: string, key = first.key) =>
      callEcho({ text: 'a' }, { key, headers: { 'x-username': username } });
    await publish(limit('caller', 'caller', 1));
    expect(codesOf([await as('ada'), await as('bob'), await as('ada', second.key)])).toEqual([
      'ok',
      'ok',
      'rate_limited',
    ]);
    await publish(limit('user', 'user', 1));
    expect(codesOf([await as('ada'), await as('bob', second.key), await as('ada', second.key)])).toEqual([
      'ok',
      'ok',
      'rate_limited',
    ]);
    const unnamed = await callEcho({ text: 'a' }, { key: second.key });
    expect(codesOf([unnamed, await callEcho()])).toEqual(['ok', 'rate_limited']);
    await publish(limit('agent', 'agent', 1));
    expect(codesOf([await as('ada'), await as('ada', second.key), await callEcho()])).toEqual([
      'ok',
      'ok',
      'rate_limited',
    ]);
    await publish(limit('server', 'server', 1));
    expect(codesOf([await as('ada'), await callEcho()])).toEqual(['ok', 'rate_limited']);
  });

  test('for callers without a key counts each network', async () => {
    await edge.publishServer({ tools, isPublic: true, policy: policyOf(limit('strangers', 'caller', 1)) });
    expect(codesOf([await callEcho({ text: 'a' }, { key: '' }), await callEcho({ text: 'a' }, { key: '' })])).toEqual([
      'ok',
      'rate_limited',
    ]);
    expect(codesOf([await callEcho()])).toEqual(['ok']);
  });

  test('counts a call with its questions once, and also counts one without credentials', async () => {
    await publish(limit('once', 'caller', 1));
    askFor(edge, { ok: form }, { later: form });
    const options = { capabilities: canAll };
    const first = await askEcho({ text: 'a' }, options, 'asks');
    const retry = (state: string, key: string) =>
      ask(
        edge,
        'tools/call',
        {
          name: 'asks',
          arguments: { text: 'a' },
          requestState: state,
          inputResponses: { [key]: accepted },
        },
        options,
      );
    const second = (await retry(first.requestState, 'ok')).result;
    expect((await retry(second.requestState, 'later')).result.isError).toBeUndefined();
    expect(codesOf([await askEcho({ text: 'a' }, options, 'asks')])).toEqual(['rate_limited']);

    await publish(limit('connected', 'caller', 1));
    edge.handle = async () => failed('not_started', 'credentials_missing', 'Nobody is connected');
    expect(codesOf([await callEcho({ text: 'a' }, { name: 'mail' })])).toEqual(['credentials_missing']);
  });

  test('on concurrent calls counts over all edges, and a place is freed when its call ends', async () => {
    await publish({ limits: [{ id: 'one-at-a-time', per: 'server', concurrent: 1 }] });
    const held = holdCalls(edge);
    const running = askEcho({ text: 'a' });
    await held.started;
    const refused = await askEcho({ text: 'b' }, { url: other.url });
    expect(codesOf([refused])).toEqual(['rate_limited']);
    held.release();
    expect((await running).isError).toBeUndefined();
    let next = await askEcho({ text: 'c' }, { url: other.url });
    while (next.isError) next = await askEcho({ text: 'c' }, { url: other.url });
    expect(next.structuredContent).toMatchObject({ text: 'c' });
  });

  test('on concurrent calls keeps a place while a call waits for its client, and frees it when it ends elsewhere', async () => {
    await publish({ limits: [{ id: 'one-at-a-time', per: 'server', concurrent: 1 }] });
    edge.handle = async ({ ask: askClient }) => succeeded(await askClient(form, new AbortController().signal));
    const options = { capabilities: canAll };
    const { requestState } = await askEcho({ text: 'a' }, options, 'asks');
    for (const url of [edge.url, other.url]) {
      expect(codesOf([await askEcho({ text: 'b' }, { ...options, url }, 'asks')])).toEqual(['rate_limited']);
    }
    const params = { name: 'asks', arguments: { text: 'a' }, requestState, inputResponses: { 'question-1': accepted } };
    const { result } = await ask(edge, 'tools/call', params, { ...options, url: other.url });
    expect(result.structuredContent).toEqual(accepted);
    edge.handle = async () => succeeded('free');
    let next = await askEcho({ text: 'c' }, options, 'asks');
    while (next.isError) next = await askEcho({ text: 'c' }, options, 'asks');
    expect(next.structuredContent).toBe('free');
  });

  test('on concurrent calls frees its place, and the tenant’s, when a call cannot ask its client any further', async () => {
    const policy = policyOf({ limits: [{ id: 'one-at-a-time', per: 'server', concurrent: 1 }] });
    // The deadline is far longer than the test, so that no slot becomes free by expiry.
    await edge.publishServer({ tools: tools.map((tool) => ({ ...tool, deadlineMs: 120_000 })), policy });
    const never = new AbortController().signal;
    const stopped = Promise.withResolvers<void>();
    edge.handle = async ({ ask: askClient, signal }) => {
      signal.addEventListener('abort', () => stopped.resolve(), { once: true });
      await askClient(form, never);
      return succeeded(await askClient({ method: 'sampling/createMessage', params: { messages: [] } }, signal));
    };
    const { requestState } = await askEcho({ text: 'a' }, { capabilities: canAll }, 'asks');
    const params = { name: 'asks', arguments: { text: 'a' }, requestState, inputResponses: { 'question-1': accepted } };
    const { error } = await ask(edge, 'tools/call', params, { capabilities: { elicitation: { form: {} } } });
    expect(error).toMatchObject({ code: -32021, data: { requiredCapabilities: { sampling: {} } } });
    await stopped.promise;
    while ((await edge.leases()) > 0);
    edge.handle = async () => succeeded('free');
    expect((await askEcho({ text: 'c' }, { capabilities: canAll }, 'asks')).structuredContent).toBe('free');
  });

  test('counts nothing for a call that another limit refuses', async () => {
    await publish({
      limits: [
        { id: 'wide', per: 'server', calls: { max: 2, seconds: 600 }, concurrent: 1 },
        { id: 'narrow', per: 'user', calls: { max: 1, seconds: 600 } },
      ],
    });
    const as = (username: string) => callEcho({ text: 'a' }, { headers: { 'x-username': username } });
    const answers = [await as('ada'), await as('ada'), await as('ada'), await as('bob')];
    expect(answers.map(({ isError = false }) => isError)).toEqual([false, true, true, false]);
  });
});

test('the audit log learns who refused what to whom, and nothing about the arguments', async () => {
  const { key, record } = await edge.publishKey({ agentId: 'agt_1' });
  await publish({
    unmatched: 'deny',
    rules: [{ id: 'few', effect: 'allow', arguments: { properties: { count: { maximum: 3 } } } }],
    limits: [{ id: 'one', per: 'caller', calls: { max: 1, seconds: 600 } }],
  });
  const as = (count: number) => callEcho({ text: 'secret', count }, { key, headers: { 'x-username': 'ada' } });
  for (const count of [1, 1, 4, 5]) await as(count);
  const caller = { kind: 'key', id: record.keyId, agentId: 'agt_1', username: 'ada' };
  const common = { workspaceId: edge.workspaceId, serverId: edge.serverId, tool: 'echo', caller };
  expect(edge.decisions.filter(({ caller: { id } }) => id === record.keyId)).toEqual([
    { ...common, action: 'call.limited', rule: 'one' },
    { ...common, action: 'call.denied' },
    { ...common, action: 'call.denied' },
  ]);
});
