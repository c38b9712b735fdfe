import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { listAll } from '../platform/api.ts';
import type { McpServer } from '../platform/server.ts';
import { toTable } from '../showing/table.ts';
import { named } from './option-values.ts';

type Settings = { mode: 'NORMAL' | 'SMART'; description?: string; sourceServer: ReadonlyMap<string, string> };

export function addServers(program: Command, { api, show }: CommandContext): void {
  const servers = program.command('servers').description('list and create MCP servers');
  servers
    .command('list', { isDefault: true })
    .description('list them')
    .action(async () => {
      const all = await listAll<McpServer>(api(), '/mcp-servers');
      show(all, () => toTable(['NAME', 'STATE', 'MODE', 'URL'], all.map(toRow)));
    });
  servers
    .command('create')
    .description('make one, and print the URL of its MCP endpoint')
    .argument('<name>', 'small letters, digits and hyphens')
    .addOption(
      new Option('--mode <mode>', 'NORMAL: agents see its tools; SMART: they search those of the workspace')
        .choices(['NORMAL', 'SMART'])
        .default('NORMAL'),
    )
    .option('--description <text>', 'what it is for')
    .addOption(named('--source-server <name=url>', 'where the API of a source really is '))
    .action(async (name: string, { mode, description, sourceServer }: Settings) => {
      const body = {
        name,
        mode,
        sourceServers: Object.fromEntries(sourceServer),
        ...(description === undefined ? {} : { description }),
      };
      const { data } = await api()<McpServer>('POST', '/mcp-servers', { body });
      show(data, () => [data.url]);
    });
}

function toRow({ slug, state, isStopped, mode, url }: McpServer): string[] {
  return [slug, isStopped ? 'stopped' : state, mode, url];
}
