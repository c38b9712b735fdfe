import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { AppError, failed } from '@toolplane/contracts';
import { ask } from './modern-client.ts';
import { policyOf } from './policies.ts';
import { accepted, askFor, form } from './questions.ts';
import { capabilities, startTaskEdges, type TaskEdges, taskTools } from './task-edges.ts';
import { call, type TestEdge } from './test-edge.ts';

/*
 * The data that the edge records about each call when it has ended. The end-to-end tests check that the record arrives.
 */

let edge: TestEdge;
let tasks: TaskEdges;

beforeAll(async () => {
  tasks = await startTaskEdges();
  edge = tasks.edge;
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(async () => {
  edge.endedCalls.length = 0;
  edge.handle = async () => failed('done', 'no_action_matched', 'canary');
  await edge.publishServer({ tools: taskTools, isPublic: true });
});

const noted = () => edge.endedCalls.map(({ source, tool, outcome, code }) => [source, tool, outcome, code]);

test('a call is logged with its caller, and without its arguments or its answer', async () => {
  const { key, record } = await edge.publishKey({ agentId: 'agt_1' });
  const before = Date.now();
  await edge.post(call({ text: 'canary' }), { key, headers: { 'x-username': 'ada' } });
  await edge.post(call({ text: 'canary' }), { key: '' });
  const { serverId, workspaceId } = edge;
  expect(edge.endedCalls).toEqual([
    {
      id: expect.any(String),
      workspaceId,
      serverId,
      tool: 'echo',
      kind: 'tool',
      source: 'direct',
      outcome: 'done',
      code: 'no_action_matched',
      protocolVersion: expect.any(String),
      startedAt: expect.any(Number),
      durationMs: expect.any(Number),
      queueMs: expect.any(Number),
      executionMs: expect.any(Number),
      upstreamMs: 0,
      requestBytes: expect.any(Number),
      responseBytes: expect.any(Number),
      caller: { kind: 'key', id: record.keyId, agentId: 'agt_1', username: 'ada' },
    },
    expect.objectContaining({ caller: { kind: 'anonymous' } }),
  ]);
  expect(edge.endedCalls[0]?.startedAt).toBeGreaterThanOrEqual(before);
  expect(new Set(edge.endedCalls.map(({ id }) => id)).size).toBe(2);
  expect(JSON.stringify(edge.endedCalls)).not.toContain('canary');
});

test('a call that is refused after it was accepted is logged with its code; without a tool there is no call', async () => {
  await edge.post(call({ wrong: 1 }));
  await edge.post(call({ text: 'a' }), { headers: { 'x-toolplane-hops': '6' } });
  await edge.post(call({ text: 'a' }, { name: 'nowhere' }));
  const rules = [{ id: 'few', effect: 'deny' as const, arguments: { required: ['count'] } }];
  await edge.publishServer({ tools: taskTools, policy: policyOf({ rules }) });
  await edge.post(call({ text: 'a', count: 2 }));
  expect(noted()).toEqual([
    ['direct', 'echo', 'not_started', 'invalid_arguments'],
    ['direct', 'echo', 'not_started', 'loop_limit'],
    ['direct', 'echo', 'not_started', 'policy_denied'],
  ]);
});

test('a call with an idempotency key is logged like any other, and not as a task', async () => {
  await edge.publishServer({ tools: taskTools.map((tool) => ({ ...tool, isRepeatable: false })) });
  await edge.post(call({ text: 'a' }, { _meta: { 'io.toolplane/idempotency-key': `direct-${process.pid}` } }));
  expect(noted()).toEqual([['direct', 'echo', 'done', 'no_action_matched']]);
});

test('a task that asks is logged as a call that asked and a call with the answers', async () => {
  askFor(edge, { first: form });
  const taskId = await tasks.create('confirm');
  await tasks.settled(taskId);
  await tasks.update(taskId, { first: accepted });
  await tasks.settled(taskId);
  expect(noted()).toEqual([
    ['task', 'confirm', 'input_required', undefined],
    ['task', 'confirm', 'done', undefined],
  ]);
});

test('a call whose arguments are refused before it becomes a task is logged like any other', async () => {
  await ask(edge, 'tools/call', { name: 'slow', arguments: {} }, { capabilities });
  expect(noted()).toEqual([['direct', 'slow', 'not_started', 'invalid_arguments']]);
});

test('a task and a keyed call that are refused because Redis does not answer are logged, too (F9)', async () => {
  const { store } = edge.parts;
  const away = async () => {
    throw new AppError('queue_unavailable', 'The queue cannot be reached');
  };
  const { createRecord } = store;
  store.createRecord = away;
  try {
    await ask(edge, 'tools/call', { name: 'long', arguments: { text: 'a' } }, { capabilities });
    await edge.post(call({ text: 'a' }, { _meta: { 'io.toolplane/idempotency-key': `f9-${process.pid}` } }));
  } finally {
    store.createRecord = createRecord;
  }
  expect(noted()).toEqual([
    ['task', 'long', 'not_started', 'queue_unavailable'],
    ['direct', 'echo', 'not_started', 'queue_unavailable'],
  ]);
});
