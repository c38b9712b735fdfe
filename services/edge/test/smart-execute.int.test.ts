import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, type JsonObject, type Outcome, succeeded, type ToolCall } from '@toolplane/contracts';
import { openStream } from './event-reader.ts';
import { ask, canAll } from './modern-client.ts';
import { accepted, askFor, form, holdCalls } from './questions.ts';
import { callMeta, publishSmart, serverIdOf, toolNamed } from './smart-server.ts';
import { call, startTestEdge, type TestEdge } from './test-edge.ts';

/* `execute_tools`: each call of a batch is a call like any other. */

let edge: TestEdge;

const tools = [
  toolNamed('echo', 'Gives back what it gets.'),
  toolNamed('mail', 'Sends a mail.', { usesConnection: true, isRepeatable: false }),
  toolNamed('ask', 'Asks the user before it does something.', { asks: true, isRepeatable: false }),
  toolNamed('long', 'Takes its time.', { task: 'required' }),
];

beforeAll(async () => {
  edge = await startTestEdge();
  await publishSmart(edge, [{ toolkit: 'kit', tools }]);
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
  edge.handle = async ({ body }) => succeeded((body as ToolCall).arguments);
});

const echo = (text: string) => ({ slug: 'kit.echo', arguments: { text } });
const execute = async (calls: object[], options: Parameters<typeof callMeta>[3] = {}) =>
  (await callMeta(edge, 'execute_tools', { calls }, options)).value;
/** Makes the data plane answer a call according to its text. */
function answerBy(answers: Record<string, () => Promise<Outcome> | Outcome>): void {
  edge.handle = async ({ body }) => answers[String((body as ToolCall).arguments['text'])]?.() ?? succeeded({});
}

describe('a batch', () => {
  test('is answered in the order of its calls, and a failed call does not stop the others', async () => {
    const letGo = Promise.withResolvers<void>();
    answerBy({
      slow: () => letGo.promise.then(() => succeeded({ is: 'slow' })),
      bad: () => failed('done', 'step_failed', 'The API said no'),
      lost: () => failed('unknown', 'upstream_timeout', 'The API did not answer'),
      quick: () => {
        letGo.resolve();
        return succeeded({ is: 'quick' });
      },
    });
    const { result, value } = await callMeta(edge, 'execute_tools', {
      calls: [
        echo('slow'),
        echo('bad'),
        { slug: 'kit.echo', arguments: {} },
        { slug: 'kit.ecko' },
        echo('lost'),
        echo('quick'),
      ],
    });
    expect(JSON.parse(result.content[0].text)).toEqual(value);
    expect(result.isError).toBeUndefined();
    expect(value).toEqual({
      results: [
        { index: 0, slug: 'kit.echo', ok: true, output: { is: 'slow' } },
        { index: 1, slug: 'kit.echo', ok: false, error: { code: 'step_failed', message: 'The API said no.' } },
        { index: 2, slug: 'kit.echo', ok: false, error: { code: 'invalid_arguments', message: expect.any(String) } },
        {
          index: 3,
          slug: 'kit.ecko',
          ok: false,
          error: { code: 'not_found', message: expect.stringContaining('kit.echo') },
        },
        {
          index: 4,
          slug: 'kit.echo',
          ok: false,
          error: { code: 'upstream_timeout', message: expect.stringContaining('does no harm to repeat it') },
        },
        { index: 5, slug: 'kit.echo', ok: true, output: { is: 'quick' } },
      ],
      error_count: 4,
    });
    expect(value.results[2].error.message).toMatch(/text.*Nothing was executed/);
  });

  test('runs all of its calls, at most five at once', async () => {
    let running = 0;
    let most = 0;
    edge.handle = async () => {
      running += 1;
      most = Math.max(most, running);
      await delay(5);
      running -= 1;
      return succeeded({});
    };
    const { results, error_count } = await execute(Array.from({ length: 20 }, (_, n) => echo(String(n))));
    expect([results.length, error_count, edge.calls.length]).toEqual([20, 0, 20]);
    expect(most).toBeLessThanOrEqual(5);
  });

  test('runs each tool as on its own server, and reveals only what that tool may know about the caller', async () => {
    await execute([echo('a'), { slug: 'kit.mail', arguments: { text: 'b' } }], { headers: { 'x-username': 'ada' } });
    const common = { workspaceId: edge.workspaceId, serverId: serverIdOf(edge, 'kit') };
    const [plain, mail] = edge.calls.toSorted((a, b) => (a.tool < b.tool ? -1 : 1));
    expect(plain).toMatchObject({
      ...common,
      tool: 'echo',
      planDigest: 'plan of echo',
      arguments: { text: 'a', count: 1 },
    });
    expect(plain?.caller).toEqual({ config: {} });
    expect(mail).toMatchObject({ ...common, tool: 'mail', caller: { username: 'ada', agentId: expect.any(String) } });
  });

  test('gives text as the output of a tool that has only text, even if the tool reports a failure', async () => {
    const text = { type: 'text', text: '12 degrees' };
    const marked = { type: 'text', text: 'for people', annotations: { audience: ['user'] } };
    answerBy({
      plain: () => succeeded(null, [text, marked]),
      broken: () => ({ ...succeeded(null, [{ type: 'text', text: 'no such city' }]), isError: true }),
    });
    const { result, value } = await callMeta(edge, 'execute_tools', { calls: [echo('plain'), echo('broken')] });
    expect(value.results).toMatchObject([
      { ok: true, output: '12 degrees' },
      { ok: false, output: 'no such city', error: { code: 'tool_error' } },
    ]);
    const heading = { type: 'text', text: 'Content of results[0] (kit.echo):' };
    expect(result.content.slice(1)).toEqual([heading, marked]);
  });

  test('passes images and other content through, and says which call they belong to', async () => {
    const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
    const annotated = { type: 'text', text: 'a picture', annotations: { audience: ['user'] } };
    answerBy({ picture: () => succeeded(null, [image, annotated]), plain: () => succeeded({ is: 'plain' }) });
    const { result, value } = await callMeta(edge, 'execute_tools', { calls: [echo('plain'), echo('picture')] });
    expect(value.results[1]).toEqual({ index: 1, slug: 'kit.echo', ok: true });
    const heading = { type: 'text', text: 'Content of results[1] (kit.echo):' };
    expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(value) }, heading, image, annotated]);
    const alone = await callMeta(edge, 'execute_tools', { calls: [echo('picture')] });
    expect(alone.result.content.slice(1)).toEqual([image, annotated]);
  });

  test('leaves out a result that does not fit beside the others, and says that its call ran', async () => {
    answerBy({ large: () => succeeded({ text: 'x'.repeat(60_000) }) });
    const { results, error_count } = await execute([echo('large'), echo('large'), echo('small')]);
    expect(results.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, false, true]);
    expect(results[1].error).toMatchObject({
      code: 'output_too_large',
      message: expect.stringMatching(/was executed.*59 KB/),
    });
    expect([error_count, edge.calls.length]).toEqual([1, 3]);
  });

  test('reports a call whose headers its tool refuses as not started, and the others as they ended', async () => {
    const mail = { slug: 'kit.mail', arguments: { text: 'b' } };
    const headers = { 'x-upstream-authorization': 'x'.repeat(16_385) };
    const { results, error_count } = await execute([mail, echo('a'), mail, echo('c')], { headers });
    expect(results.map(({ ok }: { ok: boolean }) => ok)).toEqual([false, true, false, true]);
    expect(results[0].error).toEqual({
      code: 'invalid_request',
      message: expect.stringMatching(/^x-upstream-authorization.*Nothing was executed/),
    });
    expect([error_count, edge.calls.map(({ tool }) => tool)]).toEqual([2, ['echo', 'echo']]);
  });

  test('stops entirely when its client cancels', async () => {
    const { started } = holdCalls(edge);
    const leaving = new AbortController();
    const answer = execute(
      Array.from({ length: 20 }, (_, n) => echo(String(n))),
      { signal: leaving.signal },
    );
    const stopped = await started;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    while (!stopped.aborted) await delay(5);
    expect(edge.calls.length).toBeLessThanOrEqual(5);
  });

  test('reports how many of its calls have ended', async () => {
    const params = { name: 'execute_tools', arguments: { calls: [echo('a'), echo('b')] }, _meta: { progressToken: 7 } };
    const stream = await openStream(`${edge.url}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: { 'x-api-key': edge.key, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    const reported = [await stream.next(), await stream.next()].map((event) => JSON.parse(event?.data ?? '').params);
    expect(reported).toEqual([1, 2].map((progress) => ({ progressToken: 7, progress, total: 2 })));
  });
});

describe('a tool that asks', () => {
  const call = { slug: 'kit.ask', arguments: { text: 'a' } };

  test('asks a modern client by a result when it is the only call, and its retry continues from there', async () => {
    askFor(edge, { ok: form });
    const first = await callMeta(edge, 'execute_tools', { calls: [call] }, { capabilities: canAll });
    expect(first.result).toMatchObject({ resultType: 'input_required', inputRequests: { ok: form } });
    const extra = { inputResponses: { ok: accepted }, requestState: first.result.requestState };
    const second = await callMeta(edge, 'execute_tools', { calls: [call] }, { capabilities: canAll, extra });
    expect(second.value.results).toEqual([
      { index: 0, slug: 'kit.ask', ok: true, output: { answers: { ok: accepted } } },
    ]);
  });

  test('is refused in a larger batch, which runs without it', async () => {
    const { results } = await execute([call, echo('b')], { capabilities: canAll });
    expect(results[0]).toMatchObject({ ok: false, error: { message: expect.stringContaining('the only call') } });
    expect(results[1].ok).toBe(true);
    expect(edge.calls.map(({ tool }) => tool)).toEqual(['echo']);
  });

  test('gives the error of the protocol when the client cannot be asked', async () => {
    askFor(edge, { ok: form });
    expect((await callMeta(edge, 'execute_tools', { calls: [call] })).error.code).toBe(-32021);
  });
});

test('a tool that runs only as a task says so', async () => {
  const { results } = await execute([{ slug: 'kit.long', arguments: { text: 'a' } }]);
  expect(results[0].error).toMatchObject({ message: expect.stringContaining('only as a task') });
  expect(edge.calls).toEqual([]);
});

test('meta tools and names of other kinds cannot be executed', async () => {
  const slugs = ['execute_tools', 'discover_tools', 'kit.__proto__', 'constructor', 'echo', 'kit.echo '];
  const { results } = await execute(slugs.map((slug) => ({ slug })));
  expect(results.map(({ error }: { error: JsonObject }) => error['code'])).toEqual(slugs.map(() => 'not_found'));
});

describe('an idempotency key of a batch', () => {
  const keyed = (key: string, calls: object[], headers = {}) =>
    ask(
      edge,
      'tools/call',
      { name: 'execute_tools', arguments: { calls } },
      { headers: { 'idempotency-key': key, ...headers } },
    );
  let count = 0;
  const newKey = () => {
    count += 1;
    return `key-${edge.serverId}-${count}`;
  };

  test('makes a repetition return the result of the first, for the same user', async () => {
    const key = newKey();
    const first = await keyed(key, [echo('a'), echo('b')]);
    const second = await keyed(key, [echo('a'), echo('b')]);
    expect(second.result.structuredContent).toEqual(first.result.structuredContent);
    expect(second.result._meta['io.toolplane/replayed']).toBe(true);
    expect(edge.calls).toHaveLength(2);
    await keyed(key, [echo('a'), echo('b')], { 'x-username': 'ada' });
    expect(edge.calls).toHaveLength(4);
  });

  test('covers a call that waits for its client: it is not run again, and its result is kept', async () => {
    const headers = { 'idempotency-key': newKey() };
    const calls = [{ slug: 'kit.ask', arguments: { text: 'a' } }];
    edge.handle = async ({ ask: askClient }) => succeeded(await askClient(form, new AbortController().signal));
    const options = { headers, capabilities: canAll };
    const first = await callMeta(edge, 'execute_tools', { calls }, options);
    expect(first.result).toMatchObject({ resultType: 'input_required', inputRequests: { 'question-1': form } });
    const meanwhile = callMeta(edge, 'execute_tools', { calls }, options);
    const extra = { inputResponses: { 'question-1': accepted }, requestState: first.result.requestState };
    const second = await callMeta(edge, 'execute_tools', { calls }, { ...options, extra });
    expect(second.value.results).toEqual([{ index: 0, slug: 'kit.ask', ok: true, output: accepted }]);
    for (const repeated of [await meanwhile, await callMeta(edge, 'execute_tools', { calls }, options)]) {
      expect(repeated.value).toEqual(second.value);
      expect(repeated.result._meta['io.toolplane/replayed']).toBe(true);
    }
    expect(edge.calls).toHaveLength(1);
  });

  test('is free again when nothing of the batch was started', async () => {
    const key = newKey();
    edge.handle = async () => failed('not_started', 'upstream_busy', 'Too many calls');
    await keyed(key, [echo('a'), echo('b')]);
    edge.handle = async () => succeeded({});
    expect((await keyed(key, [echo('a'), echo('b')])).result.structuredContent.error_count).toBe(0);
    expect(edge.calls).toHaveLength(4);
  });
});

test('a legacy client gets an answer too', async () => {
  const { body } = await edge.post(call({ calls: [echo('a')] }, { name: 'execute_tools' }));
  expect(body.result.structuredContent).toMatchObject({
    results: [{ ok: true, output: { text: 'a' } }],
    error_count: 0,
  });
});
