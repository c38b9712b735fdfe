import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { policyOf } from './policies.ts';
import { call, echoTool, startTestEdge } from './test-edge.ts';

test('an edge runs an approved call once even if somebody makes Redis forget that it was used (T50)', async () => {
  await using edge = await startTestEdge();
  edge.handle = async () => succeeded({ text: 'ran' });
  const rules = [{ id: 'four-eyes', effect: 'approve' as const, approval: { by: 'workspace' as const } }];
  const tools = [{ ...echoTool, planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true }];
  await edge.publishServer({ tools, policy: policyOf({ rules }) });
  const once = async () => {
    const { body } = await edge.post(call({ text: 'a' }));
    return body.result.structuredContent.code ?? 'ok';
  };
  expect(await once()).toBe('approval_required');
  const [wish] = edge.wishes;
  await edge.publishApproval({ requestDigest: wish?.requestDigest ?? '', approvalId: 'apr_1', state: 'approved' });
  // Redis answers this after its marker was deleted.
  Object.assign(edge.parts.store, { useOnce: async () => true });
  expect([await once(), await once(), await once()]).toEqual(['ok', 'approval_required', 'approval_required']);
  expect(edge.calls).toHaveLength(1);
});

test('an approval that another edge used and gave back can be used at an edge that was refused it meanwhile', async () => {
  await using edge = await startTestEdge();
  edge.handle = async () => succeeded({ text: 'ran' });
  const rules = [{ id: 'four-eyes', effect: 'approve' as const, approval: { by: 'workspace' as const } }];
  await edge.publishServer({
    tools: [{ ...echoTool, planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true }],
    policy: policyOf({ rules }),
  });
  const once = async () => (await edge.post(call({ text: 'a' }))).body.result.structuredContent.code ?? 'ok';
  await once();
  const [wish] = edge.wishes;
  await edge.publishApproval({ requestDigest: wish?.requestDigest ?? '', approvalId: 'apr_1', state: 'approved' });
  const { store } = edge.parts;
  const { useOnce } = store;
  // Redis answers this while the other edge uses it.
  Object.assign(store, { useOnce: async () => false });
  expect(await once()).toBe('approval_required');
  Object.assign(store, { useOnce });
  expect(await once()).toBe('ok');
});
