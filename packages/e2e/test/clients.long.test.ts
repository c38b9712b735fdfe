import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectAiSdk, connectAiSdkSse, connectOpenAiAgents } from '../src/agent-clients.ts';
import { type Balancer, startBalancer } from '../src/balancer.ts';
import {
  connectInspector,
  connectInspectorSse,
  connectMcpRemote,
  connectMcpRemoteSse,
} from '../src/command-line-clients.ts';
import { requestRest } from '../src/connectors.ts';
import {
  type Connect,
  connectLegacy,
  connectLegacySse,
  connectModern,
  connectNegotiating,
  connectV2Legacy,
} from '../src/mcp-clients.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* The clients that people use, unchanged. */

let platform: TestPlatform;
let upstream: Upstream;
let server: DeployedServer;
let smart: { url: string };
let balancer: Balancer;

const trains = (api: string) => `
flower: "0.1"
id: trains
flows:
  - id: find_train
    description: Finds a night train by its number and returns its name.
    inputs:
      properties: { number: { type: integer, description: Number of the train } }
      required: [number]
    steps:
      - id: find
        request: { method: GET, url: "${api}/trains/$inputs.number" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.find.outputs.name }
`;

beforeAll(async () => {
  platform = await startPlatform();
  upstream = await startUpstream(({ path }, response) => {
    const name = path === '/trains/7' ? 'The Somnambulist' : 'another one';
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ name, seats: 12 }));
  });
  server = await deployServer(platform, 'trains', trains(upstream.url));
  smart = (await requestRest(platform, 'POST', '/mcp-servers', { name: 'smart' })).body.data;
  balancer = await startBalancer([platform.mcp, (await platform.startReplica('edge')).url]);
}, 60_000);

afterAll(async () => {
  await balancer?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const clients: [string, Connect][] = [
  ['@modelcontextprotocol/sdk (v1) over Streamable HTTP', connectLegacy],
  ['@modelcontextprotocol/sdk (v1) over HTTP+SSE', connectLegacySse],
  ['@modelcontextprotocol/client (v2) with initialize', connectV2Legacy],
  ['@modelcontextprotocol/client (v2) that negotiates', connectNegotiating],
  ['@modelcontextprotocol/client (v2) held to 2026-07-28', connectModern],
  ['@ai-sdk/mcp over HTTP', connectAiSdk],
  ['@ai-sdk/mcp over HTTP+SSE', connectAiSdkSse],
  ['@openai/agents', connectOpenAiAgents],
  ['mcp-remote over Streamable HTTP', connectMcpRemote],
  ['mcp-remote over HTTP+SSE', connectMcpRemoteSse],
  ['the Inspector over Streamable HTTP', connectInspector],
  ['the Inspector over HTTP+SSE', connectInspectorSse],
];

describe.each([
  ['at one edge', () => server.url],
  // Each request goes to the edge that the previous one did not use.
  ['at two edges in turn', () => balancer.url + new URL(server.url).pathname],
])('%s', (_where, url) => {
  test.each(clients)('%s finds the tool and gets its outputs', async (_name, connect) => {
    await using client = await connect(url(), platform.apiKey);
    const [tools, answer] = await Promise.all([client.listTools(), client.callTool('find_train', { number: 7 })]);
    expect(tools.map(({ name }) => name)).toEqual(['find_train']);
    expect(answer.isError ?? false).toBe(false);
    expect(answer.structuredContent).toEqual({ name: 'The Somnambulist' });
  });
});

test.each<[string, Connect, (value: unknown) => unknown]>([
  ['@ai-sdk/mcp', connectAiSdk, (value) => value],
  ['@openai/agents', connectOpenAiAgents, (value) => value],
  ['mcp-remote', connectMcpRemote, (value) => value],
  // The Inspector's arguments are words of a command line.
  ['the Inspector', connectInspector, (value) => JSON.stringify(value)],
])('%s finds a tool with the meta tools and executes it with what they say', async (_name, connect, write) => {
  await using client = await connect(smart.url, platform.apiKey);
  const queries = write([{ use_case: 'look up a night train' }]);
  const found = (await client.callTool('discover_tools', { queries })).structuredContent;
  const { slug } = (found as { results: { tools: { slug: string }[] }[] }).results[0]?.tools[0] ?? {};
  expect(slug).toBe('trains.find_train');
  const calls = write([{ slug, arguments: { number: 7 } }]);
  const executed = (await client.callTool('execute_tools', { calls })).structuredContent;
  expect(executed).toMatchObject({ results: [{ ok: true, output: { name: 'The Somnambulist' } }], error_count: 0 });
});

test('both edges were asked', () => {
  const [first = 0, second = 0] = balancer.served;
  expect(Math.min(first, second)).toBeGreaterThan(clients.length);
});
