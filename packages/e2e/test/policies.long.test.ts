import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approveAsMember } from '../src/approver.ts';
import { requestRest } from '../src/connectors.ts';
import { type Connect, connectLegacy, connectModern } from '../src/mcp-clients.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* A policy from the REST API to two edges: what clients of both eras see, what runs, and what a person approves. */

let platform: TestPlatform;
let upstream: Upstream;
let server: DeployedServer;
/** The base URLs of two edges that share nothing but Redis. */
let edges: string[];
let requests = 0;

const flowOf = (name: string, isReadOnly: boolean) => `
  - id: ${name}
    description: Does ${name}.
    ${isReadOnly ? 'x-annotations: { readOnlyHint: true }' : ''}
    inputs: { properties: { amount: { type: integer } } }
    steps:
      - id: send
        request: { method: GET, url: "${upstream.url}/${name}" }
        outputs: { time: $response.body.time }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { time: $steps.send.outputs.time }`;

beforeAll(async () => {
  platform = await startPlatform();
  upstream = await startUpstream((_request, response) => {
    requests += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"time":"noon"}');
  });
  const flows = ['look', 'pay'].map((name) => flowOf(name, name === 'look')).join('');
  server = await deployServer(platform, 'bank', `\nflower: "0.1"\nid: bank\nflows:${flows}\n`);
  edges = [platform.mcp, (await platform.startReplica('edge')).url];
}, 120_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

async function rest<Data>(method: string, path: string, body?: unknown): Promise<Data> {
  const answer = await requestRest(platform, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${answer.status}`);
  return answer.body.data;
}
const namesAt = async (connect: Connect, edge: string, key: string) => {
  await using client = await connect(`${edge}/mcp/${server.id}`, key);
  return (await client.listTools()).map(({ name }) => name).sort();
};

test('a policy holds at every edge and in both eras: what is shown, what runs, how often, and what is approved', async () => {
  const clerk = await rest<{ key: string; id: string }>('POST', '/api-keys', { name: 'clerk' });
  const boss = await rest<{ key: string; id: string }>('POST', '/api-keys', { name: 'boss' });
  const everybody = ['look', 'pay'];
  for (const edge of edges) expect(await namesAt(connectModern, edge, clerk.key)).toEqual(everybody);
  await rest('PUT', `/mcp-servers/${server.id}/policy`, {
    policy: {
      unmatched: 'deny',
      rules: [
        { id: 'look', effect: 'allow', tools: { names: ['look'] } },
        { id: 'boss', effect: 'allow', tools: { names: ['pay'] }, callers: { keys: [boss.id] } },
        {
          id: 'large',
          effect: 'approve',
          tools: { names: ['pay'] },
          callers: { keys: [boss.id] },
          arguments: { required: ['amount'], properties: { amount: { minimum: 1000 } } },
        },
      ],
      limits: [{ id: 'three', tools: { names: ['look'] }, per: 'caller', calls: { max: 3, seconds: 600 } }],
    },
  });
  for (const edge of edges) {
    await until(async () => (await namesAt(connectModern, edge, clerk.key)).length === 1);
    expect(await namesAt(connectLegacy, edge, clerk.key)).toEqual(['look']);
    for (const connect of [connectModern, connectLegacy])
      expect(await namesAt(connect, edge, boss.key)).toEqual(everybody);
  }

  requests = 0;
  const codes: unknown[] = [];
  for (const edge of [...edges, ...edges]) {
    await using client = await connectModern(`${edge}/mcp/${server.id}`, clerk.key);
    codes.push((await client.callTool('look', {})).structuredContent['code'] ?? 'ok');
    await expect(client.callTool('pay', { amount: 1 })).rejects.toThrow('Unknown tool');
  }
  expect([codes, requests]).toEqual([['ok', 'ok', 'ok', 'rate_limited'], 3]);

  await using payer = await connectLegacy(`${edges[1]}/mcp/${server.id}`, boss.key);
  const pay = async (amount: number) => (await payer.callTool('pay', { amount })).structuredContent;
  expect(await pay(10)).toEqual({ time: 'noon' });
  const refused = await pay(5000);
  expect(refused).toMatchObject({ code: 'approval_required', details: { rule: 'large' } });
  const { request } = refused['details'] as { request: string };
  type Approval = { id: string; request: string };
  let requested: Approval | undefined;
  await until(async () => {
    const pending = await rest<Approval[]>('GET', '/approvals?state=pending');
    requested = pending.find((approval) => approval.request === request);
    return requested !== undefined;
  });
  await approveAsMember(platform, requested?.id ?? '', 'ws_default');
  await until(async () => (await pay(5000))['time'] === 'noon');
  expect(await pay(5000)).toMatchObject({ code: 'approval_required' });
  expect(await pay(6000)).toMatchObject({ code: 'approval_required' });
  expect(requests).toBe(5);
}, 120_000);
