import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, succeeded, type ToolCall } from '@toolplane/contracts';
import { ask, canAll, knowsTasks } from './modern-client.ts';
import { holdCalls } from './questions.ts';
import { capabilities, startTaskEdges, type TaskEdges, taskTools } from './task-edges.ts';
import { modern } from './test-edge.ts';

/* The extension io.modelcontextprotocol/tasks. There are two edges everywhere, because no edge owns a task. */

let { edge, callTool, get, update, cancel, create, settled, useAllSlots }: TaskEdges = {} as TaskEdges;

beforeAll(async () => {
  ({ edge, callTool, get, update, cancel, create, settled, useAllSlots } = await startTaskEdges());
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded((body as ToolCall).arguments);
});

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

describe('a call becomes a task', () => {
  test('that another edge knows at once, first working and then completed with the result of the tool', async () => {
    const { release } = holdCalls(edge);
    const { result: created } = await callTool('slow');
    const base = { taskId: expect.stringMatching(/^[\w-]{32}$/), createdAt: isoTime, lastUpdatedAt: isoTime };
    const common = { ...base, ttlMs: expect.any(Number), pollIntervalMs: expect.any(Number), _meta: expect.anything() };
    expect(created).toEqual({ ...common, resultType: 'task', status: 'working' });
    const { result: working } = await get(created.taskId);
    expect(working).toEqual({ ...common, resultType: 'complete', status: 'working' });
    release();
    expect(await settled(created.taskId)).toEqual({
      ...common,
      resultType: 'complete',
      status: 'completed',
      result: {
        resultType: 'complete',
        content: [{ type: 'text', text: '{"text":"a","count":1}' }],
        structuredContent: { text: 'a', count: 1 },
      },
    });
    // If the task is read again, its state is the same.
    expect((await get(created.taskId)).result).toEqual(await settled(created.taskId, { url: edge.url }));
  });

  test('only if this request declares the extension; otherwise an optional one runs at once', async () => {
    const { result } = await callTool('slow', {}, { capabilities: canAll });
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { text: 'a' } });
  });

  test('or is refused with −32021 where the tool runs only as a task', async () => {
    const { status, error } = await callTool('long', {}, { capabilities: canAll });
    expect([status, error.code, error.data]).toEqual([400, -32021, { requiredCapabilities: knowsTasks }]);
    expect(edge.calls).toEqual([]);
  });

  test('or a legacy client gets a tool error', async () => {
    const params = { name: 'long', arguments: { text: 'a' } };
    const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    expect(body.result).toMatchObject({ isError: true, structuredContent: { code: 'client_capability_missing' } });
  });

  test('but never for a tool without task support, whatever the client says', async () => {
    const { result } = await callTool('echo', { task: { ttl: 1 } });
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { text: 'a' } });
    expect(result.taskId).toBeUndefined();
  });

  test('but not with invalid arguments, which are an ordinary tool error', async () => {
    const { result } = await callTool('long', { arguments: { text: 'a!' } });
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { code: 'invalid_arguments' } });
  });

  test('but not when it is not admitted, which is an ordinary tool error', async () => {
    const { release } = holdCalls(edge);
    const taskIds = await useAllSlots();
    const { result } = await callTool('slow');
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { code: 'tenant_busy' } });
    release();
    await Promise.all(taskIds.map((taskId) => settled(taskId)));
  });

  test('that continues when its edge is gone', async () => {
    const first = await edge.startReplica();
    const { started, release } = holdCalls(edge);
    const taskId = await create('slow', { url: first.url });
    await started;
    await first.stop();
    expect((await get(taskId)).result.status).toBe('working');
    release();
    expect(await settled(taskId)).toMatchObject({ status: 'completed', result: { structuredContent: { text: 'a' } } });
    expect(edge.calls).toHaveLength(1);
  });

  test('that is not stopped when its client disconnects', async () => {
    const { started, release } = holdCalls(edge);
    const leave = new AbortController();
    const taskId = await create('slow', { signal: leave.signal });
    const signal = await started;
    leave.abort();
    release();
    expect((await settled(taskId)).status).toBe('completed');
    expect(signal.aborted).toBe(false);
  });
});

describe('a task ends as', () => {
  test('completed with isError when the tool failed', async () => {
    edge.handle = async () => failed('done', 'no_action_matched', 'No action matched', { status: 500 });
    const ended = await settled(await create('long'));
    expect(ended).toMatchObject({
      status: 'completed',
      result: { isError: true, structuredContent: { code: 'no_action_matched' } },
    });
    expect(ended.error).toBeUndefined();
  });

  test.each(['worker_lost', 'queue_restarted', 'internal', 'deadline_exceeded', 'shutting_down'] as const)(
    'failed with a JSON-RPC error when the tool has no result: %s',
    async (code) => {
      edge.handle = async () => failed('unknown', code, 'It went wrong');
      const ended = await settled(await create('long'));
      expect(ended).toMatchObject({
        status: 'failed',
        statusMessage: expect.stringContaining('It went wrong'),
        error: { code: expect.any(Number), message: expect.stringContaining(code), data: { outcome: 'unknown' } },
      });
      expect(ended.result).toBeUndefined();
    },
  );

  test('failed when its deadline passes, and stays failed', async () => {
    const { started, release } = holdCalls(edge);
    const taskId = await create('hasty');
    await started;
    const ended = await settled(taskId);
    release();
    expect(ended).toMatchObject({
      status: 'failed',
      error: { data: { code: 'deadline_exceeded', outcome: 'unknown' } },
    });
    expect((await get(taskId)).result).toEqual(ended);
  });

  test('cancelled when it is cancelled at another edge, all the way to the worker', async () => {
    const { started } = holdCalls(edge);
    const taskId = await create('slow');
    const signal = await started;
    const { result } = await cancel(taskId);
    expect(result).toEqual({ resultType: 'complete', _meta: expect.anything() });
    const ended = await settled(taskId);
    expect(ended).toMatchObject({ status: 'cancelled', statusMessage: expect.stringContaining('cancelled') });
    expect([ended.result, ended.error, signal.aborted]).toEqual([undefined, undefined, true]);
    // If the task is cancelled again, the answer is the same.
    expect((await cancel(taskId)).result).toEqual(result);
  });

  test('completed when it was too late to cancel it', async () => {
    const taskId = await create('slow');
    const ended = await settled(taskId);
    expect((await cancel(taskId)).result.resultType).toBe('complete');
    expect((await get(taskId)).result).toEqual(ended);
  });
});

describe('tasks/get, tasks/update and tasks/cancel', () => {
  const methods = ['tasks/get', 'tasks/update', 'tasks/cancel'];
  const inputResponses = {};

  test.each(methods)('%s needs the extension in the same request: −32021', async (method) => {
    const taskId = await create('slow');
    const { status, error } = await ask(edge, method, { taskId, inputResponses }, { capabilities: canAll });
    expect([status, error.code, error.data]).toEqual([400, -32021, { requiredCapabilities: knowsTasks }]);
  });

  test.each(methods)('%s of an unknown task and of somebody else’s give the same −32602', async (method) => {
    const taskId = await create('slow');
    const { key } = await edge.publishKey({});
    const unknown = await ask(edge, method, { taskId: 'A'.repeat(32), inputResponses }, { capabilities });
    expect(unknown.error.code).toBe(-32602);
    const others = [{ params: { taskId }, key }, { params: { taskId: 'x'.repeat(200) } }];
    for (const { params, ...options } of others) {
      const headers = { 'mcp-name': String(params.taskId) };
      const { error } = await ask(edge, method, { ...params, inputResponses }, { capabilities, headers, ...options });
      expect(error).toEqual(unknown.error);
    }
  });

  test('of a task of another server give the same −32602', async () => {
    const taskId = await create('slow');
    await edge.publishServer({ serverId: 'srv_beside', slug: 'beside', tools: taskTools });
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tasks/get',
      params: { taskId, _meta: { ...modern.meta, 'io.modelcontextprotocol/clientCapabilities': knowsTasks } },
    };
    const options = { path: '/mcp/srv_beside', headers: modern.headers('tasks/get', taskId) };
    expect((await edge.post(message, options)).body.error).toEqual((await get('unknown')).error);
  });

  test.each([
    ['missing', undefined],
    ['a list', []],
    ['an answer that is not an object', { ok: 1 }],
  ])('tasks/update with inputResponses that are %s is −32602', async (_name, responses) => {
    expect((await update(await create('slow'), responses)).error.code).toBe(-32602);
  });

  test('with another Mcp-Name are −32020', async () => {
    const { status, error } = await get(await create('slow'), { headers: { 'mcp-name': 'another' } });
    expect([status, error.code]).toEqual([400, -32020]);
  });

  test.each(['tasks/list', 'tasks/result'])('%s does not exist: −32601', async (method) => {
    const { status, error } = await ask(edge, method, {}, { capabilities });
    expect([status, error.code]).toEqual([404, -32601]);
  });

  test('do not exist for legacy clients', async () => {
    const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tasks/get', params: { taskId: 'x' } });
    expect(body.error.code).toBe(-32601);
  });
});
