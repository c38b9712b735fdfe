import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { succeeded, type Tool, type ToolCall } from '@toolplane/contracts';
import { ask, canAll, knowsTasks } from './modern-client.ts';
import { accepted, askFor, form } from './questions.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * Tools that a server takes from other servers: clients call them by their names here, and the data plane runs them as
 * on their own server.
 */

let edge: TestEdge;

const plan = { deadlineMs: 5000, isRepeatable: true };
const taken = { ...echoTool, ...plan, name: 'crm__echo', planDigest: 'd2' };
const origin = { serverId: 'srv_crm', name: 'echo' };
const tools: Tool[] = [
  { ...echoTool, ...plan, planDigest: 'd1' },
  { ...taken, origin },
  {
    ...taken,
    name: 'long',
    task: 'required',
    asks: true,
    asksInTask: 'within',
    origin: { serverId: 'srv_crm', name: 'echo_slowly' },
  },
];

beforeAll(async () => {
  edge = await startTestEdge();
  await edge.publishServer({ tools });
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded({ text: (body as ToolCall).planDigest, run: edge.calls.length });
});

const ofCrm = { tool: 'echo', planDigest: 'd2' };

test('a call names the server and the tool of its plan, in both eras, and the server’s own as before', async () => {
  const { body } = await edge.post(call({ text: 'a' }, { name: 'crm__echo' }));
  expect(body.result.structuredContent).toMatchObject({ text: 'd2' });
  await ask(edge, 'tools/call', { name: 'crm__echo', arguments: { text: 'a' } });
  await edge.post(call({ text: 'a' }));
  const common = { workspaceId: edge.workspaceId, arguments: { text: 'a', count: 1 } };
  expect(edge.calls).toMatchObject([
    { ...common, ...ofCrm, serverId: 'srv_crm' },
    { ...common, ...ofCrm, serverId: 'srv_crm' },
    { ...common, serverId: edge.serverId, tool: 'echo', planDigest: 'd1' },
  ]);
});

test('lists show the name on this server, and nothing about where a tool is from', async () => {
  const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  expect(body.result.tools.map(({ name }: Tool) => name)).toEqual(['crm__echo', 'echo', 'long']);
  expect(body.result.tools[0]).toEqual({ ...echoTool, name: 'crm__echo' });
});

test('the name on its own server does not exist on this one', async () => {
  const { error } = await ask(edge, 'tools/call', { name: 'echo_slowly', arguments: { text: 'a' } });
  expect(error.code).toBe(-32602);
});

test('an idempotency key belongs to one tool, even when two share their name on their own servers', async () => {
  const meta = { 'io.toolplane/idempotency-key': `key-${process.pid}` };
  const run = async (name: string) =>
    (await ask(edge, 'tools/call', { name, arguments: { text: 'a' } }, { meta })).result.structuredContent.text;
  expect([await run('echo'), await run('crm__echo'), await run('echo'), await run('crm__echo')]).toEqual([
    'd1',
    'd2',
    'd1',
    'd2',
  ]);
  expect(edge.calls).toHaveLength(2);
});

test('a task also runs a tool as on its own server, including the round after its questions', async () => {
  askFor(edge, { ok: form });
  const capabilities = { ...canAll, ...knowsTasks };
  const params = { name: 'long', arguments: { text: 'a' } };
  const { taskId } = (await ask(edge, 'tools/call', params, { capabilities })).result;
  const get = async () => (await ask(edge, 'tasks/get', { taskId }, { capabilities })).result.status;
  while ((await get()) !== 'input_required');
  await ask(edge, 'tasks/update', { taskId, inputResponses: { ok: accepted } }, { capabilities });
  while ((await get()) !== 'completed');
  const atHome = { serverId: 'srv_crm', tool: 'echo_slowly', planDigest: 'd2' };
  expect(edge.calls).toMatchObject([atHome, atHome]);
});
