import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createInstance, putCredential, registerConnector, requestRest, type TestInstance } from '../src/connectors.ts';
import { type Connect, connectLegacy, connectModern } from '../src/mcp-clients.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { ticketSystem } from '../src/ticket-system.ts';
import { type WatchTools, watchLegacy, watchModern } from '../src/tool-watchers.ts';

/* The main journey of a connector: a descriptor becomes an MCP server, and an agent uses it. */

let platform: TestPlatform;
let api: TicketApi;
let instance: TestInstance;

const key = 'ticket-key-0123456789';
const auth_type = 'api_key';
const eras: [string, Connect, WatchTools][] = [
  ['2026-07-28 (@modelcontextprotocol/client)', connectModern, watchModern],
  ['2025-11-25 (@modelcontextprotocol/sdk)', connectLegacy, watchLegacy],
];

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  api.keys.add(key);
  await registerConnector(platform, ticketSystem(api));
  instance = await createInstance(platform, { connector: 'ticket-system', instance_name: 'Tickets', auth_type });
}, 60_000);
beforeEach(() => {
  api.requests.length = 0;
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const putKey = (value = key, to = instance) =>
  putCredential(platform, to, { scope: 'workspace', auth_type, fields: { api_key: value }, hosts: [api.host] });

test('a call without credentials says how to connect, and sends nothing to the API', async () => {
  const { result } = await callPlainly(platform, instance.server.id, 'search_tickets');
  expect(result).toMatchObject({
    isError: true,
    structuredContent: { code: 'credentials_missing', outcome: 'not_started' },
  });
  expect(result?.content[0]?.text).toMatch(/credentials/);
  expect(api.requests).toEqual([]);
});

describe.each(eras)('a client of protocol %s', (_name, connect) => {
  beforeAll(() => putKey());

  test('finds the three tools of the descriptor', async () => {
    await using client = await connect(instance.server.url, platform.apiKey);
    const tools = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(['create_ticket', 'get_ticket', 'search_tickets']);
    const search = tools.find(({ name }) => name === 'search_tickets');
    expect(search).toMatchObject({
      description: expect.stringMatching(/^Search support tickets by status, assignee, or other filters/),
      inputSchema: { type: 'object', properties: { status: {}, assignee: {}, limit: { default: 25 } } },
    });
    const create = tools.find(({ name }) => name === 'create_ticket');
    expect(create?.inputSchema).toMatchObject({ required: ['title'], properties: { priority: { default: 'medium' } } });
  });

  test('searches with the default limit, gets and creates with the default priority, with the key in X-API-Key', async () => {
    await using client = await connect(instance.server.url, platform.apiKey);
    const found = await client.callTool('search_tickets', { status: 'open', assignee: 'ada@example.test' });
    expect(found.structuredContent).toEqual({ result: { tickets: [expect.objectContaining({ id: 'T-1' })] } });
    const ticket = await client.callTool('get_ticket', { ticket_id: 'T-2' });
    expect(ticket.structuredContent).toEqual({ result: expect.objectContaining({ title: 'No light' }) });
    const created = await client.callTool('create_ticket', { title: 'Door stuck' });
    expect(created.structuredContent).toEqual({
      result: expect.objectContaining({ title: 'Door stuck', priority: 'medium' }),
    });
    const [search, get, create] = api.requests;
    const asked = new URL(search?.path ?? '', api.url).searchParams;
    expect(Object.fromEntries(asked)).toEqual({ status: 'open', assignee: 'ada@example.test', limit: '25' });
    expect([get?.method, get?.path]).toEqual(['GET', '/api/v1/tickets/T-2']);
    expect(JSON.parse(create?.body ?? '')).toEqual({ title: 'Door stuck', priority: 'medium' });
    expect(api.requests.map(({ headers }) => headers['x-api-key'])).toEqual([key, key, key]);
  });

  test('is told that an answer is not a success, with its status and nothing of its text', async () => {
    await using client = await connect(instance.server.url, platform.apiKey);
    const answer = await client.callTool('get_ticket', { ticket_id: 'T-404' });
    expect(answer).toMatchObject({ isError: true, structuredContent: { code: 'step_failed', status: 404 } });
    expect(JSON.stringify(answer)).not.toContain('no such ticket');
  });
});

describe.each(eras)('within a second a connected client of protocol %s', (name, connect, watch) => {
  /** Returns the milliseconds from the response of the REST API until the client was notified. */
  async function reportedAfter(change: () => Promise<unknown>): Promise<number> {
    await using watcher = await watch(instance.server.url, platform.apiKey);
    await change();
    const changedAt = Date.now();
    await watcher.nextChange();
    return Date.now() - changedAt;
  }

  test('is told that credentials were updated', async () => {
    expect(await reportedAfter(() => putKey())).toBeLessThan(1000);
  });

  test('is told that a new version has other tools, and gets them', async () => {
    const version = name.startsWith('2026') ? '1.1.0' : '1.2.0';
    const renamed = `get_ticket_of_${version.replaceAll('.', '_')}`;
    const changed = ticketSystem(api)
      .replace(/version: "?1\.0\.0"?/, `version: "${version}"`)
      .replace('mcp_tool_name: get_ticket', `mcp_tool_name: ${renamed}`);
    expect(await reportedAfter(() => registerConnector(platform, changed))).toBeLessThan(1000);
    await using client = await connect(instance.server.url, platform.apiKey);
    const names = (await client.listTools()).map((tool) => tool.name);
    expect(names).toContain(renamed);
    expect(names).not.toContain('get_ticket');
  });

  test('finds its server gone when the instance is deleted', async () => {
    const doomed = await createInstance(platform, {
      connector: 'ticket-system',
      instance_name: `Doomed for ${name}`,
      auth_type,
    });
    await using watcher = await watch(doomed.server.url, platform.apiKey);
    await requestRest(platform, 'DELETE', `/connector-instances/${doomed.id}`);
    const deletedAt = Date.now();
    await watcher.ended;
    expect(Date.now() - deletedAt).toBeLessThan(1000);
    expect((await callPlainly(platform, doomed.server.id, 'search_tickets')).status).toBe(404);
  });
});
