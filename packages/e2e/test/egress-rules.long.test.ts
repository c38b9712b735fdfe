import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { callPlainly } from '../src/plain-client.ts';
import { deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';
import { createTenant, type OtherTenant } from '../src/workspaces.ts';

/* The hosts to which the tools of a workspace may send requests, by the lists of its administrators. */

let platform: TestPlatform;
let upstream: Upstream;
let other: Upstream;
let redis: Redis;
let tenant: OtherTenant;
/** The servers of the first workspace and of the other tenant. */
let servers: { own: string; foreign: string };

const document = (api: string, redirected: string) => `
flower: "0.1"
id: places
title: Places
flows:
  - id: get_place
    description: Get a place (${api})
    steps:
      - id: get
        request: { method: GET, url: "${api}/place" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.get.outputs.name }
  - id: get_moved
    description: Get a place that has moved
    steps:
      - id: get
        request: { method: GET, url: "${redirected}/moved" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.get.outputs.name }
`;

beforeAll(async () => {
  platform = await startPlatform();
  redis = new Redis(platform.redisUrl, { disconnectTimeout: 100 });
  upstream = await startUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json').end('{"name":"Ostend"}');
  });
  other = await startUpstream((_request, response) => {
    response.writeHead(302, { location: `${upstream.url}/place` }).end();
  });
  tenant = await createTenant(platform, 'Neighbour');
  const text = document(upstream.url, other.url);
  servers = {
    own: (await deployServer(platform, 'places', text)).id,
    foreign: (await deployServer({ ...platform, ...tenant }, 'places', text)).id,
  };
}, 60_000);

afterAll(async () => {
  redis?.disconnect();
  await other?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  await putRules({ allowHosts: null, denyHosts: [] });
  await until(async () => (await callTool()) === 'Ostend', 5000);
});

async function putRules(rules: { allowHosts: string[] | null; denyHosts: string[] }): Promise<void> {
  await platform.rest.call('PUT', '/workspaces/ws_default/egress', rules);
}

/** Calls a tool and returns its output, or the code of its error. */
async function callTool(tool = 'get_place', serverId = servers.own, apiKey = platform.apiKey): Promise<string> {
  const { result } = await callPlainly({ ...platform, apiKey }, serverId, tool);
  const { name, code } = result?.structuredContent ?? {};
  return String(name ?? code);
}

describe('a change of the rules takes effect on calls within seconds', () => {
  test.each<[string, () => { allowHosts: string[] | null; denyHosts: string[] }]>([
    ['a host is denied', () => ({ allowHosts: null, denyHosts: [upstream.host] })],
    ['another host is allowed', () => ({ allowHosts: ['api.example.com'], denyHosts: [] })],
    ['no host is allowed', () => ({ allowHosts: [], denyHosts: [] })],
    ['a host is allowed and denied', () => ({ allowHosts: [upstream.host], denyHosts: [upstream.host] })],
  ])('%s: egress_denied before a socket opens, and other workspaces are unaffected', async (_what, rules) => {
    expect(await callTool()).toBe('Ostend');
    await putRules(rules());
    await until(async () => (await callTool()) === 'egress_denied', 5000);
    const seen = upstream.requests.length;
    expect(await callTool()).toBe('egress_denied');
    expect(upstream.requests.length).toBe(seen);
    expect(await callTool('get_place', servers.foreign, tenant.apiKey)).toBe('Ostend');
  });

  test('an allowed host is reached', async () => {
    await putRules({ allowHosts: [upstream.host], denyHosts: [] });
    await until(async () => (await callTool('get_moved')) === 'egress_denied', 5000);
    expect(await callTool()).toBe('Ostend');
  });
});

test('a redirect to a denied host is not followed', async () => {
  expect(await callTool('get_moved')).toBe('Ostend');
  await putRules({ allowHosts: null, denyHosts: [upstream.host] });
  await until(async () => (await callTool()) === 'egress_denied', 5000);
  const seen = { upstream: upstream.requests.length, other: other.requests.length };
  expect(await callTool('get_moved')).toBe('egress_denied');
  expect([upstream.requests.length, other.requests.length]).toEqual([seen.upstream, seen.other + 1]);
});

describe('whoever can write to Redis cannot open a denied host (T33)', () => {
  const key = 'tp:egress:ws_default';
  const announce = () => redis.publish('tp:changes', 'egress ws_default');

  test('with earlier rules', async () => {
    const open = (await redis.get(key)) ?? '';
    await putRules({ allowHosts: null, denyHosts: [upstream.host] });
    await until(async () => (await callTool()) === 'egress_denied', 5000);
    const seen = upstream.requests.length;
    for (const text of [open, 'nonsense', (await redis.get(`tp:egress:${tenant.workspaceId}`)) ?? '']) {
      await redis.set(key, text);
      await announce();
      for (let call = 0; call < 3; call += 1) expect(await callTool()).toBe('egress_denied');
    }
    expect(upstream.requests.length).toBe(seen);
  });

  test('by deleting the rules, or by then putting earlier ones in their place', async () => {
    const open = (await redis.get(key)) ?? '';
    await putRules({ allowHosts: null, denyHosts: [upstream.host] });
    await until(async () => (await callTool()) === 'egress_denied', 5000);
    const seen = upstream.requests.length;
    await redis.del(key);
    await announce();
    await until(async () => (await callTool()) === 'config_unavailable', 5000);
    await redis.set(key, open);
    await announce();
    expect(await callTool()).toBe('config_unavailable');
    expect(upstream.requests.length).toBe(seen);
  });
});
