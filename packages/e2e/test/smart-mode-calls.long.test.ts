import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { connectAiSdk, connectOpenAiAgents } from '../src/agent-clients.ts';
import { connectInspector, connectMcpRemote } from '../src/command-line-clients.ts';
import { requestRest } from '../src/connectors.ts';
import type { Connect } from '../src/mcp-clients.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* A call through a server in mode SMART is like any other call: in traces, and when it asks the user. */

let platform: TestPlatform;
let upstream: Upstream;
let collector: OtlpReceiver;
let smart: DeployedServer;

const clientInfo = { name: 'smart-mode', version: '1.0.0' };
const capabilities = { elicitation: { form: {} } };
const agreed = { action: 'accept' as const, content: { sure: true } };

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"Ada"}');
  });
  const definition = `
flower: "0.1"
id: people
flows:
  - id: get_name
    description: Gets the name of a person by number from the register.
    inputs: { properties: { number: { type: integer, description: Any } } }
    steps:
      - id: fetch_name
        request: { method: GET, url: "${upstream.url}/names/$inputs.number" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.fetch_name.outputs.name }
  - id: forget_name
    description: Forgets the name of a person, after the user was asked.
    x-ask:
      sure:
        elicit:
          message: Really?
          schema: { properties: { sure: { type: boolean, description: Yes } }, required: [sure] }
    outputs: { answer: $answers.sure.action }
`;
  await deployServer(platform, 'people', definition);
  const { body } = await requestRest(platform, 'POST', '/mcp-servers', { name: 'smart' });
  smart = body.data;
}, 60_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

test('each call of a batch is part of its trace, from the client to the HTTP request', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const calls = [1, 2].map((number) => ({ slug: 'people.get_name', arguments: { number } }));
  const { result } = await callPlainly(platform, smart.id, 'execute_tools', { calls }, { meta: { traceparent } });
  expect(result?.structuredContent).toMatchObject({ error_count: 0 });
  const spans = () => collector.spans.filter((span) => span.traceId === traceId);
  await collector.until(() => spans().length >= 11);
  const childrenOf = (parentId: string) => spans().filter(({ parentSpanId }) => parentSpanId === parentId);
  const [batch, ...others] = childrenOf('b7ad6b7169203331');
  expect([batch?.name, others]).toEqual(['tools/call execute_tools', []]);
  const each = childrenOf(batch?.spanId ?? '');
  expect(each.map(({ name }) => name)).toEqual(['tools/call get_name', 'tools/call get_name']);
  for (let level = each, names = ['send calls', 'process calls', 'step fetch_name', 'GET']; names.length > 0; ) {
    level = level.flatMap(({ spanId }) => childrenOf(spanId));
    expect(level.map(({ name }) => name)).toEqual([names[0], names[0]]);
    names = names.slice(1);
  }
  expect(collector.bodies.join('\n')).not.toContain('Ada');
});

const clients: [string, Connect, (value: unknown) => unknown][] = [
  ['AI SDK', connectAiSdk, (value) => value],
  ['OpenAI Agents', connectOpenAiAgents, (value) => value],
  ['mcp-remote', connectMcpRemote, (value) => value],
  // The Inspector's arguments are words of a command line.
  ['Inspector', connectInspector, (value) => JSON.stringify(value)],
];

test.each(clients)('%s finds a tool and executes it with what the meta tools say', async (_name, connect, write) => {
  await using client = await connect(smart.url, platform.apiKey);
  const queries = write([{ use_case: 'look up the name of somebody' }]);
  const found = (await client.callTool('discover_tools', { queries })).structuredContent;
  const { slug } = (found as { results: { tools: { slug: string }[] }[] }).results[0]?.tools[0] ?? {};
  expect(slug).toBe('people.get_name');
  const calls = write([{ slug, arguments: { number: 7 } }]);
  const executed = (await client.callTool('execute_tools', { calls })).structuredContent;
  expect(executed).toMatchObject({ results: [{ ok: true, output: { name: 'Ada' } }], error_count: 0 });
});

const forget = { name: 'execute_tools', arguments: { calls: [{ slug: 'people.forget_name', arguments: {} }] } };
const forgotten = { results: [{ ok: true, output: { answer: 'accept' } }], error_count: 0 };

test('a tool that needs a confirmation runs for a client of protocol 2026-07-28 (@modelcontextprotocol/client)', async () => {
  const client = new ModernClient(clientInfo, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
  client.setRequestHandler('elicitation/create', () => agreed);
  const requestInit = { headers: { 'x-api-key': platform.apiKey } };
  await client.connect(new ModernTransport(new URL(smart.url), { requestInit }));
  expect((await client.callTool(forget)).structuredContent).toMatchObject(forgotten);
  await client.close();
});

test('a tool that needs a confirmation runs for a client of protocol 2025-11-25 (@modelcontextprotocol/sdk)', async () => {
  const client = new LegacyClient(clientInfo, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, () => agreed);
  const requestInit = { headers: { 'x-api-key': platform.apiKey } };
  const transport = new LegacyTransport(new URL(smart.url), { requestInit });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  expect((await client.callTool(forget)).structuredContent).toMatchObject(forgotten);
  await client.close();
});
