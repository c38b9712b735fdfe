import { describe, expect, test } from '@jest/globals';
import { toClientConfigs } from './client-configs.ts';

const url = 'https://mcp.example.com/mcp/srv_1';
const configs = toClientConfigs({ name: 'trains', url });
const textOf = (client: string) => configs.find((config) => config.client === client)?.text ?? '';

describe('what people paste into their clients', () => {
  test('names the endpoint in each, and has a key in none', () => {
    expect(configs.filter(({ text }) => !text.includes(url))).toEqual([]);
    expect(configs.filter(({ text }) => /tp_(live|test)_/.test(text))).toEqual([]);
  });

  test('is JSON for clients that read JSON, under the names that they expect', () => {
    expect(JSON.parse(textOf('Cursor')).mcpServers.trains).toEqual({
      url,
      headers: { 'x-api-key': '${env:TOOLPLANE_KEY}' },
    });
    expect(JSON.parse(textOf('VS Code')).servers.trains).toMatchObject({ type: 'http', url });
    // A space after the colon would split the argument on Windows.
    expect(JSON.parse(textOf('Claude Desktop')).mcpServers.trains.args.at(-1)).toBe('x-api-key:${KEY}');
  });

  test('has the options of Claude Code before the name', () => {
    expect(textOf('Claude Code')).toMatch(/--header ".*" trains https:/);
  });
});
