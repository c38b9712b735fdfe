import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { signInAs, startAuthorizationServer, type TestIdentityProvider } from '../src/authorization-server.ts';
import { type BrowserPerson, openBrowser } from '../src/browser.ts';
import {
  createInstance,
  putCredential,
  type RestBody,
  registerConnector,
  type TestInstance,
} from '../src/connectors.ts';
import { dumpPlaces, findLeaks, formsOf } from '../src/leaks.ts';
import { clientInfo } from '../src/mcp-clients.ts';
import { startLocalProgram } from '../src/oauth-client.ts';
import { agree, join } from '../src/people.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { until } from '../src/until.ts';

/*
 * How a person connects: from a call that lacks a connection, through a page in a real browser, to a call that works.
 */

let platform: TestPlatform;
let provider: TestIdentityProvider;
let tickets: TicketApi;
let chat: TestInstance;
let desk: TestInstance;

beforeAll(async () => {
  platform = await startPlatform();
  provider = await startAuthorizationServer(`${platform.api}/api/v1/oauth/callback`);
  tickets = await startTicketApi();
  chat = await setUpChat();
  desk = await setUpDesk();
}, 90_000);
afterAll(async () => {
  await tickets?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

/** Sets up a connector whose users sign in at the provider; the OAuth client belongs to the workspace. */
async function setUpChat(): Promise<TestInstance> {
  const authentication = [
    {
      id: 'chat',
      type: 'oauth2_authorization_code',
      scopes: ['tickets'],
      authorization_url: `${provider.url}/auth`,
      token_url: `${provider.url}/token`,
    },
  ];
  const operations = { whoami: { endpoint: `${provider.url}/whoami`, auth_type_ref: 'chat' } };
  await registerConnector(platform, smallConnector({ slug: 'chat', authentication, operations }));
  const instance = await createInstance(platform, {
    connector: 'chat',
    instance_name: 'Company chat',
    auth_type: 'chat',
  });
  await putCredential(platform, instance, {
    scope: 'workspace',
    auth_type: 'chat',
    fields: provider.client,
    hosts: [provider.host],
  });
  return instance;
}

/** Sets up a connector whose users enter their own keys. */
async function setUpDesk(): Promise<TestInstance> {
  const fields = [
    { key: 'api_key', label: 'API key', field_type: 'secret', required: true, description: 'From your profile page.' },
    { key: 'limit', label: 'Most tickets', field_type: 'number', public: true },
  ];
  const authentication = [{ id: 'key', type: 'api_key', fields }];
  const operations = {
    ping: { endpoint: `${tickets.url}/echo`, auth_type_ref: 'key', auth_headers: { 'X-API-Key': '{api_key}' } },
  };
  await registerConnector(platform, smallConnector({ slug: 'desk', authentication, operations }));
  return createInstance(platform, { connector: 'desk', instance_name: 'Help desk', auth_type: 'key' });
}

async function callAs(username: string, { server }: TestInstance, tool: string) {
  const { result } = await callPlainly(platform, server.id, tool, {}, { headers: { 'x-username': username } });
  return result;
}

/** Returns the link in the response to a call that lacks a connection. */
async function linkFor(username: string, instance: TestInstance, tool: string): Promise<string> {
  const result = await callAs(username, instance, tool);
  const { details } = (result?.structuredContent ?? {}) as { details?: { connect_url?: string } };
  const url = details?.connect_url;
  if (url === undefined) throw new Error(`no link: ${JSON.stringify(result)}`);
  expect(result?.content[0]?.text).toContain(url);
  return url;
}

/** The errors of the platform's pages; the provider's pages are not tested here. */
const complaintsOf = ({ complaints }: BrowserPerson) => complaints.filter((each) => each.startsWith(platform.api));

const whoamiAs = async (username: string) => (await callAs(username, chat, 'whoami'))?.structuredContent['result'];

/** Waits until a user is connected: a change of credentials is announced at once, but takes a moment to arrive. */
const untilConnected = (username: string, instance: TestInstance, tool: string) =>
  until(async () => (await callAs(username, instance, tool))?.isError !== true);

async function connectChat({ page }: BrowserPerson, url: string, account: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: `Continue to ${provider.host}` }).click();
  await signInAs(page, account);
  await page.getByRole('heading', { name: 'Connected' }).waitFor();
}

describe('a sign-in', () => {
  test('of a client that can open pages: one call, a page in between, and its result', async () => {
    await using person = await openBrowser();
    const opened: string[] = [];
    const client = new Client(clientInfo, {
      versionNegotiation: { mode: { pin: '2026-07-28' } },
      capabilities: { elicitation: { url: {} } },
    });
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      if (!('url' in params)) throw new Error('it asks for something else');
      opened.push(params.url);
      await connectChat(person, params.url, 'ann-at-chat');
      await untilConnected('ann', chat, 'whoami');
      return { action: 'accept' };
    });
    const headers = { 'x-api-key': platform.apiKey, 'x-username': 'ann' };
    await client.connect(new StreamableHTTPClientTransport(new URL(chat.server.url), { requestInit: { headers } }));
    const result = await client.callTool({ name: 'whoami', arguments: {} });
    await client.close();
    expect(result.structuredContent).toEqual({ result: { account: 'ann-at-chat' } });
    expect(opened).toHaveLength(1);
    expect(complaintsOf(person)).toEqual([]);
  }, 90_000);

  test('of a legacy client begins with −32042, and the next call runs', async () => {
    await using person = await openBrowser();
    const client = new LegacyClient(clientInfo, { capabilities: { elicitation: { url: {} } } });
    const headers = { 'x-api-key': platform.apiKey, 'x-username': 'bob' };
    const transport = new LegacyTransport(new URL(chat.server.url), { requestInit: { headers } });
    await client.connect(transport as Parameters<typeof client.connect>[0]);
    const refusal = (await client.callTool({ name: 'whoami', arguments: {} }).catch((error: unknown) => error)) as {
      code: number;
      data: { elicitations: { mode: string; url: string }[] };
    };
    expect(refusal.code).toBe(-32042);
    await connectChat(person, refusal.data.elicitations[0]?.url ?? '', 'bob-at-chat');
    await untilConnected('bob', chat, 'whoami');
    const { structuredContent } = await client.callTool({ name: 'whoami', arguments: {} });
    await client.close();
    expect(structuredContent).toEqual({ result: { account: 'bob-at-chat' } });
  }, 90_000);

  test('is used for its own user alone, renewed when the provider wants another token, and reported when it has ended', async () => {
    expect(await Promise.all(['ann', 'bob', 'ann'].map(whoamiAs))).toEqual(
      ['ann', 'bob', 'ann'].map((name) => ({ account: `${name}-at-chat` })),
    );
    provider.revokeAccessTokens();
    expect(await whoamiAs('ann')).toEqual({ account: 'ann-at-chat' });
    expect(await linkFor('eve', chat, 'whoami')).toContain('/connect/');
  }, 60_000);
});

describe('typed credentials', () => {
  const KEY = 'canary-typed-key-<&>"-0123456789';

  test('are sealed in the browser: nothing in transit or at rest contains them, and the next call works', async () => {
    await using person = await openBrowser();
    const { page } = person;
    const url = await linkFor('ann', desk, 'ping');
    await page.goto(url);
    expect(await page.getByRole('definition').first().textContent()).toBe('ann');
    await page.getByLabel('API key').fill(KEY);
    await page.getByLabel('Most tickets').fill('many');
    await page.getByRole('button', { name: 'Connect' }).click();
    // An invalid value is reported at its field.
    await page.getByText('It is not a number.').waitFor();
    expect(await page.getByLabel('Most tickets').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Most tickets').fill('10');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    await untilConnected('ann', desk, 'ping');
    expect(tickets.requests.at(-1)?.headers['x-api-key']).toBe(KEY);

    expect(person.sent.filter((request) => request.includes('"sealed"')).length).toBe(2);
    for (const form of Object.values(formsOf(KEY))) expect(person.sent.join('\n')).not.toContain(form);
    expect(findLeaks(await dumpPlaces(platform), formsOf(KEY))).toEqual([]);
    expect(await page.content()).not.toContain('canary');
    // The browser reports a response with 400; nothing else went wrong.
    expect(complaintsOf(person).filter((complaint) => !complaint.includes('400'))).toEqual([]);
  }, 90_000);
});

test('a model of a server in mode SMART finds out that an account is missing, gets the link, and goes on after it', async () => {
  await using person = await openBrowser();
  const server = (await platform.rest.call<{ url: string }>('POST', '/mcp-servers', { name: 'everything' }))?.url ?? '';
  const client = new Client(clientInfo, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const headers = { 'x-api-key': platform.apiKey, 'x-username': 'gina' };
  await client.connect(new StreamableHTTPClientTransport(new URL(server), { requestInit: { headers } }));
  const call = async (name: string, given: Record<string, unknown>) =>
    (await client.callTool({ name, arguments: given })).structuredContent as RestBody;
  const manage = async (rest: object = {}) =>
    (await call('manage_connections', { toolkits: ['chat'], ...rest })).results.chat;
  const calls = [{ slug: 'chat.whoami', arguments: {} }];
  await until(async () => (await manage()).status === 'not_connected');
  expect((await call('execute_tools', { calls })).results).toMatchObject([
    { ok: false, error: { code: 'credentials_missing' } },
  ]);
  const { status, connect_url: url } = await manage({ mode: 'connect' });
  expect(status).toBe('initiated');
  await connectChat(person, url, 'gina-at-chat');
  await until(async () => (await manage()).status === 'active');
  expect((await call('execute_tools', { calls })).results).toMatchObject([
    { ok: true, output: { result: { account: 'gina-at-chat' } } },
  ]);
  await client.close();
}, 90_000);

test('a person whose program has an access token connects only where they are signed in to the platform (T31)', async () => {
  await using person = await openBrowser();
  await using other = await openBrowser();
  await using program = await startLocalProgram();
  await join(platform, person, 'hana@example.test', 'viewer');
  const url = new URL(desk.server.url);
  const transport = () => new StreamableHTTPClientTransport(url, { authProvider: program.provider });
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: { pin: '2026-07-28' } },
    capabilities: { elicitation: { url: {} } },
  });
  await expect(client.connect(transport())).rejects.toThrow();
  await person.page.goto(await program.wanted);
  await agree(person);
  await transport().finishAuth(await program.returned);
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    if (!('url' in params)) throw new Error('it asks for something else');
    // Another person who obtains the link is asked to sign in, and is not shown whom the link is for.
    await other.page.goto(params.url);
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await person.page.goto(params.url);
    expect(await person.page.getByRole('definition').first().textContent()).toBe('Ada (hana@example.test)');
    await person.page.getByLabel('API key').fill('key-of-hana-0123456789');
    await person.page.keyboard.press('Enter');
    await person.page.getByRole('heading', { name: 'Connected' }).waitFor();
    return { action: 'accept' };
  });
  await client.connect(transport());
  await until(async () => (await client.callTool({ name: 'ping', arguments: {} })).isError !== true);
  await client.close();
  expect(tickets.requests.at(-1)?.headers['x-api-key']).toBe('key-of-hana-0123456789');
}, 90_000);
