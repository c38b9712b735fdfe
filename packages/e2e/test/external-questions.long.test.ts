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
import { type ExternalServer, startAskingExternal, startSigningExternal } from '../src/external-servers.ts';
import { clientInfo } from '../src/mcp-clients.ts';
import { listToolNames } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';

/* Questions that a legacy external server asks in the middle of a call, through two edges in turn. */

let platform: TestPlatform;
let balancer: Balancer;
let external: ExternalServer;
let signing: ExternalServer;
let serverId: string;
const ended: unknown[] = [];
const TOOLS = ['ask_city', 'ask_in_call', 'ask_twice', 'sample', 'list_roots'];
const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const sampled = { role: 'assistant' as const, content: { type: 'text' as const, text: 'hello' }, model: 'm1' };
const roots = [{ uri: 'file:///home/ada', name: 'home' }];

beforeAll(async () => {
  platform = await startPlatform();
  [external, signing] = await Promise.all([startAskingExternal(ended), startSigningExternal()]);
  const attached = (name: string, fields: object = {}) => ({ name, url: external.url, tools: ['*'], ...fields });
  const { body } = await requestRest(platform, 'POST', '/mcp-servers', {
    name: 'asking',
    mode: 'NORMAL',
    externalMcpConfigs: [
      attached('open', { allow: ['elicitation', 'sampling', 'roots'] }),
      attached('usual'),
      attached('closed', { allow: [] }),
      attached('brief', { timeoutMs: 8000 }),
      attached('signing', { url: signing.url }),
    ],
  });
  serverId = body.data.id;
  await until(async () => (await listToolNames(platform, serverId)).length === 4 * TOOLS.length + 1);
  balancer = await startBalancer([platform.mcp, (await platform.startReplica('edge')).url]);
}, 90_000);
afterAll(async () => {
  for (const each of [balancer, external, signing, platform]) await each?.[Symbol.asyncDispose]();
});

type Answer = (message: string, withdrawn: AbortSignal) => Promise<Record<string, unknown>>;
type Called = { content: { type: string; text: string }[]; isError?: boolean; structuredContent?: object };
type Call = (name: string, options?: { signal?: AbortSignal }) => Promise<Called>;
type Connected = AsyncDisposable & { call: Call };

const transportOptions = () => ({ requestInit: { headers: { 'x-api-key': platform.apiKey } } });
const inOslo: Answer = async () => ({ action: 'accept', content: { city: 'Oslo' } });
const urlOf = (base: string) => new URL(`${base}/mcp/${serverId}`);

async function connectV1(answer: Answer = inOslo, base = balancer.url): Promise<Connected> {
  const client = new LegacyClient(clientInfo, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, (request, { signal }) => answer(request.params.message, signal));
  client.setRequestHandler(CreateMessageRequestSchema, async () => sampled);
  client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots }));
  const transport = new LegacyTransport(urlOf(base), transportOptions());
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    call: async (name, options) => (await client.callTool({ name }, undefined, options)) as unknown as Called,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectV2(mode: 'legacy' | { pin: string }, answer: Answer = inOslo): Promise<Connected> {
  const client = new ModernClient(clientInfo, { capabilities, versionNegotiation: { mode } });
  client.setRequestHandler('elicitation/create', async (request, { mcpReq }) => {
    return (await answer(request.params.message, mcpReq.signal)) as { action: 'accept' };
  });
  client.setRequestHandler('sampling/createMessage', async () => sampled);
  client.setRequestHandler('roots/list', async () => ({ roots }));
  await client.connect(new ModernTransport(urlOf(balancer.url), transportOptions()));
  return {
    call: async (name, options) => (await client.callTool({ name }, options)) as unknown as Called,
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
      expect(reportedBy(await client.call(name))).toEqual({ action: 'accept', content: { city: 'Oslo' } });
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
