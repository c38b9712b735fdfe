import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectInspector } from '../src/command-line-clients.ts';
import { createInstance, putCredential, registerConnector, requestRest } from '../src/connectors.ts';
import { startLegacyExternal, startModernExternal, type TestExternalServer } from '../src/external-servers.ts';
import { type Connect, connectLegacy, connectModern } from '../src/mcp-clients.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { sealFor } from '../src/seal-for.ts';
import { smallConnector } from '../src/small-connector.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* One server offers a workflow, tools of a connector and the tools of third-party MCP servers, to all clients alike. */

let platform: TestPlatform;
let upstream: Upstream;
let modern: TestExternalServer;
let legacy: TestExternalServer;
let server: { id: string; url: string };

const workflow = () => `
flower: "0.1"
id: hotel
flows:
  - id: count_rooms
    description: Counts the rooms of the hotel.
    steps:
      - id: count
        request: { method: GET, url: "${upstream.url}/rooms" }
        outputs: { rooms: $response.body.rooms }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { rooms: $steps.count.outputs.rooms }
`;

const externalTools = (name: string) => ['greet', 'refuse', 'show_request'].map((tool) => `${name}__${tool}`);
const allTools = () =>
  ['count_rooms', 'find_guest', 'list_guests', ...externalTools('modern'), ...externalTools('legacy')].sort();

beforeAll(async () => {
  platform = await startPlatform({ EXTERNAL_REFRESH_SECONDS: '1' });
  upstream = await startUpstream(({ path }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ rooms: 12, path }));
  });
  [modern, legacy] = await Promise.all([startModernExternal(), startLegacyExternal()]);
  const fields = [{ key: 'api_key', label: 'key', field_type: 'secret', required: true }];
  const auth = { auth_type_ref: 'api_key', auth_headers: { 'X-API-Key': '{api_key}' } };
  const operations = Object.fromEntries(
    ['find_guest', 'list_guests'].map((name) => [name, { endpoint: `${upstream.url}/${name}`, ...auth }]),
  );
  const authentication = [{ type: 'api_key', fields }];
  await registerConnector(platform, smallConnector({ slug: 'guests', operations, authentication }));
  const instance = await createInstance(platform, { connector: 'guests', instance_name: 'G', auth_type: 'api_key' });
  await putCredential(platform, instance, {
    scope: 'workspace',
    auth_type: 'api_key',
    fields: { api_key: 'guest-key-0123456789' },
    hosts: [upstream.host],
  });
  server = await create('everything', {
    selectedTools: ['guests.find_guest', 'guests.list_guests'],
    externalMcpConfigs: [modern, legacy].map(({ url }, index) => ({
      name: index === 0 ? 'modern' : 'legacy',
      url,
      tools: ['*'],
    })),
  });
  await platform.rest.call('POST', `/mcp-servers/${server.id}/deploy`, { definition: workflow() });
  await until(async () => (await listToolNames(platform, server.id)).length === allTools().length);
}, 60_000);
afterAll(async () => {
  for (const each of [modern, legacy, upstream, platform]) await each?.[Symbol.asyncDispose]();
});

async function create(name: string, fields: object): Promise<{ id: string; url: string }> {
  const request = { name, mode: 'NORMAL', ...fields };
  const { status, body } = await requestRest(platform, 'POST', '/mcp-servers', request);
  expect([status, body.error]).toEqual([201, undefined]);
  return body.data;
}

const clients: [string, Connect][] = [
  ['2026-07-28 (@modelcontextprotocol/client)', connectModern],
  ['2025-11-25 (@modelcontextprotocol/sdk)', connectLegacy],
  ['the Inspector', connectInspector],
];

describe.each(clients)('a client of %s', (_name, connect) => {
  test('finds the tools of the workflow, of the connector and of both external servers', async () => {
    await using client = await connect(server.url, platform.apiKey);
    const tools = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(allTools());
    const description = 'Greets a guest by name.';
    expect(tools.find(({ name }) => name === 'modern__greet')).toMatchObject({ description });
  });

  test('calls each of them; content and structured content of external ones come as they are', async () => {
    await using client = await connect(server.url, platform.apiKey);
    expect((await client.callTool('count_rooms', {})).structuredContent).toEqual({ rooms: 12 });
    expect((await client.callTool('find_guest', {})).isError ?? false).toBe(false);
    for (const name of ['modern', 'legacy']) {
      const answer = await client.callTool(`${name}__greet`, { name: 'Ada' });
      expect(answer.structuredContent).toEqual({ greeting: 'Good evening, Ada' });
      expect(answer.content.map(({ type }) => type)).toEqual(['text', 'image']);
    }
  });
});

test('nothing about the caller reaches an external server: neither its key nor its user (T30)', async () => {
  for (const external of [modern, legacy]) external.requests.length = 0;
  for (const name of ['modern', 'legacy']) {
    const headers = { 'x-username': 'ada@example.test', cookie: 'session=of-ada', 'x-custom': 'of-ada' };
    await callPlainly(platform, server.id, `${name}__greet`, { name: 'Bob' }, { headers });
  }
  const sent = JSON.stringify([modern.requests, legacy.requests]);
  expect(sent).toContain('Bob');
  // The pattern is longer than the name, because ids are hexadecimal and may contain the name.
  expect(sent).not.toMatch(/ada@|of-ada/);
  expect(sent).not.toContain(platform.apiKey);
});

test('servers that have each other as external servers end a circular call, and say why (T30)', async () => {
  const secret = { value: platform.apiKey, hosts: [new URL(platform.mcp).host] };
  const attached = (url: string) => ({ name: 'next', url, tools: ['greet'], prefix: '' });
  const attachOurs = async (to: string, id: string) => {
    const sealed = await sealFor(platform.rest, { server: to, secret: 'EXTERNAL_NEXT_X_API_KEY' }, secret);
    const config = { ...attached(`${platform.mcp}/mcp/${id}`), headers: { 'x-api-key': { sealed } } };
    await requestRest(platform, 'PATCH', `/mcp-servers/${to}`, { externalMcpConfigs: [config] });
  };
  const first = await create('circle-a', { externalMcpConfigs: [attached(legacy.url)] });
  await until(async () => (await listToolNames(platform, first.id)).length === 1);
  const second = await create('circle-b', {});
  await attachOurs(second.id, first.id);
  await until(async () => (await listToolNames(platform, second.id)).length === 1);
  const greet = () => callPlainly(platform, first.id, 'greet', { name: 'Ada' });
  expect((await greet()).result?.structuredContent).toEqual({ greeting: 'Good evening, Ada' });
  await attachOurs(first.id, second.id);
  await until(async () => JSON.stringify((await greet()).result ?? {}).includes('came through more than 5 servers'));
}, 60_000);
