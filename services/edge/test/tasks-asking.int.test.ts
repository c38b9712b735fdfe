import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, succeeded, type Tool, type ToolCall } from '@toolplane/contracts';
import { openStream } from './event-reader.ts';
import { ask, canAll, knowsTasks } from './modern-client.ts';
import { accepted, askFor, form, holdCalls } from './questions.ts';
import { capabilities, startTaskEdges, type TaskEdges, taskTools } from './task-edges.ts';
import { modern } from './test-edge.ts';

/*
 * Tasks that need their client, and clients that listen to their tasks. There are two edges, because no edge owns a
 * task.
 */

let { edge, other, callTool, get, update, cancel, create, settled, useAllSlots }: TaskEdges = {} as TaskEdges;

beforeAll(async () => {
  ({ edge, other, callTool, get, update, cancel, create, settled, useAllSlots } = await startTaskEdges());
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded((body as ToolCall).arguments);
});

describe('a task that asks', () => {
  test('while it runs is input_required until all is answered, in parts, at any edge, and then continues', async () => {
    askFor(edge, { first: form, second: form });
    const { result: created } = await callTool('confirm');
    expect(created).toMatchObject({ resultType: 'task', status: 'working' });
    expect(created.inputRequests).toBeUndefined();
    const { taskId } = created;
    const asking = await settled(taskId);
    expect(asking).toMatchObject({ status: 'input_required', inputRequests: { first: form, second: form } });
    expect(asking.requestState).toBeUndefined();
    const acknowledged = await update(taskId, { first: accepted, unknown: {} });
    expect(acknowledged.result).toEqual({ resultType: 'complete', _meta: expect.anything() });
    expect((await get(taskId)).result).toMatchObject({ status: 'input_required', inputRequests: { second: form } });
    expect((await get(taskId)).result.inputRequests.first).toBeUndefined();
    // The first answer to a question is the one that counts.
    await update(taskId, { first: { action: 'decline' } });
    await update(taskId, { second: accepted }, { url: other.url });
    const answers = { first: accepted, second: accepted };
    expect((await settled(taskId)).result.structuredContent).toEqual({ answers });
    expect(edge.calls).toHaveLength(2);
  });

  test('continues when the edge that started it is gone, with everything that the call had', async () => {
    askFor(edge, { first: form }, { second: form });
    const first = await edge.startReplica();
    const headers = { 'Config-Org': 'acme' };
    const taskId = await create('confirm', { url: first.url, headers });
    await settled(taskId, { url: first.url });
    await first.stop();
    await update(taskId, { first: accepted });
    expect(await settled(taskId)).toMatchObject({ status: 'input_required', inputRequests: { second: form } });
    await update(taskId, { second: accepted }, { url: other.url });
    expect((await settled(taskId)).status).toBe('completed');
    const common = { tool: 'confirm', planDigest: 'd1', arguments: { text: 'a', count: 1 } };
    const call = { ...common, caller: { config: { org: 'acme' } }, abilities: expect.arrayContaining(['roots']) };
    expect(edge.calls).toEqual(Array(3).fill(expect.objectContaining(call)));
  });

  test('runs once when two edges get the same answers at once', async () => {
    askFor(edge, { ok: form });
    const taskId = await create('confirm');
    await settled(taskId);
    const urls = [edge.url, other.url, edge.url, other.url];
    const acknowledged = await Promise.all(urls.map((url) => update(taskId, { ok: accepted }, { url })));
    expect(acknowledged.map(({ result }) => result?.resultType)).toEqual(urls.map(() => 'complete'));
    expect((await settled(taskId)).status).toBe('completed');
    expect(edge.calls).toHaveLength(2);
  });

  test('keeps its answers when its next call is not admitted, and continues when it is polled again', async () => {
    askFor(edge, { ok: form });
    const taskId = await create('confirm');
    await settled(taskId);
    const { release } = holdCalls(edge);
    const busy = await useAllSlots();
    expect((await update(taskId, { ok: accepted })).result.resultType).toBe('complete');
    expect((await get(taskId)).result.status).toBe('working');
    askFor(edge, { ok: form });
    release();
    await Promise.all(busy.map((id) => settled(id)));
    expect((await settled(taskId)).result.structuredContent).toEqual({ answers: { ok: accepted } });
  });

  test.each<[string, object, string]>([
    ['a value of another type', { action: 'accept', content: { ok: 'canary' } }, '/content/ok must be boolean'],
    ['content that is no object', { action: 'accept', content: 'canary' }, '/content is missing or not valid'],
    ['an unknown action', { action: 'canary' }, '/action is missing or not valid'],
  ])(
    'refuses an answer that is not what was asked for, and can still be given another (%s)',
    async (_name, answer, why) => {
      askFor(edge, { ok: form });
      const taskId = await create('confirm');
      await settled(taskId);
      const { error } = await update(taskId, { ok: answer });
      expect([error.code, error.message]).toEqual([-32602, expect.stringContaining(why)]);
      expect(error.message).not.toContain('canary');
      expect((await get(taskId)).result).toMatchObject({ status: 'input_required', inputRequests: { ok: form } });
      await update(taskId, { ok: accepted });
      expect((await settled(taskId)).result.structuredContent).toEqual({ answers: { ok: accepted } });
    },
  );

  test('accepts that the person declines', async () => {
    askFor(edge, { ok: form });
    const taskId = await create('confirm');
    await settled(taskId);
    await update(taskId, { ok: { action: 'decline' } });
    expect((await settled(taskId)).result.structuredContent).toEqual({ answers: { ok: { action: 'decline' } } });
  });

  test('can be cancelled while nobody answers', async () => {
    askFor(edge, { ok: form });
    const taskId = await create('confirm');
    await settled(taskId);
    await cancel(taskId);
    expect(await settled(taskId)).toMatchObject({ status: 'cancelled' });
    await update(taskId, { ok: accepted });
    expect((await get(taskId)).result.status).toBe('cancelled');
    expect(edge.calls).toHaveLength(1);
  });

  test('never asks for what its client did not declare', async () => {
    askFor(edge, { ok: form });
    const ended = await settled(await create('confirm', { capabilities: knowsTasks }));
    expect(ended).toMatchObject({
      status: 'completed',
      result: { isError: true, structuredContent: { code: 'client_capability_missing' } },
    });
  });

  test('finishes on the plan that it started with, and not at all when its tool is gone', async () => {
    askFor(edge, { ok: form });
    const [kept, lost] = [await create('confirm'), await create('confirm')];
    await Promise.all([kept, lost].map((id) => settled(id)));
    const publish = async (changed: Tool[]) => {
      await edge.publishServer({ tools: changed });
      const list = async (url: string) => (await ask(edge, 'tools/list', {}, { url })).result.tools.length;
      while ((await list(edge.url)) !== changed.length || (await list(other.url)) !== changed.length);
    };
    await publish([{ ...(taskTools[4] as Tool), planDigest: 'd2' }]);
    await update(kept, { ok: accepted });
    expect((await settled(kept)).status).toBe('completed');
    expect(edge.calls.at(-1)?.planDigest).toBe('d1');
    await publish(taskTools.slice(0, 4));
    await update(lost, { ok: accepted });
    expect(await settled(lost)).toMatchObject({ status: 'failed', error: { data: { code: 'config_unavailable' } } });
    await publish(taskTools);
  });

  test('before it starts asks by ordinary results, and the round with the last answer creates the task', async () => {
    askFor(edge, { name: form });
    const first = await callTool('prepare');
    expect(first.result).toMatchObject({ resultType: 'input_required', inputRequests: { name: form } });
    expect(first.result.taskId).toBeUndefined();
    const { requestState } = first.result;
    const retry = { inputResponses: { name: accepted }, requestState };
    const { result } = await callTool('prepare', retry, { url: other.url });
    expect(result).toMatchObject({ resultType: 'task', status: 'working' });
    expect([result.requestState, result.inputRequests]).toEqual([undefined, undefined]);
    expect((await settled(result.taskId)).result.structuredContent).toEqual({ answers: { name: accepted } });
    expect((await callTool('prepare', retry)).error.code).toBe(-32602);
  });

  test('before it starts can be answered again when its task was not created', async () => {
    askFor(edge, { name: form });
    const { requestState } = (await callTool('prepare')).result;
    const retry = { inputResponses: { name: accepted }, requestState };
    edge.handle = async () => failed('not_started', 'tenant_busy', 'Not now');
    expect((await callTool('prepare', retry)).result.structuredContent.code).toBe('tenant_busy');
    askFor(edge, { name: form });
    const { result } = await callTool('prepare', retry, { url: other.url });
    expect(result.resultType).toBe('task');
    expect((await settled(result.taskId)).result.structuredContent).toEqual({ answers: { name: accepted } });
  });

  test('before it starts, but only as a task, is answered like one that asks while it runs', async () => {
    const created = Promise.withResolvers<void>();
    askFor(edge, { name: form });
    const askNow = edge.handle;
    edge.handle = async (call) => {
      await created.promise;
      return askNow(call);
    };
    const taskId = await create('prepare');
    created.resolve();
    expect(await settled(taskId)).toMatchObject({ status: 'input_required', inputRequests: { name: form } });
    await update(taskId, { name: accepted });
    expect((await settled(taskId)).result.structuredContent).toEqual({ answers: { name: accepted } });
  });

  test('before it starts reports a missing capability or an answer that does not fit, and creates no task', async () => {
    const details = { requiredCapabilities: { elicitation: {} } };
    edge.handle = async () => failed('not_started', 'client_capability_missing', 'It asks', { details });
    expect((await callTool('prepare', {}, { capabilities: knowsTasks })).error).toMatchObject({ code: -32021 });
    edge.handle = async () => failed('not_started', 'invalid_input_response', 'name: /ok is not a boolean');
    expect((await callTool('prepare', { inputResponses: { name: accepted } })).error.code).toBe(-32602);
  });
});

describe('subscriptions/listen', () => {
  const listen = (taskIds: string[], declared: object = capabilities) =>
    openStream(`${other.url}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'x-api-key': edge.key,
        ...modern.headers('subscriptions/listen'),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 'l1',
        method: 'subscriptions/listen',
        params: {
          notifications: { taskIds },
          _meta: { ...modern.meta, 'io.modelcontextprotocol/clientCapabilities': declared },
        },
      }),
    });

  test('reports each change of its client’s tasks as tasks/get would, at an edge that does not run them', async () => {
    askFor(edge, { ok: form });
    const taskId = await create('confirm');
    const stream = await listen([taskId, 'unknown']);
    expect((await stream.next())?.message.params.notifications).toEqual({ taskIds: [taskId] });
    const asking = (await stream.next())?.message;
    const { resultType: _, _meta, ...detailed } = (await get(taskId)).result;
    expect(asking.method).toBe('notifications/tasks');
    expect(asking.params).toEqual({ ...detailed, _meta: { 'io.modelcontextprotocol/subscriptionId': 'l1' } });
    await update(taskId, { ok: accepted });
    let message = (await stream.next())?.message;
    while (message.params.status === 'working') message = (await stream.next())?.message;
    expect(message.params).toMatchObject({ taskId, status: 'completed', result: { resultType: 'complete' } });
    stream.leave();
  });

  test('to tasks needs the extension: −32021', async () => {
    const answer = await ask(
      edge,
      'subscriptions/listen',
      { notifications: { taskIds: ['x'] } },
      {
        capabilities: canAll,
        headers: { accept: 'application/json, text/event-stream' },
      },
    );
    expect([answer.status, answer.error.code]).toEqual([400, -32021]);
  });
});
