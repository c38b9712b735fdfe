import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { listAll, pathTo } from '../platform/api.ts';
import { toTable } from '../showing/table.ts';

/** `Deployment` of the API. */
export type Deployment = { id: string; state: 'deploying' | 'active' | 'deployed' | 'errored'; createdAt: string };

export function addDeployments(program: Command, { api, show }: CommandContext): void {
  program
    .command('deployments')
    .description('list what was deployed to a server, newest first')
    .argument('<server>', 'name or id')
    .action(async (server: string) => {
      const all = await listAll<Deployment>(api(), `${pathTo('mcp-servers', server)}/deployments`);
      const toRow = ({ id, state, createdAt }: Deployment) => [id, state, createdAt];
      show(all, () => toTable(['DEPLOYMENT', 'STATE', 'CREATED'], all.map(toRow)));
    });
  program
    .command('rollback')
    .description('run an earlier deployment again')
    .argument('<server>', 'name or id')
    .argument('<deployment>', 'its id')
    .action(async (server: string, id: string) => {
      const path = `${pathTo('mcp-servers', server, 'deployments', id)}/rollback`;
      const { data } = await api()<Deployment>('POST', path);
      show(data, () => [`Runs again: ${data.id}`]);
    });
}
