import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { requestRest } from '../src/connectors.ts';
import { type ExternalServer, startAskingExternal } from '../src/external-servers.ts';
import { listToolNames } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';

/*
 * Calls of clients of 2026-07-28 during which a legacy external server asks a question: the calls wait in the data
 * plane, and whichever edge gets the answer continues them.
 */

let platform: TestPlatform;
let external: ExternalServer;
let serverId: string;
let otherKey: string;
let edges: [first: string, second: string];
const ended: unknown[] = [];

beforeAll(async () => {
  platform = await startPlatform();
  external = await startAskingExternal(ended);
  const attached = (name: string, fields: object = {}) => ({ name, url: external.url, tools: ['*'], ...fields });
  const { body } = await requestRest(platform, 'POST', '/mcp-servers', {
    name: 'asking',
    mode: 'NORMAL',
    externalMcpConfigs: [attached('usual'), attached('brief', { timeoutMs: 4000 })],
  });
  serverId = body.data.id;
  otherKey = (await requestRest(platform, 'POST', '/api-keys', { name: 'other' })).body.data.key;
  await until(async () => (await listToolNames(platform, serverId)).length === 10);
  edges = [platform.mcp, (await platform.startReplica('edge')).url];
}, 90_000);
beforeEach(() => {
  ended.length = 0;
});
afterAll(async () => {
  for (const each of [external, platform]) await each?.[Symbol.asyncDispose]();
});

// biome-ignore lint/suspicious/noExplicitAny: tests examine responses of any form
type Answer = { result: any; error: any; reported: any[] };
type Options = { key?: string; state?: string; responses?: object; meta?: object; capabilities?: object };
const inOslo = { action: 'accept', content: { city: 'Oslo' } };

/** Sends one request of a client that supports all questions; returns the response and the notifications before it. */
async function call(edge: string, name: string, options: Options = {}): Promise<Answer> {
  const { key = platform.apiKey, state, responses, meta = {} } = options;
  const { capabilities = { elicitation: {}, sampling: {}, roots: {} } } = options;
  const response = await fetch(`${edge}/mcp/${serverId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-api-key': key,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name,
        arguments: {},
        ...(state && { requestState: state }),
        ...(responses && { inputResponses: responses }),
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': capabilities,
          ...meta,
        },
      },
    }),
  });
  const text = await response.text();
  const lines = response.headers.get('content-type')?.startsWith('text/event-stream')
    ? text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
    : [text];
  const messages = lines.map((line) => JSON.parse(line));
  const { result, error } = messages.at(-1);
  return { result, error, reported: messages.slice(0, -1) };
}

/** Repeats the call with an answer to each question. */
const answer = (edge: string, name: string, { result }: Answer, given: object = inOslo, options: Options = {}) =>
  call(edge, name, {
    state: result.requestState,
    ...options,
    responses: Object.fromEntries(Object.keys(result.inputRequests).map((key) => [key, given])),
  });
const reportedBy = ({ result }: Answer) => JSON.parse(result.content[0].text);
const rows = async (tool: string) => {
  const { body } = await requestRest(platform, 'GET', `/calls?limit=50&tool=${tool}`);
  return (body.data as { outcome: string }[]).map(({ outcome }) => outcome);
};

test('a question is answered through another edge, round by round, and progress follows the client', async () => {
  const asked = await call(edges[0], 'usual__ask_twice', { meta: { progressToken: 'first' } });
  expect(asked.result).toMatchObject({
    resultType: 'input_required',
    inputRequests: { 'question-1': { method: 'elicitation/create', params: { message: 'usual: From where?' } } },
  });
  const again = await answer(edges[1], 'usual__ask_twice', asked, inOslo, { meta: { progressToken: 'second' } });
  expect(again.reported.map(({ params }) => params)).toEqual([{ progressToken: 'second', progress: 1 }]);
  expect(again.result.inputRequests).toMatchObject({ 'question-2': { params: { message: 'usual: Where to?' } } });
  const { result } = await answer(edges[0], 'usual__ask_twice', again, { action: 'accept', content: { city: 'Rome' } });
  expect(JSON.parse(result.content[0].text)).toEqual(['Oslo', 'Rome']);
  // There is one row per request, as with all questions.
  await until(async () => (await rows('usual__ask_twice')).length === 3);
  expect((await rows('usual__ask_twice')).toSorted()).toEqual(['done', 'input_required', 'input_required']);
}, 60_000);

test('the server hears that a person declined, and goes on', async () => {
  const asked = await call(edges[0], 'usual__ask_city');
  const given = { action: 'decline', content: { city: 'typed before' } };
  expect(reportedBy(await answer(edges[1], 'usual__ask_city', asked, given))).toEqual({ action: 'decline' });
});

test('of two retries with the same state only one continues the call, whichever edges get them', async () => {
  const asked = await call(edges[0], 'usual__ask_in_call');
  const both = await Promise.all(edges.map((edge) => answer(edge, 'usual__ask_in_call', asked)));
  const [done, refused] = both[0]?.error === undefined ? both : both.toReversed();
  expect(reportedBy(done as Answer)).toEqual(inOslo);
  expect(refused?.error).toMatchObject({ code: -32602, message: expect.stringMatching(/already used/) });
  expect(ended).toEqual([inOslo]);
});

test('the state of a waiting call is of no use to anybody else, nor for another tool', async () => {
  const asked = await call(edges[0], 'usual__ask_in_call');
  for (const [name, key] of [
    ['usual__ask_in_call', otherKey],
    ['usual__ask_city', platform.apiKey],
  ] as const) {
    const { error } = await answer(edges[1], name, asked, inOslo, { key });
    expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(/does not belong to this request/) });
  }
  expect(reportedBy(await answer(edges[1], 'usual__ask_in_call', asked))).toEqual(inOslo);
});

test('an answer that the form does not allow is refused, and the client may answer again', async () => {
  const asked = await call(edges[0], 'usual__ask_in_call');
  for (const content of [{ city: 5 }, { city: { nested: true } }]) {
    const { error } = await answer(edges[1], 'usual__ask_in_call', asked, { action: 'accept', content });
    expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(/not what was asked for/) });
  }
  expect(ended).toEqual([]);
  expect(reportedBy(await answer(edges[0], 'usual__ask_in_call', asked))).toEqual(inOslo);
});

test('a client that does not support a question is not asked, and the server decides what that means', async () => {
  const { result } = await call(edges[0], 'usual__ask_in_call', { capabilities: { sampling: {} } });
  expect(result).toMatchObject({ resultType: 'complete', isError: true });
});

test('a retry with the idempotency key of a waiting call waits for it, and it runs once', async () => {
  const meta = { 'io.toolplane/idempotency-key': 'one-city' };
  const asked = await call(edges[0], 'usual__ask_city', { meta });
  const other = call(edges[1], 'usual__ask_city', { meta });
  const first = await answer(edges[1], 'usual__ask_city', asked, inOslo, { meta });
  expect([reportedBy(first), reportedBy(await other)]).toEqual([inOslo, inOslo]);
  expect(ended).toEqual([inOslo]);
});

test('a client that never comes back leaves nothing behind: the server hears that nobody answers, and the lease ends', async () => {
  const asked = await call(edges[0], 'brief__ask_in_call');
  await until(async () => ended.length === 1);
  expect(ended).toEqual([{ action: 'cancel' }]);
  const redis = new Redis(platform.redisUrl);
  await until(async () => (await redis.zcount('tp:leases:calls', Date.now(), '+inf')) === 0);
  redis.disconnect();
  // A client that answers too late gets the end of the call, once.
  expect(reportedBy(await answer(edges[1], 'brief__ask_in_call', asked))).toEqual({ action: 'cancel' });
  expect((await answer(edges[1], 'brief__ask_in_call', asked)).error).toMatchObject({ code: -32602 });
}, 60_000);

describe('while a call waits for its client,', () => {
  test('its edge may be killed: another one continues the call', async () => {
    const asked = await call(edges[0], 'usual__ask_in_call');
    await platform.service('edge').kill('SIGKILL');
    expect(reportedBy(await answer(edges[1], 'usual__ask_in_call', asked))).toEqual(inOslo);
    await platform.service('edge').start();
  }, 60_000);

  test('a killed data plane leaves an unknown outcome, which the client is told at once', async () => {
    const asked = await call(edges[0], 'usual__ask_in_call');
    await platform.service('data-plane').kill('SIGKILL');
    const { result } = await answer(edges[1], 'usual__ask_in_call', asked);
    expect(result.structuredContent).toMatchObject({ outcome: 'unknown', code: 'worker_lost' });
    await platform.service('data-plane').start();
  }, 60_000);
});
