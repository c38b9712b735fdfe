import { Agent, request } from 'node:http';
import { setInterval } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deployServer, type RunningService, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startTcpBalancer } from '../src/tcp-balancer.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * A new release is rolled out while agents work: the processes are stopped as Kubernetes stops them, one after another.
 */

const CALLS_PER_SECOND = 50;
const CALLS_MIN = 1000;

const document = (api: string) => `
flower: "0.1"
id: rolling
flows:
  - id: book
    description: Books something; must never happen twice.
    inputs: { properties: { number: { type: integer } }, required: [number] }
    steps:
      - id: book
        request: { method: POST, url: "${api}/bookings/$inputs.number" }
        outputs: { booking: $response.body.id }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { booking: $steps.book.outputs.booking }
`;

let platform: TestPlatform;
let upstream: Upstream;

beforeAll(async () => {
  platform = await startPlatform({ DRAIN_DELAY_MS: '1000', TENANT_IN_FLIGHT_MAX: '200' });
  upstream = await startUpstream(({ path }, response) => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: path }));
    }, 20);
  });
}, 60_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

test('all services are restarted one by one under 50 calls a second, and each call happens exactly once', async () => {
  const server = await deployServer(platform, 'rolling', document(upstream.url));
  const secondEdge = await platform.startReplica('edge');
  const secondWorker = await platform.startReplica('data-plane');
  const firstEdge = { url: platform.mcp, healthUrl: platform.healthUrl('edge') };
  await using balancer = await startTcpBalancer([firstEdge, secondEdge]);
  const url = `${balancer.url}${new URL(server.url).pathname}`;

  // Workers are restarted before edges, as the guide says.
  const order: RunningService[] = [platform.service('data-plane'), secondWorker, platform.service('edge'), secondEdge];
  const rollout = { isDone: false };
  const restarts = restartAll([...order, platform.service('control-plane')]).finally(() => {
    rollout.isDone = true;
  });
  const answers: Promise<string>[] = [];
  using agent = disposable(new Agent({ keepAlive: true }));
  for await (const _tick of setInterval(1000 / CALLS_PER_SECOND)) {
    answers.push(book(url, agent.it, answers.length));
    if (rollout.isDone && answers.length >= CALLS_MIN) break;
  }
  await restarts;

  const booked = await Promise.all(answers);
  expect(booked.filter((booking, number) => booking !== `/bookings/${number}`)).toEqual([]);
  expect(upstream.requests.map(({ path }) => path).toSorted()).toEqual(booked.toSorted());
}, 180_000);

async function restartAll(services: RunningService[]): Promise<void> {
  for (const service of services) {
    await service.kill('SIGTERM');
    await service.start();
  }
}

/** Returns the booking, or what was received instead. */
function book(url: string, agent: Agent, number: number): Promise<string> {
  const params = { name: 'book', arguments: { number } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: number, method: 'tools/call', params });
  const headers = { 'content-type': 'application/json', 'x-api-key': platform.apiKey };
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(bookingOf(text) ?? `${response.statusCode} ${text}`);
    });
    sent.on('error', (error) => resolve(String(error)));
    sent.end(body);
  });
}

function bookingOf(text: string): string | undefined {
  const { result } = JSON.parse(text) as { result?: { structuredContent?: { booking?: string } } };
  return result?.structuredContent?.booking;
}

function disposable(it: Agent): Disposable & { it: Agent } {
  return { it, [Symbol.dispose]: () => it.destroy() };
}
