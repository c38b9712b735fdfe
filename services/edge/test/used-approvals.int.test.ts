import { expect, jest, test } from '@jest/globals';
import { failed, succeeded, type Tool } from '@toolplane/contracts';
import { ask } from './modern-client.ts';
import { policyOf } from './policies.ts';
import { accepted, askFor, form, holdCalls } from './questions.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

const tool: Tool = { ...echoTool, planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };

async function requireApproval(edge: TestEdge, changes: Partial<Tool> = {}, by: 'workspace' | 'user' = 'workspace') {
  const rules = [{ id: 'four-eyes', effect: 'approve' as const, approval: { by } }];
  await edge.publishServer({ tools: [{ ...tool, ...changes }], policy: policyOf({ rules }) });
}

/** Makes the call as a legacy client. */
const callOnce = async (edge: TestEdge) =>
  (await edge.post(call({ text: 'a' }))).body.result.structuredContent.code ?? 'ok';

/** Makes the call as a client that can be asked. */
const askOnce = async (edge: TestEdge, answers: object = {}, { url }: Pick<Replica, 'url'> = edge) => {
  const params = { name: 'echo', arguments: { text: 'a' }, ...answers };
  return ask(edge, 'tools/call', params, { capabilities: { elicitation: {} }, url });
};

async function approve(edge: TestEdge) {
  const requestDigest = edge.approvalRequests[0]?.requestDigest ?? '';
  await edge.publishApproval({ requestDigest, approvalId: 'apr_1', state: 'approved' });
}

/** Makes Redis answer as it does after its markers were deleted. */
function forgetUses({ parts }: Pick<Replica, 'parts'>) {
  Object.assign(parts.store, { useOnce: async () => true });
}

test('an edge runs an approved call once even if somebody makes Redis forget that it was used (T50)', async () => {
  await using edge = await startTestEdge();
  await requireApproval(edge);
  expect(await callOnce(edge)).toBe('approval_required');
  await approve(edge);
  forgetUses(edge);
  const answers = [await callOnce(edge), await callOnce(edge), await callOnce(edge)];
  expect(answers).toEqual(['ok', 'approval_required', 'approval_required']);
  expect(edge.calls).toHaveLength(1);
});

test.each(['workspace', 'user'] as const)(
  'the answers to an approved call count once at an edge even if Redis forgets their use, approved by %s (T50)',
  async (by) => {
    await using edge = await startTestEdge();
    await requireApproval(edge, by === 'workspace' ? { asks: true } : {}, by);
    if (by === 'workspace') askFor(edge, { ok: form });
    let first = (await askOnce(edge)).result;
    if (by === 'workspace') {
      await approve(edge);
      first = (await askOnce(edge)).result;
    }
    edge.calls.length = 0;
    forgetUses(edge);
    const inputResponses = { ok: accepted, approval: { action: 'accept', content: { allow: true } } };
    const answer = () => askOnce(edge, { requestState: first.requestState, inputResponses });
    expect((await answer()).result.isError).toBeUndefined();
    expect([(await answer()).error.code, (await answer()).error.code]).toEqual([-32602, -32602]);
    expect(edge.calls).toHaveLength(1);
  },
);

test('two edges that accepted the same answers after Redis forgot it do not make two runs at one edge of it (T50)', async () => {
  await using edge = await startTestEdge();
  const other = await edge.startReplica();
  await requireApproval(edge, { asks: true });
  askFor(edge, { ok: form }, { later: form });
  await askOnce(edge);
  await approve(edge);
  const { requestState } = (await askOnce(edge)).result;
  forgetUses(edge);
  forgetUses(other);
  const answers = { requestState, inputResponses: { ok: accepted } };
  const second = [await askOnce(edge, answers), await askOnce(edge, answers, other)];
  edge.calls.length = 0;
  const ends = [];
  for (const { result } of second) {
    const last = { requestState: result.requestState, inputResponses: { later: accepted } };
    ends.push((await askOnce(edge, last)).error?.code ?? 'ran');
  }
  expect(ends).toEqual(['ran', -32602]);
  expect(edge.calls).toHaveLength(1);
});

/** Makes a running call end as it does when somebody has written `queued` into its fence and its client disconnects. */
function forgeFences(edge: TestEdge) {
  const { calls } = edge.parts;
  const { call: send } = calls;
  const { started, release } = holdCalls(edge);
  Object.assign(calls, {
    call: (request: Parameters<typeof send>[0]) =>
      Promise.race([send(request), started.then(() => failed('not_started', 'cancelled', 'The call was cancelled'))]),
  });
  return () => {
    release();
    Object.assign(calls, { call: send });
    edge.handle = async () => succeeded({ text: 'ran' });
  };
}

test('an approval is not given back because Redis alone says that the call was not started (T50)', async () => {
  await using edge = await startTestEdge();
  await requireApproval(edge);
  await callOnce(edge);
  await approve(edge);
  const stop = forgeFences(edge);
  expect(await callOnce(edge)).toBe('cancelled');
  stop();
  expect([await callOnce(edge), await callOnce(edge)]).toEqual(['approval_required', 'approval_required']);
  expect(edge.calls).toHaveLength(1);
});

test('the answers to an approved call are not given back because Redis alone says so (T50)', async () => {
  await using edge = await startTestEdge();
  await requireApproval(edge, { asks: true });
  askFor(edge, { ok: form });
  await askOnce(edge);
  await approve(edge);
  const { requestState } = (await askOnce(edge)).result;
  edge.calls.length = 0;
  const answer = () => askOnce(edge, { requestState, inputResponses: { ok: accepted } });
  const stop = forgeFences(edge);
  expect((await answer()).result.structuredContent.code).toBe('cancelled');
  stop();
  expect((await answer()).error?.code).toBe(-32602);
  expect(edge.calls).toHaveLength(1);
});

test('a call whose plan asks does not run after its approval has ended (T50)', async () => {
  await using edge = await startTestEdge();
  await requireApproval(edge, { asks: true });
  askFor(edge, { ok: form }, { later: form });
  await askOnce(edge);
  await approve(edge);
  const first = (await askOnce(edge)).result;
  const second = (await askOnce(edge, { requestState: first.requestState, inputResponses: { ok: accepted } })).result;
  expect(second.resultType).toBe('input_required');
  edge.calls.length = 0;
  const now = Date.now;
  // Approvals of a test are valid for a minute.
  jest.spyOn(Date, 'now').mockImplementation(() => now() + 61_000);
  const last = await askOnce(edge, { requestState: second.requestState, inputResponses: { later: accepted } });
  jest.restoreAllMocks();
  expect(last.error?.code).toBe(-32602);
  expect(edge.calls).toEqual([]);
});

test('an approval of a call that could not be queued can be used again', async () => {
  await using edge = await startTestEdge();
  edge.handle = async () => succeeded({ text: 'ran' });
  await requireApproval(edge);
  await callOnce(edge);
  await approve(edge);
  const { calls } = edge.parts;
  const { call: send } = calls;
  Object.assign(calls, { call: async () => failed('not_started', 'tenant_busy', 'Too many calls') });
  expect(await callOnce(edge)).toBe('tenant_busy');
  Object.assign(calls, { call: send });
  let answer = await callOnce(edge);
  // The client may learn of the end before Redis has received the released approval.
  while (answer === 'approval_required') answer = await callOnce(edge);
  expect(answer).toBe('ok');
});

test('an approval that another edge used and gave back can be used at an edge that was refused it meanwhile', async () => {
  await using edge = await startTestEdge();
  await requireApproval(edge);
  await callOnce(edge);
  await approve(edge);
  const { store } = edge.parts;
  const { useOnce } = store;
  // Redis gives this answer while the other edge is using the approval.
  Object.assign(store, { useOnce: async () => false });
  expect(await callOnce(edge)).toBe('approval_required');
  Object.assign(store, { useOnce });
  expect(await callOnce(edge)).toBe('ok');
});
