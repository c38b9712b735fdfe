import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike, Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { type Balancer, startBalancer } from '../src/balancer.ts';
import { clientInfo, openV2 } from '../src/mcp-clients.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* Notifications that clients receive without a request, with two edges; consecutive requests go to different edges. */

let platform: TestPlatform;
let upstream: Upstream;
let server: DeployedServer;
let balancer: Balancer;
let url: URL;
/** Resolving it lets the upstream answer the second step. */
let released: PromiseWithResolvers<void>;
let deployments = 0;

const berths = (api: string, description: string) => `
flower: "0.1"
id: berths
flows:
  - id: reserve_berth
    description: ${description}
    steps:
      - id: find
        request: { method: GET, url: "${api}/berths" }
        actions: [{ when: "$statusCode == 200", do: next }]
      - id: reserve
        request: { method: POST, url: "${api}/reservations" }
        outputs: { berth: $response.body.berth }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { berth: $steps.reserve.outputs.berth }
`;

beforeAll(async () => {
  platform = await startPlatform();
  upstream = await startUpstream(async ({ path }, response) => {
    if (path === '/reservations') await released.promise;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"berth":42}');
  });
  server = await deployServer(platform, 'berths', berths(upstream.url, 'Reserves a berth and returns its number.'));
  balancer = await startBalancer([platform.mcp, (await platform.startReplica('edge')).url]);
  url = new URL(new URL(server.url).pathname, balancer.url);
}, 60_000);
beforeEach(() => {
  released = Promise.withResolvers();
});

afterAll(async () => {
  await balancer?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

/** Deploys the server again, which changes its list of tools. */
async function deployAnew(): Promise<void> {
  deployments += 1;
  const definition = berths(upstream.url, `Reserves a berth and returns its number; deployed ${deployments} times.`);
  await platform.rest.call('POST', `/mcp-servers/${server.id}/deploy`, { definition });
}

const requestInit = () => ({ headers: { 'x-api-key': platform.apiKey } });

describe('a changed list of tools is announced', () => {
  test.each<[string, (watched: FetchLike) => Transport]>([
    [
      'Streamable HTTP',
      (watched) => new StreamableHTTPClientTransport(url, { requestInit: requestInit(), fetch: watched }) as Transport,
    ],
    ['HTTP+SSE', (watched) => new SSEClientTransport(url, { requestInit: requestInit(), fetch: watched })],
  ])('to the v1 client over %s', async (_name, createTransport) => {
    const streaming = Promise.withResolvers<void>();
    const transport = createTransport(async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method !== 'POST') streaming.resolve();
      return response;
    });
    const reported = Promise.withResolvers<void>();
    const client = new LegacyClient(clientInfo);
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => reported.resolve());
    await client.connect(transport);
    await streaming.promise;
    await deployAnew();
    await reported.promise;
    expect((await client.listTools()).tools[0]?.description).toContain(`deployed ${deployments} times`);
    await client.close();
  });

  test('to the v2 client that listens', async () => {
    const client = await openV2(url.href, platform.apiKey, { pin: '2026-07-28' });
    const reported = Promise.withResolvers<void>();
    client.setNotificationHandler('notifications/tools/list_changed', () => reported.resolve());
    const subscription = await client.listen({ toolsListChanged: true, promptsListChanged: true });
    // The server has no prompts.
    expect(subscription.honoredFilter).toEqual({ toolsListChanged: true });
    await deployAnew();
    await reported.promise;
    await subscription.close();
    await client.close();
  });
});

test('the v2 client is told in an orderly way that its server is gone', async () => {
  const other = await deployServer(platform, 'other', berths(upstream.url, 'Reserves a berth and returns its number.'));
  const otherUrl = new URL(new URL(other.url).pathname, balancer.url);
  const client = await openV2(otherUrl.href, platform.apiKey, { pin: '2026-07-28' });
  const subscription = await client.listen({ toolsListChanged: true });
  await platform.rest.call('DELETE', `/mcp-servers/${other.id}`);
  expect(await subscription.closed).toBe('graceful');
  await client.close();
});

test('the v1 client whose stream is cut gets the rest of it at the other edge, including the answer', async () => {
  const cutOnce: FetchLike = async (input, init) => {
    const headers = new Headers(init?.headers);
    if (headers.has('last-event-id')) released.resolve();
    const response = await fetch(input, init);
    const isStream = response.headers.get('content-type') === 'text/event-stream';
    return init?.method === 'POST' && isStream ? cutAfterProgress(response) : response;
  };
  const transport = new StreamableHTTPClientTransport(url, { requestInit: requestInit(), fetch: cutOnce });
  const client = new LegacyClient(clientInfo);
  await client.connect(transport as Transport);
  const progress: number[] = [];
  const answer = await client.callTool({ name: 'reserve_berth', arguments: {} }, undefined, {
    onprogress: (event) => progress.push(event.progress),
  });
  expect(answer.structuredContent).toEqual({ berth: 42 });
  expect(progress).toEqual([1, 2]);
  await transport.terminateSession();
  await client.close();
});

/** Breaks the connection as soon as the first step is done. */
function cutAfterProgress(response: Response): Response {
  const decoder = new TextDecoder();
  let text = '';
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      text += decoder.decode(chunk, { stream: true });
      controller.enqueue(chunk);
      if (text.includes('notifications/progress') && text.endsWith('\n\n')) controller.error(new Error('cut'));
    },
  });
  return new Response(response.body?.pipeThrough(cut), response);
}
