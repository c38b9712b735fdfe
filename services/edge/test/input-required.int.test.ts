import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, type InputRequest, type Tool } from '@toolplane/contracts';
import type { openStream } from './event-reader.ts';
import { nextMessage, startSession } from './legacy-session.ts';
import { ask, canAll, type ModernOptions } from './modern-client.ts';
import { accepted, askFor, form } from './questions.ts';
import type { Replica } from './replica.ts';
import { echoTool, type JsonRpcAnswer, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * Calls that need their client: by results and retries in the modern era, and by requests on the stream in the legacy
 * era.
 */

let edge: TestEdge;
let other: Replica;

const plan = { planDigest: 'd1', deadlineMs: 5000 };
const tools: Tool[] = [
  { ...echoTool, ...plan, isRepeatable: true, asks: true },
  { ...echoTool, ...plan, isRepeatable: true, asks: true, name: 'twin' },
  { ...echoTool, ...plan, isRepeatable: true, name: 'silent' },
];
const asksToo = { ...plan, asks: true as const };
const published = {
  tools,
  prompts: [{ name: 'greet', arguments: [{ name: 'text' }], ...asksToo }],
  resourceTemplates: [{ uriTemplate: 'note://{id}', name: 'note', variables: [{ name: 'id' }], ...asksToo }],
};

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
  await edge.publishServer(published);
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
});

const sampling: InputRequest = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 10 } };
const roots: InputRequest = { method: 'roots/list', params: {} };
const page: InputRequest = {
  method: 'elicitation/create',
  params: { mode: 'url', message: 'Open it', url: 'https://example.com/connect' },
};

const callEcho = (extra: Record<string, unknown> = {}, options: ModernOptions = {}) =>
  ask(edge, 'tools/call', { name: 'echo', arguments: { text: 'a' }, ...extra }, { capabilities: canAll, ...options });

describe('a modern client', () => {
  test('is asked by a result, and its retry at another edge continues from there', async () => {
    askFor(edge, { ok: form, roots });
    const first = await callEcho();
    expect(first.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { ok: form, roots },
      requestState: expect.any(String),
    });
    const inputResponses = { ok: accepted, roots: { roots: [] } };
    const second = await callEcho({ inputResponses, requestState: first.result.requestState }, { url: other.url });
    expect(second.result).toMatchObject({ resultType: 'complete', structuredContent: { answers: inputResponses } });
    expect(edge.calls.map(({ abilities }) => abilities?.toSorted())).toEqual(
      Array(2).fill(['elicitation', 'elicitation.url', 'roots', 'sampling']),
    );
  });

  test('is asked round by round, each round with its own state', async () => {
    askFor(edge, { first: form }, { second: form });
    const first = await callEcho();
    const second = await callEcho({ inputResponses: { first: accepted }, requestState: first.result.requestState });
    expect(Object.keys(second.result.inputRequests)).toEqual(['second']);
    const { requestState } = second.result;
    expect(requestState).not.toBe(first.result.requestState);
    const third = await callEcho({ inputResponses: { second: accepted }, requestState });
    expect(third.result.structuredContent.answers).toEqual({ first: accepted, second: accepted });
  });

  test('can answer without the state, from the beginning', async () => {
    askFor(edge, { ok: form });
    const { result } = await callEcho({ inputResponses: { ok: accepted, unknown: {} } });
    expect(result.structuredContent.answers).toMatchObject({ ok: accepted });
  });

  test('is also asked by prompts/get and resources/read', async () => {
    askFor(edge, { ok: form });
    const capabilities = canAll;
    for (const [method, params] of [
      ['prompts/get', { name: 'greet', arguments: { text: 'a' } }],
      ['resources/read', { uri: 'note://7' }],
    ] as const) {
      const { result } = await ask(edge, method, params, { capabilities });
      expect(result).toMatchObject({ resultType: 'input_required', inputRequests: { ok: form } });
      const retry = { ...params, inputResponses: { ok: accepted }, requestState: result.requestState };
      expect((await ask(edge, method, retry, { capabilities })).result.resultType).toBe('complete');
    }
  });

  test('that cannot be asked gets −32021 with what is missing, and HTTP 400', async () => {
    const details = { requiredCapabilities: { sampling: {} } };
    edge.handle = async () => failed('not_started', 'client_capability_missing', 'It needs sampling', { details });
    for (const [method, params] of [
      ['tools/call', { name: 'echo', arguments: { text: 'a' } }],
      ['prompts/get', { name: 'greet' }],
    ] as const) {
      const { status, error } = await ask(edge, method, params);
      expect([status, error.code, error.data]).toEqual([400, -32021, details]);
    }
    expect(edge.calls[0]?.abilities).toEqual([]);
  });

  test('is never sent a request that it did not declare, whatever the data plane asks for', async () => {
    askFor(edge, { ok: form, model: sampling });
    const { status, error } = await callEcho({}, { capabilities: { elicitation: {} } });
    expect([status, error.code, error.data]).toEqual([400, -32021, { requiredCapabilities: { sampling: {} } }]);
  });

  test('whose answer does not fit the question gets −32602', async () => {
    edge.handle = async () => failed('not_started', 'invalid_input_response', 'ok: /ok is not a boolean');
    expect((await callEcho({ inputResponses: { ok: accepted } })).error).toMatchObject({
      code: -32602,
      message: 'ok: /ok is not a boolean',
    });
  });

  test.each([
    ['a list', []],
    ['text', 'x'],
    ['null', null],
    ['an answer that is not an object', { ok: 'yes' }],
  ])('gets −32602 for inputResponses that are %s', async (_name, inputResponses) => {
    expect((await callEcho({ inputResponses })).error.code).toBe(-32602);
    expect(edge.calls).toEqual([]);
  });
});

describe('a requestState', () => {
  const retry = (requestState: unknown, extra: object = {}, options: ModernOptions = {}) =>
    callEcho({ inputResponses: { ok: accepted }, requestState, ...extra }, options);
  let requestState = '';

  beforeEach(async () => {
    askFor(edge, { ok: form });
    requestState = (await callEcho()).result.requestState;
    edge.calls.length = 0;
  });

  test('can be used once, at any edge', async () => {
    const answers = await Promise.all([other.url, edge.url].map((url) => retry(requestState, {}, { url })));
    expect(answers.filter(({ result }) => result?.resultType === 'complete')).toHaveLength(1);
    expect(answers.find(({ error }) => error !== undefined)?.error.code).toBe(-32602);
    expect((await retry(requestState)).error.code).toBe(-32602);
    expect(edge.calls).toHaveLength(1);
  });

  test.each(['tenant_busy', 'shutting_down', 'config_unavailable', 'invalid_input_response'] as const)(
    'of a call that was not started (%s) can be used once more, at any edge',
    async (code) => {
      edge.handle = async () => failed('not_started', code, 'Not now');
      await retry(requestState);
      askFor(edge, { ok: form });
      const second = await retry(requestState, {}, { url: other.url });
      expect(second.result).toMatchObject({ resultType: 'complete', structuredContent: { answers: { ok: accepted } } });
      expect((await retry(requestState)).error.code).toBe(-32602);
    },
  );

  test.each(['done', 'unknown'] as const)('of a call whose outcome is %s counts as used', async (outcome) => {
    edge.handle = async () => failed(outcome, 'upstream_timeout', 'No answer in time');
    await retry(requestState);
    expect((await retry(requestState)).error.code).toBe(-32602);
  });

  test('reveals to its client nothing of what the data plane knows', () => {
    const [, sealed = ''] = requestState.split('.');
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/nonce|state|expires/);
  });

  test.each([
    ['changed', (state: string) => retry(`${state}x`)],
    ['made up', () => retry('s1.AAAA')],
    ['not text', () => retry(7)],
    ['of other arguments', (state: string) => retry(state, { arguments: { text: 'b' } })],
    ['of other Config- headers', (state: string) => retry(state, {}, { headers: { 'Config-Org': 'acme' } })],
    ['of another tool', (state: string) => retry(state, { name: 'twin' })],
    ['of a tool that does not ask', (state: string) => retry(state, { name: 'silent' })],
    [
      'of another method',
      (state: string) => ask(edge, 'prompts/get', { name: 'greet', requestState: state }, { capabilities: canAll }),
    ],
    ['of another principal', async (state: string) => retry(state, {}, { key: (await edge.publishKey({})).key })],
  ])('that is %s is refused with −32602, and nothing runs', async (_name, send) => {
    expect((await send(requestState)).error.code).toBe(-32602);
    expect(edge.calls).toEqual([]);
  });

  test('of a plan that was replaced is refused, because the person was asked something else', async () => {
    await edge.publishServer({ ...published, tools: [{ ...(tools[0] as Tool), planDigest: 'd2' }] });
    let answer = await retry(requestState);
    // The edge may not have received the publication yet. A used state is also refused.
    while (answer.error === undefined) answer = await retry((await callEcho()).result.requestState);
    expect(answer.error.code).toBe(-32602);
    await edge.publishServer(published);
  });
});

describe('a legacy client', () => {
  test('is asked on its stream, a whole round at once, and may answer at another edge; no worker waits', async () => {
    askFor(edge, { ok: form, roots }, { later: form });
    const client = await startSession(edge, canAll);
    const stream = await client.open();
    const asked = [await nextMessage(stream), await nextMessage(stream)];
    expect(asked.map(({ method }) => method)).toEqual(['elicitation/create', 'roots/list']);
    expect(asked[0].params).toEqual(form.params);
    await client.respond(asked[1].id, { result: { roots: [] } }, other.url);
    await client.respond(asked[0].id, { result: accepted });
    const later = await nextMessage(stream);
    await client.respond(later.id, { result: accepted }, other.url);
    const answers = { ok: accepted, roots: { roots: [] }, later: accepted };
    expect(await nextMessage(stream)).toMatchObject({ id: 'c1', result: { structuredContent: { answers } } });
    expect(edge.calls).toHaveLength(3);
  });

  test('that answers with an error has not agreed: the plan decides what that means', async () => {
    askFor(edge, { ok: form });
    const client = await startSession(edge, canAll);
    const stream = await client.open();
    const { id } = await nextMessage(stream);
    await client.respond(id, { error: { code: -1, message: 'no' } });
    expect((await nextMessage(stream)).result.structuredContent).toEqual({ answers: { ok: { action: 'cancel' } } });
  });

  test('that refuses to sample is told that the call did not run, and need not answer the rest', async () => {
    askFor(edge, { model: sampling, ok: form });
    const client = await startSession(edge, canAll);
    const stream = await client.open();
    const [model, elicitation] = [await nextMessage(stream), await nextMessage(stream)];
    await client.respond(model.id, { error: { code: -1, message: 'no' } });
    const [withdrawn, answer] = [await nextMessage(stream), await nextMessage(stream)];
    expect(withdrawn).toMatchObject({ method: 'notifications/cancelled', params: { requestId: elicitation.id } });
    expect(answer.result).toMatchObject({
      isError: true,
      structuredContent: { code: 'input_declined', outcome: 'not_started' },
    });
    expect(edge.calls).toHaveLength(1);
  });

  test('that cancels while it is being asked gets its response ended, and the call does not run', async () => {
    askFor(edge, { ok: form });
    const client = await startSession(edge, canAll);
    const stream = await client.open();
    await nextMessage(stream);
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'c1' } };
    expect((await client.send(other.url, cancel)).status).toBe(202);
    const rest = await stream.rest();
    expect(rest.at(-1)?.message).toMatchObject({ id: 'c1', result: { structuredContent: { code: 'cancelled' } } });
    expect(edge.calls).toHaveLength(1);
  });

  test('that cancels before it is asked is not asked, and gets its response ended', async () => {
    const started = Promise.withResolvers<void>();
    edge.handle = async ({ signal }) => {
      started.resolve();
      if (!signal.aborted) await once(signal, 'abort');
      return { ok: true, outcome: 'input_required', inputRequests: { ok: form } };
    };
    const client = await startSession(edge, canAll);
    // The stream begins with the first event.
    const opening = client.open('text/event-stream');
    await started.promise;
    await client.send(other.url, {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'c1' },
    });
    const messages = (await (await opening).rest()).flatMap(({ message }) => message ?? []);
    expect(messages).toMatchObject([{ id: 'c1', result: { structuredContent: { code: 'cancelled' } } }]);
  });

  test('is told that its call did not start when its edge stops while waiting for a person', async () => {
    askFor(edge, { ok: form });
    const replica = await edge.startReplica();
    const stream = await (await startSession(edge, canAll, { url: replica.url })).open();
    const { id } = await nextMessage(stream);
    const stopped = replica.stop();
    const rest = (await stream.rest()).map(({ message }) => message);
    expect(rest).toMatchObject([
      { method: 'notifications/cancelled', params: { requestId: id } },
      { id: 'c1', result: { structuredContent: { code: 'shutting_down', outcome: 'not_started' } } },
    ]);
    await stopped;
    expect(edge.calls).toHaveLength(1);
  });

  test('that waits for a person takes the place of a stream, and is refused beyond its limit', async () => {
    askFor(edge, { ok: form }, { later: form });
    const { url } = await edge.startReplica({ perPrincipalMax: 1, totalMax: 10 });
    const client = await startSession(edge, canAll, { url });
    const answerAll = async (stream: Awaited<ReturnType<typeof openStream>>) => {
      let message = await nextMessage(stream);
      for (; message.method === 'elicitation/create'; message = await nextMessage(stream)) {
        await client.respond(message.id, { result: accepted });
      }
      return message.result.structuredContent;
    };
    const first = await client.open();
    const asked = await nextMessage(first);
    expect(await answerAll(await client.open('text/event-stream'))).toMatchObject({
      code: 'rate_limited',
      outcome: 'not_started',
    });
    await client.respond(asked.id, { result: accepted });
    const answers = { ok: accepted, later: accepted };
    expect(await answerAll(first)).toEqual({ answers });
    // Every slot that was taken has been released.
    expect(await answerAll(await client.open('text/event-stream'))).toEqual({ answers });
  });

  test('is asked in at most 20 rounds', async () => {
    askFor(edge, ...Array.from({ length: 30 }, (_, n) => ({ [`q${n}`]: form })));
    const client = await startSession(edge, canAll);
    const stream = await client.open();
    let message = await nextMessage(stream);
    let rounds = 0;
    for (; message.method === 'elicitation/create'; rounds += 1) {
      await client.respond(message.id, { result: accepted });
      message = await nextMessage(stream);
    }
    expect([rounds, message.result.structuredContent.code]).toEqual([20, 'loop_limit']);
  });

  test('gets an elicitationId with a page to open, as its protocol version requires', async () => {
    askFor(edge, { page });
    const client = await startSession(edge, canAll);
    const stream = await client.open();
    const { id, params } = await nextMessage(stream);
    expect(params).toEqual({ ...page.params, elicitationId: expect.any(String) });
    await client.respond(id, { result: { action: 'accept' } });
    expect((await nextMessage(stream)).result.structuredContent).toEqual({ answers: { page: { action: 'accept' } } });
  });

  test('without a stream gets a page to open as −32042, if its version has that', async () => {
    askFor(edge, { page });
    const client = await startSession(edge, canAll);
    const answer = await client.send(edge.url, client.request);
    expect((await answer.json()) as JsonRpcAnswer).toMatchObject({
      error: { code: -32042, data: { elicitations: [{ ...page.params, elicitationId: expect.any(String) }] } },
    });
  });

  test.each([
    ['without a stream', canAll, '2025-06-18', form],
    ['without the capability', { roots: {} }, '2025-11-25', form],
    ['of a version without −32042', canAll, '2025-06-18', page],
  ])('%s learns what is missing from a tool error', async (_name, capabilities, version, request) => {
    askFor(edge, { ok: request });
    const client = await startSession(edge, capabilities, { protocolVersion: version });
    const answer = (await (await client.send(edge.url, client.request)).json()) as JsonRpcAnswer;
    expect(answer.result).toMatchObject({
      isError: true,
      structuredContent: { code: 'client_capability_missing', outcome: 'not_started' },
    });
  });

  test('without a session has no capabilities', async () => {
    const details = { requiredCapabilities: { elicitation: {} } };
    edge.handle = async () => failed('not_started', 'client_capability_missing', 'It asks', { details });
    const { body } = await edge.post({ ...(await startSession(edge, {})).request, id: 1 });
    expect(body.result).toMatchObject({ isError: true, structuredContent: { details } });
    expect(edge.calls[0]?.abilities).toEqual([]);
  });
});
