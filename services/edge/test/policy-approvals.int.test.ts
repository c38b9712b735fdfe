import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, succeeded, type Tool, type ToolCall } from '@toolplane/contracts';
import { ask, canAll, knowsTasks, type ModernOptions } from './modern-client.ts';
import { policyOf, startLegacyClient } from './policies.ts';
import { accepted, askFor, form } from './questions.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* Calls that a person has to approve before they run. */

let edge: TestEdge;
let other: Replica;

const plan = { planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };
const tools: Tool[] = [
  { ...echoTool, ...plan },
  { ...echoTool, ...plan, name: 'asks', asks: true },
  { ...echoTool, ...plan, name: 'long', task: 'required' },
  { ...echoTool, ...plan, name: 'connected', usesConnection: true },
];
const canElicit = { elicitation: {} };
const allowed = { action: 'accept', content: { allow: true } };

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.approvalRequests.length = 0;
  edge.handle = async ({ body }) => succeeded((body as ToolCall).arguments);
});

type Extra = Record<string, unknown> & { name?: string };
const callEcho = async (callArguments: object, extra: Extra = {}, options: ModernOptions = {}) => {
  const params = { name: 'echo', arguments: callArguments, ...extra };
  return (await ask(edge, 'tools/call', params, { capabilities: canElicit, ...options })).result;
};
const codeOf = ({ structuredContent }: { structuredContent: { code?: string } }) => structuredContent.code ?? 'ok';

describe('by the person behind the client', () => {
  const description = 'Mails cannot be taken back';
  const rules = [{ id: 'person', effect: 'approve' as const, description, approval: { by: 'user' as const } }];

  beforeEach(async () => edge.publishServer({ tools, policy: policyOf({ rules }) }));

  /** Sends a modern client's retry with the person's answer. */
  const answer = (requestState: unknown, approval: object, extra: Extra = {}, options: ModernOptions = {}) =>
    callEcho({ text: 'a' }, { requestState, inputResponses: { approval }, ...extra }, options);

  test('a modern client is asked with a form that shows tool, arguments and reason, and its retry runs anywhere', async () => {
    const first = await callEcho({ text: 'a\u202e' });
    expect(first).toMatchObject({
      resultType: 'input_required',
      inputRequests: {
        approval: {
          method: 'elicitation/create',
          params: {
            mode: 'form',
            message: `Allow echo (Echo server) to run with these arguments?\n${description}\n{"text":"a\\u{202e}","count":1}`,
            requestedSchema: { properties: { allow: { type: 'boolean' } }, required: ['allow'] },
          },
        },
      },
    });
    expect(edge.calls).toEqual([]);
    const params = { requestState: first.requestState, inputResponses: { approval: allowed } };
    const second = await callEcho({ text: 'a\u202e' }, params, { url: other.url });
    expect(second.structuredContent).toEqual({ text: 'a\u202e', count: 1 });
    expect(edge.calls[0]?.inputResponses).toBeUndefined();
  });

  test('arguments of any length are shown in a text that a person can read', async () => {
    const { inputRequests } = await callEcho({ text: 'x'.repeat(100_000) });
    expect(inputRequests.approval.params.message.length).toBeLessThan(2300);
  });

  test.each([
    ['declines', { action: 'decline' }],
    ['cancels', { action: 'cancel' }],
    ['accepts the form but answers no', { action: 'accept', content: { allow: false } }],
    ['accepts the form without an answer', { action: 'accept' }],
    ['answers something else', { action: 'accept', content: { allow: 'yes' } }],
  ])('a person who %s ends the call', async (_name, approval) => {
    const { requestState } = await callEcho({ text: 'a' });
    expect(await answer(requestState, approval)).toMatchObject({
      structuredContent: { code: 'approval_declined', outcome: 'not_started', details: { rule: 'person' } },
    });
    expect(edge.calls).toEqual([]);
  });

  test('an answer counts only with the state of its question, for the same arguments and for one run', async () => {
    const unasked = await callEcho({ text: 'a' }, { inputResponses: { approval: allowed } });
    expect(unasked.resultType).toBe('input_required');
    const { requestState } = await callEcho({ text: 'a' });
    const params = { name: 'echo', arguments: { text: 'b' }, requestState, inputResponses: { approval: allowed } };
    expect((await ask(edge, 'tools/call', params, { capabilities: canElicit })).error.code).toBe(-32602);
    expect(codeOf(await answer(requestState, allowed))).toBe('ok');
    expect(await answer(requestState, allowed)).toBeUndefined();
    expect(edge.calls).toHaveLength(1);
  });

  test('an approval for a tool of one server does not count for its copy from another', async () => {
    const copyOf = (serverId: string) => ({
      ...echoTool,
      ...plan,
      name: `${serverId}_echo`,
      origin: { serverId, name: 'echo' },
    });
    await edge.publishServer({ tools: ['srv_a', 'srv_b'].map(copyOf), policy: policyOf({ rules }) });
    const { requestState } = await callEcho({ text: 'a' }, { name: 'srv_a_echo' });
    const retry = { arguments: { text: 'a' }, requestState, inputResponses: { approval: allowed } };
    const callOf = (name: string) => ask(edge, 'tools/call', { name, ...retry }, { capabilities: canElicit });
    expect((await callOf('srv_b_echo')).error?.code).toBe(-32602);
    expect(edge.calls).toEqual([]);
    expect(codeOf((await callOf('srv_a_echo')).result)).toBe('ok');
  });

  test('the state of a plan’s question is not an approval', async () => {
    await edge.publishServer({ tools });
    askFor(edge, { ok: form });
    const { requestState } = await callEcho({ text: 'a' }, { name: 'asks' });
    await edge.publishServer({ tools, policy: policyOf({ rules }) });
    const inputResponses = { ok: accepted, approval: allowed };
    const retried = await callEcho({ text: 'a' }, { name: 'asks', requestState, inputResponses });
    expect(Object.keys(retried.inputRequests)).toEqual(['approval']);
  });

  test('the questions of a plan come after the approval, which is not asked for again', async () => {
    askFor(edge, { ok: form }, { later: form });
    const first = await callEcho({ text: 'a' }, { name: 'asks' });
    const second = await answer(first.requestState, allowed, { name: 'asks' });
    expect(Object.keys(second.inputRequests)).toEqual(['ok']);
    const third = await callEcho(
      { text: 'a' },
      {
        name: 'asks',
        requestState: second.requestState,
        inputResponses: { ok: accepted },
      },
    );
    expect(Object.keys(third.inputRequests)).toEqual(['later']);
    const last = await callEcho(
      { text: 'a' },
      {
        name: 'asks',
        requestState: third.requestState,
        inputResponses: { later: accepted },
      },
    );
    expect(last.structuredContent.answers).toEqual({ ok: accepted, later: accepted });
  });

  test('a task starts when it is approved', async () => {
    const capabilities = { ...canAll, ...knowsTasks };
    const first = await callEcho({ text: 'a' }, { name: 'long' }, { capabilities });
    expect(first.resultType).toBe('input_required');
    const second = await answer(first.requestState, allowed, { name: 'long' }, { capabilities });
    expect(second.resultType).toBe('task');
    const get = async () => (await ask(edge, 'tasks/get', { taskId: second.taskId }, { capabilities })).result;
    while ((await get()).status !== 'completed');
  });

  test('a legacy client is asked on the stream of its call, and only what the person allows runs', async () => {
    const client = await startLegacyClient(edge, canElicit);
    for (const [said, code] of [
      [allowed, 'ok'],
      [{ action: 'decline' }, 'approval_declined'],
    ] as const) {
      const next = await client.call('echo', { text: 'a' });
      const question = await next();
      expect(question).toMatchObject({ method: 'elicitation/create', params: { mode: 'form' } });
      await client.respond(question.id, said);
      expect(codeOf((await next()).result)).toBe(code);
    }
    expect(edge.calls).toHaveLength(1);
  });

  test('a legacy client is also asked the questions of the plan', async () => {
    askFor(edge, { ok: form });
    const client = await startLegacyClient(edge, canElicit);
    const next = await client.call('asks', { text: 'a' });
    await client.respond((await next()).id, allowed);
    await client.respond((await next()).id, accepted);
    expect((await next()).result.structuredContent).toEqual({ answers: { ok: accepted } });
    expect(edge.calls.map(({ inputResponses }) => inputResponses)).toEqual([{}, { ok: accepted }]);
  });

  test('a client that cannot be asked is told so, in either era, and nothing runs', async () => {
    const expected = { isError: true, structuredContent: { code: 'approval_required', outcome: 'not_started' } };
    const options = { capabilities: {} };
    expect(await callEcho({ text: 'a' }, {}, options)).toMatchObject(expected);
    expect((await edge.post(call({ text: 'a' }))).body.result).toMatchObject(expected);
    const capabilities = { elicitation: { url: {} } };
    expect(await callEcho({ text: 'a' }, {}, { capabilities })).toMatchObject(expected);
    expect(edge.calls).toEqual([]);
  });
});

describe('by a member of the workspace', () => {
  const rules = [
    { id: 'four-eyes', effect: 'approve' as const, approval: { validSeconds: 600 } },
    { id: 'never', effect: 'deny' as const, arguments: { properties: { text: { const: 'never' } } } },
  ];
  let round = 0;
  /** The text of a call that no other test has made. */
  let text = '';

  beforeEach(async () => {
    round += 1;
    text = `round ${round}`;
    await edge.publishServer({ tools, policy: policyOf({ rules }) });
  });

  const once = async () => callEcho({ text });
  async function requestOnce(callArguments: object = { text }) {
    expect(codeOf(await callEcho(callArguments))).toBe('approval_required');
    const [approvalRequest] = edge.approvalRequests;
    if (approvalRequest === undefined) throw new Error('nothing was wished');
    return approvalRequest;
  }
  const decide = (requestDigest: string, state: 'approved' | 'denied', approvalId = `apr_${round}`) =>
    edge.publishApproval({ requestDigest, approvalId, state });

  test('members who may approve learn the caller, the tool and the names of the arguments, but no value', async () => {
    const { key, record } = await edge.publishKey({ agentId: 'agt_1' });
    const result = await callEcho({ text }, {}, { key, headers: { 'x-username': 'ada' } });
    const [approvalRequest] = edge.approvalRequests;
    expect(approvalRequest).toMatchObject({
      workspaceId: edge.workspaceId,
      serverId: edge.serverId,
      tool: 'echo',
      ruleId: 'four-eyes',
      caller: { kind: 'key', keyId: record.keyId, agentId: 'agt_1', username: 'ada' },
      validSeconds: 600,
      argumentNames: ['count', 'text'],
    });
    expect(JSON.stringify(approvalRequest)).not.toContain(text);
    const request = approvalRequest?.requestDigest.slice(0, 12);
    expect(result.structuredContent).toMatchObject({
      code: 'approval_required',
      outcome: 'not_started',
      details: { rule: 'four-eyes', approval: 'workspace', request, valid_seconds: 600 },
    });
    expect(edge.calls).toEqual([]);
  });

  test('an approved call runs once, whichever edges are asked at once, and needs a new approval after that', async () => {
    const { requestDigest } = await requestOnce();
    await decide(requestDigest, 'approved');
    const answers = await Promise.all([edge.url, other.url, edge.url].map((url) => callEcho({ text }, {}, { url })));
    expect(answers.map(codeOf).toSorted()).toEqual(['approval_required', 'approval_required', 'ok']);
    expect(edge.calls).toHaveLength(1);
    expect(edge.approvalRequests.slice(1)).toMatchObject(
      Array(2).fill({ requestDigest, usedApprovalId: `apr_${round}` }),
    );
    await decide(requestDigest, 'approved', `apr_${round}_again`);
    expect(codeOf(await once())).toBe('ok');
  });

  test('it is valid only for the same call: other arguments, tools, callers and users need their own', async () => {
    const { requestDigest } = await requestOnce();
    await decide(requestDigest, 'approved');
    const { key } = await edge.publishKey({});
    const others = [
      await callEcho({ text: `${text} more` }),
      await callEcho({ text }, { name: 'asks' }),
      await callEcho({ text }, {}, { key }),
      await callEcho({ text }, {}, { headers: { 'x-username': 'ada' } }),
      await callEcho({ text }, {}, { headers: { 'config-account': 'another' } }),
    ];
    expect(others.map(codeOf)).toEqual(Array(5).fill('approval_required'));
    // The order of the members does not matter, and defaults may be given or omitted.
    expect(codeOf(await callEcho({ count: 1, text }))).toBe('ok');
  });

  test.each(['the ordinary way', 'the way of a client that can be asked'])(
    'it is valid only for the account that the call was to run with: %s',
    async (way) => {
      const options = way === 'the ordinary way' ? { capabilities: {} } : {};
      const callAs = async (token: string) => {
        const headers = { 'x-upstream-authorization': `Bearer ${token}` };
        return codeOf(await callEcho({ text }, { name: 'connected' }, { headers, ...options }));
      };
      expect(await callAs('ann')).toBe('approval_required');
      const [approvalRequest] = edge.approvalRequests;
      expect(JSON.stringify(approvalRequest)).not.toContain('Bearer');
      await decide(approvalRequest?.requestDigest ?? '', 'approved');
      const without = await callEcho({ text }, { name: 'connected' }, options);
      expect([await callAs('bob'), codeOf(without)]).toEqual(Array(2).fill('approval_required'));
      expect(await callAs('ann')).toBe('ok');
      expect(edge.calls.map(({ caller }) => caller.upstreamAuthorization)).toEqual(['Bearer ann']);
    },
  );

  test('it is valid only for the plan that was approved, not for one that is deployed under its name', async () => {
    const { requestDigest } = await requestOnce();
    await decide(requestDigest, 'approved');
    const changed = tools.map((tool) => ({ ...tool, planDigest: 'd2' }));
    await edge.publishServer({ tools: changed, policy: policyOf({ rules }) });
    expect(codeOf(await once())).toBe('approval_required');
    await edge.publishServer({ tools, policy: policyOf({ rules }) });
    expect(codeOf(await once())).toBe('ok');
  });

  test('a denied call says so, and nobody is notified again', async () => {
    const { requestDigest } = await requestOnce();
    await decide(requestDigest, 'denied');
    expect(await once()).toMatchObject({
      structuredContent: { code: 'approval_declined', outcome: 'not_started', details: { rule: 'four-eyes' } },
    });
    expect(edge.approvalRequests).toHaveLength(1);
  });

  test('a call that was not started does not use it up', async () => {
    const { requestDigest } = await requestOnce();
    await decide(requestDigest, 'approved');
    edge.handle = async () => failed('not_started', 'shutting_down', 'Not now');
    expect(codeOf(await once())).toBe('shutting_down');
    edge.handle = async () => succeeded({ text: 'ran' });
    let answer = await once();
    // The approval is released when the call has ended, which the client may learn earlier.
    while (codeOf(answer) === 'approval_required') answer = await once();
    expect(answer.structuredContent).toEqual({ text: 'ran' });
  });

  test('it is not used up where a person must also approve the call, and cannot be asked or declines', async () => {
    const person = { id: 'person', effect: 'approve' as const, approval: { by: 'user' as const } };
    const origin = { serverId: 'srv_home', name: 'echo' };
    await edge.publishServer({
      tools: [{ ...echoTool, ...plan, origin }],
      policy: policyOf({ rules: rules.slice(0, 1) }),
      originPolicies: { srv_home: policyOf({ rules: [person] }) },
    });
    const { requestDigest } = await requestOnce();
    await decide(requestDigest, 'approved');
    const detailsOf = async (options: ModernOptions) => (await callEcho({ text }, {}, options)).structuredContent;
    for (let tries = 0; tries < 2; tries += 1) {
      expect(await detailsOf({ capabilities: {} })).toMatchObject({ details: { rule: 'person' } });
    }
    const client = await startLegacyClient(edge, canElicit);
    for (const [said, code] of [
      [{ action: 'decline' }, 'approval_declined'],
      [allowed, 'ok'],
    ] as const) {
      const next = await client.call('echo', { text });
      await client.respond((await next()).id, said);
      expect(codeOf((await next()).result)).toBe(code);
    }
  });

  test('it is not used up by a call that is cancelled while its plan asks the person behind the client', async () => {
    askFor(edge, { ok: form });
    expect(codeOf(await callEcho({ text }, { name: 'asks' }))).toBe('approval_required');
    await decide(edge.approvalRequests[0]?.requestDigest ?? '', 'approved');
    const client = await startLegacyClient(edge, canElicit);
    const cancelled = await client.call('asks', { text });
    await cancelled();
    await client.notify('notifications/cancelled', { requestId: 'c' });
    await cancelled();
    expect(codeOf((await cancelled()).result)).toBe('cancelled');
    const next = await client.call('asks', { text });
    const question = await next();
    expect(question).toMatchObject({ method: 'elicitation/create' });
    await client.respond(question.id, accepted);
    expect((await next()).result.structuredContent).toEqual({ answers: { ok: accepted } });
  });

  test('it is not used up by a call whose plan asks a client that cannot be asked', async () => {
    askFor(edge, { ok: form });
    expect(codeOf(await callEcho({ text }, { name: 'asks' }))).toBe('approval_required');
    await decide(edge.approvalRequests[0]?.requestDigest ?? '', 'approved');
    const params = { name: 'asks', arguments: { text } };
    expect((await ask(edge, 'tools/call', params, { capabilities: {} })).error.code).toBe(-32021);
    expect((await callEcho({ text }, { name: 'asks' })).resultType).toBe('input_required');
  });

  test('an approval does not permit what is denied', async () => {
    expect(codeOf(await callEcho({ text: 'never' }))).toBe('policy_denied');
  });

  test('an approved call whose plan asks continues with the answers, without another approval', async () => {
    askFor(edge, { ok: form });
    expect(codeOf(await callEcho({ text }, { name: 'asks' }))).toBe('approval_required');
    const [approvalRequest] = edge.approvalRequests;
    await decide(approvalRequest?.requestDigest ?? '', 'approved');
    const first = await callEcho({ text }, { name: 'asks' });
    expect(first.resultType).toBe('input_required');
    const retry = { name: 'asks', requestState: first.requestState, inputResponses: { ok: accepted } };
    expect((await callEcho({ text }, retry)).structuredContent.answers).toEqual({ ok: accepted });
    expect(codeOf(await callEcho({ text }, { name: 'asks' }))).toBe('approval_required');
  });
});
