import { describe, expect, test } from '@jest/globals';
import type { Access } from './client-config.ts';
import { toClientConfigs } from './client-configs.ts';

const url = 'https://mcp.example.com/mcp/srv_1';
const configsOf = (access: Access) =>
  toClientConfigs({ name: 'trains', url, access }).flatMap(({ clients }) => clients);
const configOf = (client: string, access: Access = 'key') =>
  configsOf(access).find((config) => config.client === client);
const textOf = (client: string, access?: Access) => configOf(client, access)?.text ?? '';

/** Everything that somebody may paste or click, for each client, including what links contain. */
const saidOf = (access: Access) =>
  configsOf(access).map(({ client, where, text = '', installLink = '' }) => {
    const { searchParams } = new URL(installLink || url);
    return [client, where, text, decodeURIComponent(installLink), atob(searchParams.get('config') ?? '')].join('\n');
  });

const EVERY_ACCESS: Access[] = ['nothing', 'key', 'sign-in'];
const ANY_KEY = /api.key|your key|TOOLPLANE_KEY|--header|headers?"|\benv\b|inputs|bearer/i;

describe('what people paste into their clients', () => {
  test.each(EVERY_ACCESS)('exists for every client (%s)', (access) => {
    expect(configsOf(access).map(({ client }) => client)).toEqual([
      ...['Claude Code', 'Cursor', 'VS Code', 'Codex', 'Gemini CLI', 'opencode', 'Devin Desktop'],
      ...['Claude (web and desktop)', 'Claude Desktop, by a bridge', 'ChatGPT'],
      ...['OpenAI Responses API', 'Anthropic Messages API', 'Vercel AI SDK', 'OpenAI Agents SDK', 'LangChain'],
      ...['MCP Inspector', 'curl'],
    ]);
  });

  test.each(EVERY_ACCESS)('names the endpoint wherever there is a text, and has a key in none (%s)', (access) => {
    const texts = configsOf(access).flatMap(({ text }) => text ?? []);
    expect(texts.filter((text) => !text.includes(url))).toEqual([]);
    expect(saidOf(access).filter((said) => /tp_(live|test)_/.test(said))).toEqual([]);
  });

  test('sends nothing to a public server, which would refuse an empty key', () => {
    expect(configsOf('nothing').filter(({ text }) => text === undefined)).toEqual([]);
    expect(saidOf('nothing').filter((said) => ANY_KEY.test(said) || /token/i.test(said))).toEqual([]);
  });

  test('has no key where people sign in; only what signs nobody in sends a token', () => {
    expect(configsOf('sign-in').filter(({ text }) => text === undefined)).toEqual([]);
    expect(saidOf('sign-in').filter((said) => /x-api-key|your key|TOOLPLANE_KEY/i.test(said))).toEqual([]);
    expect(configsOf('sign-in').flatMap(({ client, text = '' }) => (/token/i.test(text) ? client : []))).toEqual([
      ...['OpenAI Responses API', 'Anthropic Messages API', 'Vercel AI SDK', 'OpenAI Agents SDK', 'LangChain'],
      ...['MCP Inspector', 'curl'],
    ]);
    expect(textOf('Codex', 'sign-in')).toBe(`codex mcp add trains --url ${url}`);
    expect(JSON.parse(textOf('Cursor', 'sign-in'))).toEqual({ mcpServers: { trains: { url } } });
  });

  test('says why there is nothing to paste for a client that sends no keys', () => {
    const without = configsOf('key').filter(({ text }) => text === undefined);
    expect(without.map(({ client }) => client)).toEqual(['Devin Desktop', 'Claude (web and desktop)', 'ChatGPT']);
    for (const { where } of without) expect(where).toMatch(/signs people in/);
  });

  test('is JSON for clients that read JSON, under the names that they expect', () => {
    const headers = { 'x-api-key': 'your key' };
    expect(JSON.parse(textOf('Cursor')).mcpServers.trains).toEqual({
      url,
      headers: { 'x-api-key': '${env:TOOLPLANE_KEY}' },
    });
    expect(JSON.parse(textOf('VS Code')).servers.trains).toMatchObject({ type: 'http', url });
    // A space after the colon would split the argument on Windows.
    expect(JSON.parse(textOf('Claude Desktop, by a bridge')).mcpServers.trains.args.at(-1)).toBe('x-api-key:${KEY}');
    expect(JSON.parse(textOf('opencode')).mcp.trains).toEqual({ type: 'remote', url, headers, enabled: true });
    expect(JSON.parse(textOf('Devin Desktop', 'sign-in')).mcpServers.trains).toEqual({ url });
    const tool = { type: 'mcp', server_label: 'trains', server_url: url };
    expect(JSON.parse(textOf('OpenAI Responses API')).tools).toEqual([{ ...tool, headers }]);
    const server = { type: 'url', url, name: 'trains' };
    expect(JSON.parse(textOf('Anthropic Messages API', 'nothing')).mcp_servers).toEqual([server]);
  });

  test('is code for libraries, as long as there is a header and as short as it can be without one', () => {
    expect(textOf('Vercel AI SDK')).toContain(
      `transport: {\n  type: 'http',\n  url: '${url}',\n  headers: { 'x-api-key': process.env.TOOLPLANE_KEY },\n}`,
    );
    expect(textOf('OpenAI Agents SDK', 'sign-in')).toContain(
      'requestInit: { headers: { authorization: `Bearer ${process.env.TOOLPLANE_TOKEN}` } }',
    );
    expect(textOf('LangChain', 'nothing')).toContain(
      `mcpServers: { 'trains': {\n  transport: 'http',\n  url: '${url}',\n} }`,
    );
  });

  test('has the header of Claude Code last, because that option takes all that follows', () => {
    expect(textOf('Claude Code')).toMatch(/^claude mcp add --transport http trains https:\S+ --header "[^"]*"$/);
  });

  test('is also in the links that install it', () => {
    const cursor = new URL(configOf('Cursor')?.installLink ?? '');
    expect(cursor.href).toMatch(/^cursor:\/\/anysphere\.cursor-deeplink\/mcp\/install\?name=trains&config=/);
    expect(JSON.parse(atob(cursor.searchParams.get('config') ?? ''))).toEqual(
      JSON.parse(textOf('Cursor')).mcpServers.trains,
    );
    const ofCode = (access: Access) => {
      const [, query = ''] = (configOf('VS Code', access)?.installLink ?? '').split('vscode:mcp/install?');
      return JSON.parse(decodeURIComponent(query));
    };
    expect(ofCode('sign-in')).toEqual({ name: 'trains', type: 'http', url });
    const { inputs, servers } = JSON.parse(textOf('VS Code'));
    expect(ofCode('key')).toEqual({ name: 'trains', ...servers.trains, inputs });
  });
});
