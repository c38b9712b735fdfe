import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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

describe('while a call waits for its client,', () => {
  test('its edge may be killed: another one continues the call', async () => {
    const asked = await call(edges[0], 'usual__ask_in_call');
    await platform.service('edge').kill('SIGKILL');
    expect(reportedBy(await answer(edges[1], 'usual__ask_in_call', asked))).toEqual(inOslo);
    await platform.service('edge').start();
  }, 60_000);
});
