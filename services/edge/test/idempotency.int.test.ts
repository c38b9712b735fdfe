import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEdgeStore, type EdgeStore } from '@toolplane/bus';
import { AppError, failed, succeeded, type Tool, type ToolCall } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import type { McpRequest } from '../src/calls/mcp-request.ts';
import { type RunResult, runOnce } from '../src/calls/run-once.ts';
import type { Target } from '../src/manifests/hosted-server.ts';
import { ask, canAll, knowsTasks, type ModernOptions } from './modern-client.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * An idempotency key makes it safe to repeat a call. There are two edges, because the second attempt may reach another
 * one.
 */

let edge: TestEdge;
let other: Replica;
let keyCount = 0;

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const tools: Tool[] = [
  { ...echoTool, ...plan },
  { ...echoTool, ...plan, name: 'hasty', deadlineMs: 700 },
  { ...echoTool, ...plan, name: 'asking', asks: true },
  { ...echoTool, ...plan, name: 'long', task: 'optional' },
];

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
  await edge.publishServer({ tools });
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded({ ...(body as ToolCall).arguments, run: edge.calls.length });
});

const newKey = () => `key-${process.pid}-${++keyCount}`;
const metaOf = (key: unknown) => ({ 'io.toolplane/idempotency-key': key });

/** Calls a tool with an idempotency key. */
const keyed = (
  key: string,
  { text = 'a', name = 'echo', ...options }: ModernOptions & { text?: string; name?: string } = {},
) => ask(edge, 'tools/call', { name, arguments: { text } }, { ...options, meta: metaOf(key) });

const replayed = { 'io.toolplane/replayed': true };

/** Installs a handler that waits, and returns the means to observe and to end it. */
function holdCalls() {
  const started = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  edge.handle = async () => {
    started.resolve();
    await released.promise;
    return succeeded({ run: edge.calls.length });
  };
  return { started: started.promise, release: released.resolve };
}

describe('the same idempotency key (B020)', () => {
  test('gives the first result again, at any edge, and marks it as a replay', async () => {
    const key = newKey();
    const first = await keyed(key);
    const second = await keyed(key, { url: other.url });
    expect(first.result.structuredContent).toEqual({ text: 'a', count: 1, run: 1 });
    expect(first.result._meta).not.toMatchObject(replayed);
    expect(second.result).toEqual({ ...first.result, _meta: { ...first.result._meta, ...replayed } });
    expect(edge.calls).toHaveLength(1);
  });

  test('works in the header, for a legacy client and with the arguments in another order', async () => {
    const key = newKey();
    const first = await edge.post(call({ text: 'a', count: 2 }), { headers: { 'Idempotency-Key': key } });
    const second = await edge.post(call({ count: 2, text: 'a' }, { _meta: metaOf(key) }));
    expect(second.body.result).toEqual({ ...first.body.result, _meta: replayed });
    expect(edge.calls).toHaveLength(1);
  });

  test('with other arguments is refused and runs nothing', async () => {
    const key = newKey();
    await keyed(key);
    const { result } = await keyed(key, { text: 'b', url: other.url });
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { code: 'idempotency_mismatch', outcome: 'not_started' },
    });
    expect(edge.calls).toHaveLength(1);
  });

  test('with null instead of no arguments is refused', async () => {
    await edge.publishServer({
      tools: [...tools, { ...echoTool, ...plan, name: 'any', inputSchema: { type: 'object' } }],
    });
    const meta = metaOf(newKey());
    const params = { name: 'any' };
    expect((await ask(edge, 'tools/call', { ...params, arguments: {} }, { meta })).result.isError).toBeUndefined();
    expect((await ask(edge, 'tools/call', params, { meta })).result._meta).toMatchObject(replayed);
    const { result } = await ask(edge, 'tools/call', { ...params, arguments: null }, { meta });
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'idempotency_mismatch' } });
    expect(edge.calls).toHaveLength(1);
  });

  test('with other Config- headers is refused, because they are part of the request', async () => {
    const key = newKey();
    await keyed(key, { headers: { 'Config-Org': 'acme' } });
    const other = await keyed(key, { headers: { 'Config-Org': 'emca' } });
    expect(other.result.structuredContent.code).toBe('idempotency_mismatch');
    const same = await keyed(key, { headers: { 'config-org': 'acme' } });
    expect(same.result._meta).toMatchObject(replayed);
    expect(edge.calls).toHaveLength(1);
  });

  test('of a call with a huge result says that the call has ended, and does not run it again', async () => {
    const key = newKey();
    edge.handle = async () => succeeded({ text: 'x'.repeat(600_000) });
    const first = await keyed(key);
    const second = await keyed(key, { url: other.url });
    expect(first.result.structuredContent.text).toHaveLength(600_000);
    expect(second.result).toMatchObject({
      isError: true,
      structuredContent: { code: 'output_too_large', outcome: 'done' },
      _meta: replayed,
    });
    expect(second.result.content[0].text).toContain('ended');
    expect(edge.calls).toHaveLength(1);
  });

  test('waits for a call that is still running at another edge, and gives its result', async () => {
    const key = newKey();
    const { started, release } = holdCalls();
    const first = keyed(key);
    await started;
    const second = keyed(key, { url: other.url });
    const third = keyed(key, { text: 'b', url: other.url });
    expect((await third).result.structuredContent.code).toBe('idempotency_mismatch');
    release();
    expect((await second).result.structuredContent).toEqual((await first).result.structuredContent);
    expect((await second).result._meta).toMatchObject(replayed);
    expect(edge.calls).toHaveLength(1);
  });

  test('at two edges at once makes one call', async () => {
    const key = newKey();
    const urls = [edge.url, other.url, edge.url, other.url, edge.url, other.url];
    const answers = await Promise.all(urls.map((url) => keyed(key, { url })));
    expect(answers.map(({ result }) => result.structuredContent.run)).toEqual(urls.map(() => 1));
    expect(answers.filter(({ result }) => result._meta['io.toolplane/replayed'] === true)).toHaveLength(5);
    expect(edge.calls).toHaveLength(1);
  });

  test('waits no longer than its own deadline, and says that the first call may still take effect', async () => {
    const key = newKey();
    const { started, release } = holdCalls();
    const first = keyed(key, { name: 'hasty' });
    await started;
    const { result } = await keyed(key, { name: 'hasty', url: other.url });
    release();
    expect(result.structuredContent.outcome).toBe('unknown');
    expect(result.content[0].text).toContain('the same idempotency key it never runs twice');
    await first;
    expect(edge.calls).toHaveLength(1);
  });

  test('is free again when nothing was executed', async () => {
    const key = newKey();
    edge.handle = async () => failed('not_started', 'secret_missing', 'There is no such secret');
    expect((await keyed(key)).result.structuredContent.code).toBe('secret_missing');
    edge.handle = async () => succeeded({});
    expect((await keyed(key, { text: 'b' })).result.isError).toBeUndefined();
    expect(edge.calls).toHaveLength(2);
  });

  test('is free again after invalid arguments', async () => {
    const key = newKey();
    expect((await keyed(key, { text: 'a!' })).result.structuredContent.code).toBe('invalid_arguments');
    expect((await keyed(key)).result.isError).toBeUndefined();
  });

  test.each(['done', 'unknown'] as const)('keeps a failure whose outcome is %s', async (outcome) => {
    const key = newKey();
    edge.handle = async () => failed(outcome, 'upstream_timeout', 'No answer in time');
    const first = await keyed(key);
    const second = await keyed(key, { url: other.url });
    expect(first.result.structuredContent.outcome).toBe(outcome);
    expect(second.result.structuredContent).toEqual(first.result.structuredContent);
    expect(second.result._meta).toMatchObject(replayed);
    expect(edge.calls).toHaveLength(1);
  });

  test('keeps the result of a call, not the questions before it', async () => {
    const key = newKey();
    const ofAsking = { name: 'asking', arguments: { text: 'a' } };
    const options = { capabilities: canAll, meta: metaOf(key) };
    edge.handle = async ({ body }) =>
      (body as ToolCall).inputResponses === undefined
        ? {
            ok: true,
            outcome: 'input_required',
            inputRequests: { ok: { method: 'elicitation/create', params: { message: 'Sure?', requestedSchema: {} } } },
          }
        : succeeded({ run: edge.calls.length });
    const first = await ask(edge, 'tools/call', ofAsking, options);
    const { requestState } = first.result;
    const retry = { ...ofAsking, inputResponses: { ok: { action: 'accept' } }, requestState };
    const second = await ask(edge, 'tools/call', retry, { ...options, url: other.url });
    expect(second.result.structuredContent).toEqual({ run: 2 });
    // The state was used up, which does not matter because nothing is run.
    const third = await ask(edge, 'tools/call', retry, options);
    expect(third.result).toMatchObject({ structuredContent: { run: 2 }, _meta: replayed });
  });

  test('gives the same task again', async () => {
    const key = newKey();
    const first = await keyed(key, { name: 'long', capabilities: knowsTasks });
    const second = await keyed(key, { name: 'long', capabilities: knowsTasks, url: other.url });
    expect(second.result).toMatchObject({ resultType: 'task', taskId: first.result.taskId });
    expect(edge.calls.length).toBeLessThanOrEqual(1);
    // A client that cannot read tasks learns how to get the result, and that it must not use another key.
    const unread = (await keyed(key, { name: 'long' })).result.structuredContent;
    expect(unread).toMatchObject({ code: 'client_capability_missing', outcome: 'unknown' });
  });

  test('is a different key for another principal and for another tool', async () => {
    const key = newKey();
    const { key: apiKey } = await edge.publishKey({});
    await keyed(key);
    expect((await keyed(key, { text: 'b', key: apiKey })).result.isError).toBeUndefined();
    expect((await keyed(key, { text: 'b', name: 'hasty' })).result.isError).toBeUndefined();
    expect(edge.calls).toHaveLength(3);
  });
});

describe('an idempotency key', () => {
  const keys = parseCallKeys(`s1:${randomBytes(32).toString('base64')}`);
  const storeAt = (redisUrl = process.env['REDIS_URL'] ?? '') => createEdgeStore({ redisUrl, keys });
  const stopping = new AbortController().signal;

  /** Returns a call as the edge makes it for a request, of a tool with this deadline. */
  const callOf = (key: string, deadlineMs: number) => {
    const manifest = { workspaceId: 'ws_1', serverId: 'srv_1' };
    const { signal } = new AbortController();
    const request = {
      server: { manifest },
      principal: { kind: 'anonymous' },
      params: {},
      headers: {},
      signal,
      client: { knowsTasks: true },
    };
    return { request: request as unknown as McpRequest, target: { name: 't', deadlineMs } as Target, key };
  };
  const neverRun = () => Promise.reject(new Error('it was run'));
  const ended: RunResult = { result: { members: '"content":[]' }, isFinal: true };
  const notStarted: RunResult = { result: { members: '"content":[],"isError":true' }, isFinal: false };
  const unanswered = async () => {
    throw new AppError('queue_unavailable', 'No answer in time');
  };

  test('of a call whose edge died before it wrote the result is unknown, and does not run the call again', async () => {
    await using store = disposableStore(await storeAt());
    const key = newKey();
    // The edge may write the result until three seconds after the deadline. With a deadline long past, 100 ms remain.
    void runOnce({ store, stopping }, callOf(key, -2900), () => new Promise(() => {}));
    const result = await runOnce({ store, stopping }, callOf(key, 5000), neverRun);
    expect(result).toMatchObject({ members: expect.stringContaining('"outcome":"unknown"') });
    expect(result).toMatchObject({ members: expect.stringContaining('key is unknown') });
  });

  test('runs nothing when its protection is unavailable', async () => {
    await using store = disposableStore(await storeAt('redis://127.0.0.1:1'));
    const result = await runOnce({ store, stopping }, callOf(newKey(), 5000), neverRun);
    expect(result).toMatchObject({ members: expect.stringContaining('"code":"queue_unavailable"') });
    expect(result).toMatchObject({ members: expect.stringContaining('"outcome":"not_started"') });
  });

  test('is soon free when Redis did not confirm that it recorded it: the next try runs', async () => {
    await using store = disposableStore(await storeAt());
    const key = newKey();
    const silent = { ...store, createRecord: (...created: Created) => store.createRecord(...created).then(unanswered) };
    const refused = await runOnce({ store: silent, stopping }, callOf(key, 5000), neverRun);
    expect(refused).toMatchObject({ members: expect.stringContaining('"outcome":"not_started"') });
    expect(await runOnce({ store, stopping }, callOf(key, 5000), async () => ended)).toMatchObject(ended.result);
  });

  test('that is recorded twice by the same try still belongs to that try', async () => {
    await using store = disposableStore(await storeAt());
    const createRecord = (...created: Created) =>
      store.createRecord(...created).then(() => store.createRecord(...created));
    const result = await runOnce({ store: { ...store, createRecord }, stopping }, callOf(newKey(), 5000), async () => {
      return ended;
    });
    expect(result).toMatchObject(ended.result);
  });

  test.each([
    ['getRecord', notStarted],
    ['deleteRecord', notStarted],
    ['getRecord', ended],
    ['replaceRecord', ended],
  ] as const)('is not lost when %s fails at the end of a call: it is done later', async (method, ran) => {
    await using store = disposableStore(await storeAt());
    const key = newKey();
    const failed = Promise.withResolvers<void>();
    let failures = 2;
    const failing: EdgeStore = {
      ...store,
      [method]: async (...args: never[]) => {
        failures -= 1;
        if (failures < 0) return Reflect.apply(store[method], store, args);
        if (failures === 0) failed.resolve();
        return unanswered();
      },
    };
    const first = await runOnce({ store: failing, stopping }, callOf(key, 5000), async () => ran);
    expect(first).toMatchObject(ran.result);
    await failed.promise;
    const second = runOnce({ store, stopping }, callOf(key, 5000), ran.isFinal ? neverRun : async () => ended);
    expect(await second).toMatchObject(ended.result);
  });

  test('is freed only by its own call', async () => {
    await using store = disposableStore(await storeAt());
    const key = newKey();
    // While this call runs, its record is lost, and another call takes the key.
    await runOnce({ store, stopping }, callOf(key, 5000), async () => {
      const createRecord = async (...[kind, id, record, ttlMs]: Created) => {
        await store.deleteRecord(kind, id);
        return store.createRecord(kind, id, record, ttlMs);
      };
      await runOnce({ store: { ...store, createRecord }, stopping }, callOf(key, 5000), async () => ended);
      return notStarted;
    });
    expect(await runOnce({ store, stopping }, callOf(key, 5000), neverRun)).toMatchObject(ended.result);
  });

  test('of a task that has ended says so, and runs nothing again', async () => {
    await using store = disposableStore(await storeAt());
    const key = newKey();
    const taskOf = (taskId: string): RunResult => ({
      result: { kind: 'task', members: `"taskId":"${taskId}"` },
      isFinal: true,
    });
    await runOnce({ store, stopping }, callOf(key, 5000), async () => taskOf('over'));
    const second = await runOnce({ store, stopping }, callOf(key, 5000), neverRun);
    expect(second).toMatchObject({ members: expect.stringContaining('"outcome":"done"') });
    expect(second).toMatchObject({ members: expect.stringContaining('a task that has ended') });
  });

  test('is not waited for by a stopping edge, which cannot tell what became of the first call', async () => {
    await using store = disposableStore(await storeAt());
    const key = newKey();
    const stop = new AbortController();
    void runOnce({ store, stopping }, callOf(key, 5000), () => new Promise(() => {}));
    const waiting = runOnce({ store, stopping: stop.signal }, callOf(key, 5000), neverRun);
    stop.abort();
    const result = await waiting;
    expect(result).toMatchObject({ members: expect.stringContaining('"code":"shutting_down"') });
    expect(result).toMatchObject({ members: expect.stringContaining('"outcome":"unknown"') });
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});

type Created = Parameters<EdgeStore['createRecord']>;
const disposableStore = (store: EdgeStore) => Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });

describe('an idempotency key is refused with −32602 and runs nothing', () => {
  test.each([
    ['when it is empty', ''],
    ['when it is longer than 255 characters', 'k'.repeat(256)],
    ['when it contains a space', 'a b'],
    ['when it contains a character that no header can carry', 'ключ'],
    ['when it is not text', 7],
    ['when it is null', null],
  ])('%s', async (_name, key) => {
    const { body } = await edge.post(call({ text: 'a' }, { _meta: metaOf(key) }));
    expect(body.error.code).toBe(-32602);
    expect(edge.calls).toEqual([]);
  });

  test('when it is in both _meta and the header', async () => {
    const headers = { 'Idempotency-Key': newKey() };
    const { body } = await edge.post(call({ text: 'a' }, { _meta: metaOf(newKey()) }), { headers });
    expect(body.error.code).toBe(-32602);
  });

  test('when the caller is anonymous, because everybody would get the result', async () => {
    await edge.publishServer({ serverId: 'srv_open', slug: 'open', isPublic: true, tools });
    const { body } = await edge.post(call({ text: 'a' }, { _meta: metaOf(newKey()) }), {
      path: '/mcp/srv_open',
      key: '',
    });
    expect(body.error.code).toBe(-32602);
  });
});
