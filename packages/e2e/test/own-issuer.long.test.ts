import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { requestRest } from '../src/connectors.ts';
import { type MachineIssuer, startMachineIssuer } from '../src/machine-issuer.ts';
import { clientInfo, type McpClient, toMcpClient } from '../src/mcp-clients.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* Tokens of the owner's own authorization server, at a server that is hosted here. */

let platform: TestPlatform;
let issuer: MachineIssuer;
/** The API behind the tools, and the UserInfo endpoint of another issuer. */
let api: Upstream;
let server: { id: string; url: string };

const document = (url: string) => `flower: "0.1"
id: weather
title: Weather
flows:
  - id: forward_weather
    description: Asks with the token of the caller
    steps:
      - id: ask
        request: { method: GET, url: "${url}/forward", headers: { authorization: Bearer $current_user.token } }
        outputs: { ok: $response.body.ok }
        actions: [{ do: next }]
    outputs: { ok: $steps.ask.outputs.ok }
  - id: change_weather
    description: Asks without anything of the caller
    steps:
      - id: ask
        request: { method: POST, url: "${url}/plain", body: { a: 1 } }
        outputs: { ok: $response.body.ok }
        actions: [{ do: next }]
    outputs: { ok: $steps.ask.outputs.ok }
`;

beforeAll(async () => {
  platform = await startPlatform();
  issuer = await startMachineIssuer();
  api = await startUpstream(({ path, headers }, response) => {
    const isUser = headers.authorization === 'Bearer opaque-0123456789';
    const answer = path === '/me' ? { sub: 'ann@example.test' } : { ok: true };
    response.writeHead(path === '/me' && !isUser ? 401 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  const scopes = { read: 'weather.read', call: 'weather.write' };
  const oauth = { issuer: issuer.url, scopes };
  const created = await requestRest(platform, 'POST', '/mcp_manager', { name: 'weather', mode: 'NORMAL', oauth });
  server = created.body.data;
  const deployed = await requestRest(platform, 'POST', `/mcp-servers/${server.id}/deploy`, {
    definition: document(api.url),
  });
  expect([created.status, deployed.status]).toEqual([201, 201]);
}, 120_000);
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  api.requests.length = 0;
});

const bearer = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

async function connectV2(token: string): Promise<McpClient> {
  const client = new ModernClient(clientInfo, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernTransport(new URL(server.url), bearer(token)));
  return toMcpClient(client);
}

async function connectV1(token: string): Promise<McpClient> {
  const client = new LegacyClient(clientInfo);
  await client.connect(new LegacyTransport(new URL(server.url), bearer(token)) as Parameters<typeof client.connect>[0]);
  return toMcpClient(client);
}

test.each([
  ['2026-07-28', connectV2],
  ['2025-11-25', connectV1],
])(
  'clients of %s call with a token of the owner’s issuer, which goes to the API where the document says so, and nowhere else (B035)',
  async (_version, connect) => {
    const token = await issuer.getToken(server.url, 'weather.write');
    await using client = await connect(token);
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['change_weather', 'forward_weather']);
    expect((await client.callTool('forward_weather', {})).structuredContent).toEqual({ ok: true });
    expect((await client.callTool('change_weather', {})).structuredContent).toEqual({ ok: true });
    const [forwarded, plain] = api.requests;
    expect(forwarded?.headers.authorization).toBe(`Bearer ${token}`);
    expect(JSON.stringify([plain?.headers, plain?.body])).not.toContain(token);
    expect(platform.logs()).not.toContain(token);
  },
);
