import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type ConnectorInstance,
  createInstance,
  putCredential,
  registerConnector,
  requestRest,
} from '../src/connectors.ts';
import { type Connect, connectLegacy, connectModern } from '../src/mcp-clients.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { ticketSystem } from '../src/ticket-system.ts';
import { type WatchTools, watchLegacy, watchModern } from '../src/tool-watchers.ts';
import { until } from '../src/until.ts';

/*
 * One server offers tools of others that it needs: a workflow of one server and two tools of a connector, each working
 * as on its own server.
 */

let platform: TestPlatform;
let api: TicketApi;
let desk: DeployedServer;
let tickets: ConnectorInstance;
let server: DeployedServer;

const connectorKey = 'ticket-key-0123456789';
const workflowKey = 'desk-key-0123456789';
const auth_type = 'api_key';
const slugs = ['desk.count_open', 'ticket-system.search_tickets', 'ticket-system.get_ticket'];

const eras: [string, Connect, WatchTools][] = [
  ['2026-07-28 (@modelcontextprotocol/client)', connectModern, watchModern],
  ['2025-11-25 (@modelcontextprotocol/sdk)', connectLegacy, watchLegacy],
];

/** The document calls a host that the allowed hosts of its own server include. */
const deskDocument = (...names: string[]) => `
flower: "0.1"
id: desk
flows:${names.map((name) => flowOf(name, new URL(api.url).port)).join('')}
`;
const flowOf = (name: string, port: string) => `
  - id: ${name}
    description: Gives the first open ticket of the system at a host.
    inputs:
      properties: { host: { type: string, description: Host name of the system } }
      required: [host]
    steps:
      - id: find
        request:
          method: GET
          url: http://$inputs.host:${port}/api/v1/tickets
          headers: { X-API-Key: $secrets.DESK_KEY }
        outputs: { first: "$response.body.tickets[0].id" }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { first: $steps.find.outputs.first }`;

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  for (const key of [connectorKey, workflowKey]) api.keys.add(key);
  await registerConnector(platform, ticketSystem(api));
  tickets = await createInstance(platform, { connector: 'ticket-system', instance_name: 'Tickets', auth_type });
  await putCredential(platform, tickets, {
    scope: 'workspace',
    auth_type,
    fields: { api_key: connectorKey },
    hosts: [api.host],
  });
  const secrets = { DESK_KEY: { value: workflowKey, hosts: [api.host] } };
  const config = { allowedHosts: [api.host] };
  desk = await deployServer(platform, 'desk', deskDocument('count_open'), secrets, { config });
  const request = { name: 'everything', mode: 'NORMAL', selectedTools: slugs };
  const { status, body } = await requestRest(platform, 'POST', '/mcp-servers', request);
  expect([status, body.data.state, body.data.renamed]).toEqual([201, 'running', []]);
  server = body.data;
}, 60_000);
beforeEach(() => {
  api.requests.length = 0;
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const namesAt = async (connect: Connect) => {
  await using client = await connect(server.url, platform.apiKey);
  return (await client.listTools()).map(({ name }) => name).sort();
};
async function deployDesk(...names: string[]): Promise<void> {
  const request = { definition: deskDocument(...names) };
  const { status } = await requestRest(platform, 'POST', `/mcp-servers/${desk.id}/deploy`, request);
  expect(status).toBe(201);
}
const shown = async () => (await requestRest(platform, 'GET', `/mcp-servers/${server.id}`)).body.data;

describe.each(eras)('a client of protocol %s', (_name, connect, watch) => {
  test('finds the selected tools and no other', async () => {
    await until(async () => (await namesAt(connect)).length > 0);
    expect(await namesAt(connect)).toEqual(['count_open', 'get_ticket', 'search_tickets']);
  });

  test('calls each with the secrets, hosts and credentials of the server that it is from', async () => {
    await using client = await connect(server.url, platform.apiKey);
    const counted = await client.callTool('count_open', { host: new URL(api.url).hostname });
    expect(counted.structuredContent).toEqual({ first: 'T-1' });
    const got = await client.callTool('get_ticket', { ticket_id: 'T-2' });
    expect(got.structuredContent).toEqual({ result: expect.objectContaining({ title: 'No light' }) });
    const found = await client.callTool('search_tickets', { status: 'open' });
    expect(found.isError ?? false).toBe(false);
    expect(api.requests.map(({ headers }) => headers['x-api-key'])).toEqual([workflowKey, connectorKey, connectorKey]);
    const stopped = await client.callTool('count_open', { host: 'elsewhere.example.test' });
    expect(stopped).toMatchObject({ isError: true, structuredContent: { outcome: 'not_started' } });
  });

  test('is told when an origin loses a tool, which is then missing, and when it has the tool again', async () => {
    await using watcher = await watch(server.url, platform.apiKey);
    await deployDesk('other');
    await watcher.nextChange();
    expect(await namesAt(connect)).toEqual(['get_ticket', 'search_tickets']);
    expect((await shown()).missing).toEqual(['desk.count_open']);
    await deployDesk('count_open');
    await watcher.nextChange();
    expect(await namesAt(connect)).toEqual(['count_open', 'get_ticket', 'search_tickets']);
    expect((await shown()).missing).toEqual([]);
  });

  test('calls tools with the same name by the names of their toolkits', async () => {
    await deployDesk('count_open', 'get_ticket');
    await using watcher = await watch(server.url, platform.apiKey);
    const { body } = await requestRest(platform, 'PATCH', `/mcp-servers/${server.id}`, {
      selectedTools: [...slugs, 'desk.get_ticket'],
    });
    expect(body.data.renamed).toEqual([
      { slug: 'ticket-system.get_ticket', name: 'ticket-system__get_ticket' },
      { slug: 'desk.get_ticket', name: 'desk__get_ticket' },
    ]);
    await watcher.nextChange();
    await using client = await connect(server.url, platform.apiKey);
    const ofConnector = await client.callTool('ticket-system__get_ticket', { ticket_id: 'T-2' });
    expect(ofConnector.structuredContent).toEqual({ result: expect.objectContaining({ id: 'T-2' }) });
    const ofDesk = await client.callTool('desk__get_ticket', { host: new URL(api.url).hostname });
    expect(ofDesk.structuredContent).toEqual({ first: 'T-1' });
    await requestRest(platform, 'PATCH', `/mcp-servers/${server.id}`, { selectedTools: slugs });
    await deployDesk('count_open');
    await watcher.nextChange();
  });
});
