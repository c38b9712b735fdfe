import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join as joinPath } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type BrowserPerson, openBrowser } from '../src/browser.ts';
import { clientInfo } from '../src/mcp-clients.ts';
import { type LocalProgram, startLocalProgram } from '../src/oauth-client.ts';
import { agree, join, signIn } from '../src/people.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';

/* Clients that know only the URL of a server, and a person in a real browser who authorizes them. */

let platform: TestPlatform;
let tickets: TicketApi;
let server: DeployedServer;
let person: BrowserPerson;

beforeAll(async () => {
  platform = await startPlatform();
  tickets = await startTicketApi();
  server = await deployServer(platform, 'desk', definition('desk'));
  person = await openBrowser();
  await join(platform, person, 'ada@example.test', 'viewer');
}, 90_000);
afterAll(async () => {
  await person?.[Symbol.asyncDispose]();
  await tickets?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const definition = (id: string) => `flower: "0.1"
id: ${id}
title: Desk
flows:
  - id: look
    description: Reads
    steps:
      - id: get
        request: { method: GET, url: "${tickets.url}/echo" }
        actions: [{ do: next }]
    outputs: { said: looked }
  - id: change
    description: Changes something
    steps:
      - id: get
        request: { method: POST, url: "${tickets.url}/echo" }
        actions: [{ do: next }]
    outputs: { said: changed }
`;

/** The operations that both SDKs have. */
type Dance = {
  /** Rejects if a person has to agree first. */
  connect(program: LocalProgram): Promise<{ call(tool: string): Promise<unknown>; close(): Promise<void> }>;
  finish(program: LocalProgram, answer: URLSearchParams): Promise<void>;
};

const modern: Dance = {
  async connect({ provider }) {
    const client = new ModernClient(clientInfo, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new ModernTransport(new URL(server.url), { authProvider: provider }));
    const call = async (name: string) => (await client.callTool({ name, arguments: {} })).structuredContent;
    return { call, close: () => client.close() };
  },
  async finish({ provider }, answer) {
    await new ModernTransport(new URL(server.url), { authProvider: provider }).finishAuth(answer);
  },
};

const legacy: Dance = {
  async connect({ provider }) {
    const client = new LegacyClient(clientInfo);
    const transport = new LegacyTransport(new URL(server.url), { authProvider: provider });
    await client.connect(transport as Parameters<typeof client.connect>[0]);
    const call = async (name: string) => (await client.callTool({ name, arguments: {} })).structuredContent;
    return { call, close: () => client.close() };
  },
  async finish({ provider }, answer) {
    await new LegacyTransport(new URL(server.url), { authProvider: provider }).finishAuth(answer.get('code') ?? '');
  },
};

/** Runs the OAuth flow from the first refusal until the program has its tokens. */
async function dance(sdk: Dance, program: LocalProgram): Promise<void> {
  await expect(sdk.connect(program)).rejects.toThrow();
  await person.page.goto(await program.wanted);
  await agree(person);
  await person.page.getByRole('heading', { name: 'Back at the program' }).waitFor();
  await sdk.finish(program, await program.returned);
}

describe.each([
  ['the SDK of v2', modern],
  ['the SDK of v1', legacy],
])('%s', (_name, sdk) => {
  test('finds the authorization server, registers, has the person agree, and calls tools', async () => {
    await using program = await startLocalProgram();
    await dance(sdk, program);
    const client = await sdk.connect(program);
    expect(await client.call('look')).toEqual({ said: 'looked' });
    expect(await client.call('change')).toEqual({ said: 'changed' });
    await client.close();
    expect(complaintsOf(person)).toEqual([]);
    // The upstream never sees the token (B035).
    expect(JSON.stringify(tickets.requests)).not.toContain(program.provider.held.tokens?.access_token ?? 'none');
  }, 90_000);

  test('renews its token when the server no longer accepts it', async () => {
    await using program = await startLocalProgram();
    await dance(sdk, program);
    const { held } = program.provider;
    const before = held.tokens;
    held.tokens = { ...before, access_token: 'expired', token_type: 'Bearer' };
    const client = await sdk.connect(program);
    expect(await client.call('look')).toEqual({ said: 'looked' });
    await client.close();
    expect(held.tokens.refresh_token).not.toBe(before?.refresh_token);
  }, 90_000);
});

/** The errors of the platform's pages; programs have their own pages, which are not tested here. */
const complaintsOf = ({ complaints }: BrowserPerson) => complaints.filter((each) => each.startsWith(platform.api));

test('mcp-remote, which users of desktop applications run, does the same', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'toolplane-mcp-remote-'));
  const program = createRequire(import.meta.url).resolve('mcp-remote/package.json');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [joinPath(dirname(program), 'dist/proxy.js'), server.url, '--transport', 'http-only', '--allow-http'],
    env: { ...getDefaultEnvironment(), MCP_REMOTE_CONFIG_DIR: folder },
    stderr: 'pipe',
  });
  const wanted = Promise.withResolvers<string>();
  let said = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    said += String(chunk);
    const url = /authorize this client by visiting:\s+(http\S+)\s/.exec(said)?.[1];
    if (url !== undefined) wanted.resolve(url);
  });
  const client = new ModernClient(clientInfo);
  const connecting = client.connect(transport);
  await person.page.goto(await wanted.promise);
  await agree(person);
  await connecting;
  expect((await client.callTool({ name: 'look', arguments: {} })).structuredContent).toEqual({ said: 'looked' });
  await client.close();
  rmSync(folder, { recursive: true, force: true });
}, 90_000);

test('a person sees at their account which programs they let in, and disconnects one', async () => {
  await using program = await startLocalProgram();
  await dance(modern, program);
  const { page } = person;
  await page.goto(`${platform.api}/account`);
  const disconnect = page.getByRole('button', { name: 'Disconnect A program from desk' });
  await page.getByText('A program at desk of default, may call all tools').first().waitFor();
  // The text beside the button never squeezes it so that its label breaks into letters.
  expect((await disconnect.first().boundingBox())?.height).toBeLessThan(40);
  const before = await disconnect.count();
  await disconnect.first().click();
  await disconnect.nth(before - 1).waitFor({ state: 'detached' });
  expect(await disconnect.count()).toBe(before - 1);
  expect(complaintsOf(person)).toEqual([]);
}, 90_000);

test('a person signs in on the way, sees who wants what, and can say no', async () => {
  await using other = await openBrowser();
  await using program = await startLocalProgram();
  await expect(modern.connect(program)).rejects.toThrow();
  await other.page.goto(await program.wanted);
  await signIn(other, 'ada@example.test');
  await other.page.getByRole('heading', { name: 'Connect A program' }).waitFor();
  await other.page.getByText('Which ones').click();
  await other.page.getByRole('button', { name: 'Cancel' }).click();
  expect((await program.returned).get('error')).toBe('access_denied');
  expect(complaintsOf(other)).toEqual([]);
}, 90_000);
