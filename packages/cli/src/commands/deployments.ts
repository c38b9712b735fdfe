import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { dataOf, listAll } from '../platform/api.ts';
import { toTable } from '../showing/table.ts';
import { addExamples } from './examples.ts';

export const deploymentSchema = z.looseObject({ id: z.string(), state: z.string(), createdAt: z.string() });
type Deployment = z.infer<typeof deploymentSchema>;

export function addDeployments(program: Command, { api, show }: CommandContext): void {
  program
    .command('deployments')
    .summary('list the deployments of a server')
    .description('List the deployments of a server, newest first; the one in state "active" is running.')
    .argument('<server>', 'name or id')
    .action(async (server: string) => {
      const all = await listAll(api(), deploymentSchema, (query) =>
        api().GET('/mcp-servers/{id}/deployments', { params: { path: { id: server }, query } }),
      );
      const toRow = ({ id, state, createdAt }: Deployment) => [id, state, createdAt];
      show(all, () => toTable(['DEPLOYMENT', 'STATE', 'CREATED'], all.map(toRow)));
    });
  const rollback = program
    .command('rollback')
    .summary('run an earlier deployment again')
    .description('Run an earlier deployment again, with the sources that were fetched for it then.')
    .argument('<server>', 'name or id')
    .argument('<deployment>', 'its id, as "toolplane deployments" lists it')
    .action(async (server: string, id: string) => {
      const params = { path: { id: server, deploymentId: id } };
      const answer = await api().POST('/mcp-servers/{id}/deployments/{deploymentId}/rollback', { params });
      const data = dataOf(api(), deploymentSchema, answer);
      show(data, () => [`Runs again: ${data.id}`]);
    });
  addExamples(rollback, 'toolplane rollback tickets dep_…');
}
