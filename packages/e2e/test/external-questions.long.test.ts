import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type Balancer, startBalancer } from '../src/balancer.ts';
import { requestRest } from '../src/connectors.ts';
import { startAskingExternal, startSigningExternal, type TestExternalServer } from '../src/external-servers.ts';
import { clientInfo } from '../src/mcp-clients.ts';
import { listToolNames } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';

/*
 * Questions that a legacy external server asks in the middle of a call, through two edges in turn. With clients of
 * 2026-07-28 the calls wait in the data plane, and whichever edge gets the answer continues them.
 */

let platform: TestPlatform;
let edges: [first: string, second: string];
let balancer: Balancer;
let external: TestExternalServer;
let signing: TestExternalServer;
let serverId: string;
const TOOLS = 5;
const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const sampled = { role: 'assistant' as const, content: { type: 'text' as const, text: 'hello' }, model: 'm1' };
const roots = [{ uri: 'file:///home/ada', name: 'home' }];

beforeAll(async () => {
  platform = await startPlatform();
  [external, signing] = await Promise.all([startAskingExternal([]), startSigningExternal()]);
  const attached = (name: string, fields: object = {}) => ({ name, url: external.url, tools: ['*'], ...fields });
  const { body } = await requestRest(platform, 'POST', '/mcp-servers', {
    name: 'asking',
    mode: 'NORMAL',
    externalMcpConfigs: [
      attached('open', { allow: ['elicitation', 'sampling', 'roots'] }),
      attached('usual'),
      attached('signing', { url: signing.url }),
    ],
  });
  serverId = body.data.id;
  await until(async () => (await listToolNames(platform, serverId)).length === 2 * TOOLS + 1);
  edges = [platform.mcp, (await platform.startReplica('edge')).url];
  balancer = await startBalancer(edges);
}, 90_000);
afterAll(async () => {
  for (const each of [balancer, external, signing, platform]) await each?.[Symbol.asyncDispose]();
});

type Answer = (message: string) => Promise<Record<string, unknown>>;
type Called = { content: { type: string; text: string }[] };
type Call = (name: string) => Promise<Called>;
type Connected = AsyncDisposable & { call: Call };

const transportOptions = () => ({ requestInit: { headers: { 'x-api-key': platform.apiKey } } });
const oslo = { action: 'accept', content: { city: 'Oslo' } };
const inOslo: Answer = async () => oslo;
const url = () => new URL(`${balancer.url}/mcp/${serverId}`);

async function connectV1(answer: Answer = inOslo): Promise<Connected> {
  const client = new LegacyClient(clientInfo, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, (request) => answer(request.params.message));
  client.setRequestHandler(CreateMessageRequestSchema, async () => sampled);
  client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots }));
  const transport = new LegacyTransport(url(), transportOptions());
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    call: async (name) => (await client.callTool({ name })) as unknown as Called,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectV2(mode: 'legacy' | { pin: string }, answer: Answer = inOslo): Promise<Connected> {
  const client = new ModernClient(clientInfo, { capabilities, versionNegotiation: { mode } });
  client.setRequestHandler('elicitation/create', async (request) => {
    return (await answer(request.params.message)) as { action: 'accept' };
  });
  client.setRequestHandler('sampling/createMessage', async () => sampled);
  client.setRequestHandler('roots/list', async () => ({ roots }));
  await client.connect(new ModernTransport(url(), transportOptions()));
  return {
    call: async (name) => (await client.callTool({ name })) as unknown as Called,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const reportedBy = ({ content }: Called) => JSON.parse(content[0]?.text ?? '');

describe.each([
  ['the SDK’s v1', (answer?: Answer) => connectV1(answer)],
  ['the SDK’s v2, at a protocol before 2026', (answer?: Answer) => connectV2('legacy', answer)],
  [
    'the SDK’s v2, at 2026-07-28, which answers with another request',
    (answer?: Answer) => connectV2({ pin: '2026-07-28' }, answer),
  ],
] as const)('a client of %s', (_name, connect) => {
  test('is asked what a legacy external server asks in the middle of a call: its person, its model, its roots', async () => {
    await using client = await connect();
    for (const name of ['open__ask_city', 'open__ask_in_call', 'usual__ask_city', 'usual__ask_in_call']) {
      expect(reportedBy(await client.call(name))).toEqual(oslo);
    }
    expect(reportedBy(await client.call('open__sample'))).toEqual(sampled);
    expect(reportedBy(await client.call('open__ask_twice'))).toEqual(['Oslo', 'Oslo']);
    expect(reportedBy(await client.call('open__list_roots'))).toEqual({ roots });
  });

  test('is sent to the page that an external server needs first, and the call is then repeated', async () => {
    const reported: string[] = [];
    await using client = await connect(async (message) => {
      reported.push(message);
      return { action: 'accept' };
    });
    expect((await client.call('signing__enter')).content).toEqual([{ type: 'text', text: 'Welcome' }]);
    expect(reported).toEqual(['signing: Sign in']);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: tests examine responses of any form
type Round = { result: any; error: any; reported: any[] };
type Options = { state?: string; responses?: object; meta?: object };

/** Sends one request of a client that supports all questions; returns the response and the notifications before it. */
async function ask(edge: string, name: string, { state, responses, meta = {} }: Options = {}): Promise<Round> {
  const response = await fetch(`${edge}/mcp/${serverId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-api-key': platform.apiKey,
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
const answerAt = (edge: string, name: string, { result }: Round, given: object = oslo, options: Options = {}) =>
  ask(edge, name, {
    state: result.requestState,
    ...options,
    responses: Object.fromEntries(Object.keys(result.inputRequests).map((key) => [key, given])),
  });
const rows = async (tool: string) => {
  const { body } = await requestRest(platform, 'GET', `/calls?limit=50&tool=${tool}`);
  return (body.data as { outcome: string }[]).map(({ outcome }) => outcome);
};

test('a question is answered through another edge, round by round, and progress follows the client', async () => {
  const asked = await ask(edges[0], 'usual__ask_twice', { meta: { progressToken: 'first' } });
  expect(asked.result).toMatchObject({
    resultType: 'input_required',
    inputRequests: { 'question-1': { method: 'elicitation/create', params: { message: 'usual: From where?' } } },
  });
  const again = await answerAt(edges[1], 'usual__ask_twice', asked, oslo, { meta: { progressToken: 'second' } });
  expect(again.reported.map(({ params }) => params)).toEqual([{ progressToken: 'second', progress: 1 }]);
  expect(again.result.inputRequests).toMatchObject({ 'question-2': { params: { message: 'usual: Where to?' } } });
  const { result } = await answerAt(edges[0], 'usual__ask_twice', again, {
    action: 'accept',
    content: { city: 'Rome' },
  });
  expect(JSON.parse(result.content[0].text)).toEqual(['Oslo', 'Rome']);
  // There is one row per request, as with all questions.
  await until(async () => (await rows('usual__ask_twice')).length === 3);
  expect((await rows('usual__ask_twice')).toSorted()).toEqual(['done', 'input_required', 'input_required']);
}, 60_000);

test('while a call waits for its client, its edge may be killed: another one continues the call', async () => {
  const asked = await ask(edges[0], 'usual__ask_in_call');
  await platform.service('edge').kill('SIGKILL');
  expect(reportedBy((await answerAt(edges[1], 'usual__ask_in_call', asked)).result)).toEqual(oslo);
  await platform.service('edge').start();
}, 60_000);
