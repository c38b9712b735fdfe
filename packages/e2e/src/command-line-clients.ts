import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Connect, clientInfo, type McpClient, type ToolAnswer, toMcpClient } from './mcp-clients.ts';

/* MCP clients that are separate programs. */

export const connectMcpRemote: Connect = (url, apiKey) => connectOverMcpRemote('http-only', url, apiKey);
export const connectMcpRemoteSse: Connect = (url, apiKey) => connectOverMcpRemote('sse-only', url, apiKey);

/** The bridge from stdio that users of desktop applications run. */
async function connectOverMcpRemote(transport: string, url: string, apiKey: string): Promise<McpClient> {
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-mcp-remote-'));
  const program = programOf('mcp-remote', 'dist/proxy.js');
  const client = new Client(clientInfo);
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [program, url, '--transport', transport, '--allow-http', '--header', `x-api-key:${apiKey}`],
      env: { ...getDefaultEnvironment(), MCP_REMOTE_CONFIG_DIR: folder },
      stderr: 'ignore',
    }),
  );
  return {
    ...toMcpClient(client),
    async [Symbol.asyncDispose]() {
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const connectInspector: Connect = (url, apiKey) => connectInspectorOver('http', url, apiKey);
export const connectInspectorSse: Connect = (url, apiKey) => connectInspectorOver('sse', url, apiKey);

/** The Inspector's command line, which reconnects for each method. */
async function connectInspectorOver(transport: string, url: string, apiKey: string): Promise<McpClient> {
  const program = programOf('@modelcontextprotocol/inspector', 'clients/launcher/build/index.js');
  const run = async (...method: string[]) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        program,
        '--cli',
        url,
        '--transport',
        transport,
        '--header',
        `x-api-key: ${apiKey}`,
        '--format',
        'json',
        '--method',
        ...method,
      ],
      { env: { ...process.env, MCP_AUTO_OPEN_ENABLED: 'false', MCP_INSPECTOR_SECRET_STORE: 'memory' } },
    );
    return JSON.parse(stdout).result;
  };
  return {
    listTools: async () => (await run('tools/list')).tools,
    callTool: async (name, callArguments) => {
      const written = Object.entries(callArguments).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
      return (await run('tools/call', '--tool-name', name, ...written)) as ToolAnswer;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function programOf(packageName: string, path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), path);
}
