import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { dataOf } from '../platform/api.ts';
import { getServer, listServers, type McpServer, serverSchema, stateOf } from '../platform/server.ts';
import { toTable } from '../showing/table.ts';
import { addExamples } from './examples.ts';
import { listByDefault } from './list-by-default.ts';
import { named } from './option-values.ts';
import { addServerDetails } from './server-details.ts';

type Settings = { mode: 'NORMAL' | 'SMART'; description?: string; sourceServer: ReadonlyMap<string, string> };

export function addServers(program: Command, context: CommandContext): void {
  const { api, show } = context;
  const servers = program
    .command('servers')
    .summary('list, create and manage MCP servers')
    .description('List, create, show, start, stop and delete MCP servers. Without a subcommand: list them.');
  const list = async () => {
    const all = await listServers(api());
    const toRow = (server: McpServer) => [server.slug, stateOf(server), server.mode, server.url];
    show(all, () => toTable(['NAME', 'STATE', 'MODE', 'URL'], all.map(toRow)));
  };
  listByDefault(servers, list);
  servers.command('list').description('list the servers').action(list);
  addServerDetails(servers, context);
  addCreate(servers, context);
  addSwitches(servers, context);
  addDelete(servers, context);
}

function addCreate(servers: Command, { api, show }: CommandContext): void {
  // NORMAL is the default, as in the console: people who use the command line deploy tools and expect agents to see
  // them. The API without a mode creates a server in mode SMART.
  const create = servers
    .command('create')
    .summary('create a server, and print the URL of its MCP endpoint')
    .description('Create a server, and print the URL of its MCP endpoint.')
    .argument('<name>', 'lowercase letters, digits and hyphens')
    .addOption(
      new Option('--mode <mode>', 'NORMAL: agents see its tools; SMART: they search those of the workspace')
        .choices(['NORMAL', 'SMART'])
        .default('NORMAL'),
    )
    .option('--description <text>', 'what it is for')
    .addOption(named('--source-server <name=url>', 'the actual URL of the API of a source'))
    .action(async (name: string, { mode, description, sourceServer }: Settings) => {
      const body = { name, mode, description, sourceServers: Object.fromEntries(sourceServer) };
      const data = dataOf(api(), serverSchema, await api().POST('/mcp-servers', { body }));
      show(data, () => [data.url]);
    });
  addExamples(create, 'toolplane servers create trains --source-server trains=https://staging.example.com');
}

function addSwitches(servers: Command, { api, show }: CommandContext): void {
  const switches = [
    { name: 'start', description: 'let a stopped server offer its tools again', done: 'Started' },
    {
      name: 'stop',
      description: 'stop a server: until it is started, its clients get the error 503 and no agent finds its tools',
      done: 'Stopped',
    },
  ] as const;
  for (const { name, description, done } of switches) {
    servers
      .command(name)
      .description(description)
      .argument('<server>', 'name or id')
      .action(async (server: string) => {
        const params = { path: { id: server } };
        const data = dataOf(api(), serverSchema, await api().POST(`/mcp-servers/{id}/${name}`, { params }));
        show(data, () => [`${done}: ${data.slug}`]);
      });
  }
}

function addDelete(servers: Command, { api, show, terminal }: CommandContext): void {
  servers
    .command('delete')
    .summary('delete a server with its deployments and secrets')
    .description(
      'Delete a server with its deployments and secrets, after asking. Where nobody can be asked, use --yes.',
    )
    .argument('<server>', 'name or id')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, { yes }: { yes?: true }) => {
      const server = await getServer(api(), name);
      if (!yes) await terminal.confirm(`Delete the server ${server.slug} with its deployments and secrets?`);
      await api().DELETE('/mcp-servers/{id}', { params: { path: { id: server.id } } });
      show({ id: server.id, slug: server.slug }, () => [`Deleted: ${server.slug}`]);
    });
}
