import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { type Api, pathTo } from '../platform/api.ts';
import { createMcpClient, type ToolResult } from '../platform/mcp.ts';
import type { McpServer } from '../platform/server.ts';
import { toTable } from '../showing/table.ts';
import { addInputOptions, type InputOptions, readInputs } from './tool-inputs.ts';

export function addRun(program: Command, { api, show }: CommandContext): void {
  program
    .command('tools')
    .description('list the tools of a server, as agents see them')
    .argument('<server>', 'name or id')
    .action(async (server: string) => {
      const tools = await (await connect(api(), server)).listTools();
      const rows = tools.map(({ name, description = '' }) => [name, description.split('\n')[0] ?? '']);
      show(tools, () => toTable(['TOOL', 'DESCRIPTION'], rows));
    });
  const run = program
    .command('run')
    .description('call a tool, as agents do')
    .argument('<server>', 'name or id')
    .argument('<tool>', 'its name');
  addInputOptions(run).action(async (server: string, tool: string, options: InputOptions) => {
    const inputs = readInputs(options);
    const result = await (await connect(api(), server)).callTool(tool, inputs);
    show(result, () => (result.isError ? [] : toLines(result)));
    if (result.isError) throw new CliError(toLines({ content: result.content ?? [] }).join('\n'));
  });
}

async function connect(api: Api, server: string) {
  const { data } = await api<McpServer>('GET', pathTo('mcp-servers', server));
  return createMcpClient(data.url, api.login.key);
}

/** Declared outputs as JSON; of a tool that gives none, its texts, and what else there is by type and size. */
function toLines({ structuredContent, content = [] }: ToolResult): string[] {
  if (structuredContent !== undefined) return [JSON.stringify(structuredContent, null, 2)];
  return content.map(({ type, text, mimeType, data }) =>
    text === undefined
      ? `[${[type, mimeType].filter(Boolean).join(' ')}, ${data?.length ?? 0} characters of base64]`
      : text,
  );
}
