import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createInstance, putCredential, registerConnector, requestRest } from '../src/connectors.ts';
import { type Connect, connectLegacy, connectModern } from '../src/mcp-clients.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { ticketSystem } from '../src/ticket-system.ts';
import { createTenant, type OtherTenant } from '../src/workspaces.ts';

/*
 * Servers that offer tools of others: in mode SMART four tools suffice to find and call everything that runs in the
 * workspace, in mode NORMAL the selected tools are listed.
 */

let platform: TestPlatform;
let api: TicketApi;
let everything: DeployedServer;
let forEverybody: DeployedServer;
let tenant: OtherTenant;

const connectorKey = 'ticket-key-0123456789';
const workflowKey = 'desk-key-0123456789';
const auth_type = 'api_key';

const eras: [string, Connect][] = [
  ['2026-07-28 (@modelcontextprotocol/client)', connectModern],
  ['2025-11-25 (@modelcontextprotocol/sdk)', connectLegacy],
];

const firstTicket = (id: string, name: string, description: string) => `
flower: "0.1"
id: ${id}
flows:
  - id: ${name}
    description: ${description}
    steps:
      - id: find
        request: { method: GET, url: "${api.url}/api/v1/tickets", headers: { X-API-Key: $secrets.DESK_KEY } }
        outputs: { first: "$response.body.tickets[0].id" }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { first: $steps.find.outputs.first }
`;

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  for (const key of [connectorKey, workflowKey]) api.keys.add(key);
  await registerConnector(platform, ticketSystem(api));
  const tickets = await createInstance(platform, { connector: 'ticket-system', instance_name: 'Tickets', auth_type });
  await putCredential(platform, tickets, {
    scope: 'workspace',
    auth_type,
    fields: { api_key: connectorKey },
    hosts: [api.host],
  });
  const secrets = { DESK_KEY: { value: workflowKey, hosts: [api.host] } };
  const oldest = firstTicket('desk', 'find_oldest', 'Finds the ticket that has waited longest at the help desk.');
  await deployServer(platform, 'desk', oldest, secrets);
  const shown = firstTicket('lobby', 'show_lobby_ticket', 'Shows the ticket on the screen of the lobby.');
  const lobby = await deployServer(platform, 'lobby', shown, secrets);
  await requestRest(platform, 'PATCH', `/mcp-servers/${lobby.id}`, { isPublic: true });
  everything = await createServer({ name: 'everything' });
  forEverybody = await createServer({ name: 'for-everybody', isPublic: true });
  tenant = await createTenant(platform, 'Neighbour');
  const vault = firstTicket('vault', 'open_vault', 'Opens the vault of the neighbours.');
  await deployServer({ ...platform, ...tenant }, 'vault', vault, secrets);
}, 60_000);
beforeEach(() => {
  api.requests.length = 0;
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

async function createServer(request: object): Promise<DeployedServer> {
  const { status, body } = await requestRest(platform, 'POST', '/mcp-servers', request);
  expect([status, body.data.state, body.data.mode]).toEqual([201, 'running', 'SMART']);
  return body.data;
}

type Found = { slug: string; toolkit: string; read_only: boolean };
type Result = { slug: string; ok: boolean; output?: unknown; error?: { code: string; message: string } };
type Smart = {
  names(): Promise<string[]>;
  discover(useCase: string): Promise<Found[]>;
  call(name: string, given: object): Promise<Record<string, unknown>>;
  execute(...calls: { slug: string; arguments?: object }[]): Promise<Result[]>;
};

/** Connects a client and runs what a model does with the four tools, in any protocol. */
async function within(connect: Connect, run: (smart: Smart) => Promise<void>, server = everything): Promise<void> {
  await using client = await connect(server.url, platform.apiKey);
  const call: Smart['call'] = async (name, given) => {
    const { structuredContent, content } = await client.callTool(name, { ...given });
    expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent);
    return structuredContent;
  };
  await run({
    call,
    names: async () => (await client.listTools()).map(({ name }) => name).sort(),
    async discover(useCase) {
      const { results } = await call('discover_tools', { queries: [{ use_case: useCase }] });
      return (results as { tools: Found[] }[])[0]?.tools ?? [];
    },
    execute: async (...calls) => (await call('execute_tools', { calls }))['results'] as Result[],
  });
}

/** Calls a tool without a key. */
async function callOpenly(name: string, given: object): Promise<Record<string, unknown>> {
  const response = await fetch(forEverybody.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }),
  });
  const { result } = (await response.json()) as { result: { structuredContent: Record<string, unknown> } };
  return result.structuredContent;
}

describe.each(eras)('a client of protocol %s', (_name, connect) => {
  test('sees four tools, and with them finds and calls those of other servers, each as at its own server', () =>
    within(connect, async ({ names, discover, call, execute }) => {
      expect(await names()).toEqual(['discover_tools', 'execute_tools', 'get_tool_schemas', 'manage_connections']);
      expect((await discover('which ticket has waited longest'))[0]?.slug).toBe('desk.find_oldest');
      expect((await discover('search the support tickets by status')).map(({ slug }) => slug)).toContain(
        'ticket-system.search_tickets',
      );
      const { schemas, not_found } = await call('get_tool_schemas', {
        tool_slugs: ['ticket-system.get_ticket', 'desk.find_oldes'],
      });
      expect(schemas).toMatchObject({ 'ticket-system.get_ticket': { input_schema: { required: ['ticket_id'] } } });
      expect(not_found).toEqual([
        { slug: 'desk.find_oldes', did_you_mean: expect.arrayContaining(['desk.find_oldest']) },
      ]);
      const [oldest, got] = await execute(
        { slug: 'desk.find_oldest', arguments: {} },
        { slug: 'ticket-system.get_ticket', arguments: { ticket_id: 'T-2' } },
      );
      expect(oldest).toEqual({ index: 0, slug: 'desk.find_oldest', ok: true, output: { first: 'T-1' } });
      expect(got).toMatchObject({ ok: true, output: { result: { title: 'No light' } } });
      expect(api.requests.map(({ headers }) => headers['x-api-key']).sort()).toEqual([workflowKey, connectorKey]);
    }));

  test('neither finds nor runs a tool of another workspace (T1)', () =>
    within(connect, async ({ discover, execute, call }) => {
      expect((await discover('open the vault of the neighbours')).map(({ slug }) => slug)).not.toContain(
        'vault.open_vault',
      );
      const { results } = await call('discover_tools', { mode: 'inventory', limit: 20 });
      expect(JSON.stringify(results)).not.toContain('vault');
      const [refused] = await execute({ slug: 'vault.open_vault' });
      expect(refused).toMatchObject({ ok: false, error: { code: 'not_found' } });
      expect(api.requests).toEqual([]);
    }));
});

test.each(eras)(
  'in mode NORMAL a client of protocol %s calls each tool as at its own server',
  async (version, connect) => {
    const selectedTools = ['desk.find_oldest', 'ticket-system.get_ticket'];
    const request = { name: `selected-${version.slice(0, 10)}`, mode: 'NORMAL', selectedTools };
    const { body } = await requestRest(platform, 'POST', '/mcp-servers', request);
    await using client = await connect(body.data.url, platform.apiKey);
    expect((await client.callTool('find_oldest', {})).structuredContent).toEqual({ first: 'T-1' });
    const got = await client.callTool('get_ticket', { ticket_id: 'T-2' });
    expect(got.structuredContent).toEqual({ result: expect.objectContaining({ title: 'No light' }) });
    expect(api.requests.map(({ headers }) => headers['x-api-key'])).toEqual([workflowKey, connectorKey]);
  },
);

test('without a key a public server finds and runs only what is public itself', async () => {
  const { results } = await callOpenly('discover_tools', { mode: 'inventory', limit: 20 });
  expect((results as { tools: Found[] }[])[0]?.tools.map(({ slug }) => slug)).toEqual(['lobby.show_lobby_ticket']);
  const calls = ['lobby.show_lobby_ticket', 'desk.find_oldest', 'ticket-system.get_ticket'].map((slug) => ({ slug }));
  expect(await callOpenly('execute_tools', { calls })).toMatchObject({
    results: [{ ok: true }, { error: { code: 'not_found' } }, { error: { code: 'not_found' } }],
    error_count: 2,
  });
  expect(api.requests).toHaveLength(1);
});
