import { sealSecret } from '@toolplane/sealing';
import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { dataOf, listAll } from '../platform/api.ts';
import { getSealingTarget } from '../platform/sealing-target.ts';
import { toTable } from '../showing/table.ts';
import { addExamples } from './examples.ts';
import { hosts, wholeNumber } from './option-values.ts';

type NewSecret = { host: string[]; overlapSeconds: number };

const secretSchema = z.looseObject({
  name: z.string(),
  hosts: z.array(z.string()),
  version: z.int(),
  isPinned: z.boolean(),
  lastUsedAt: z.string().nullable(),
});
type Secret = z.infer<typeof secretSchema>;

const storedSchema = secretSchema.extend({
  uncovered: z.array(z.object({ tool: z.string(), step: z.string(), host: z.string() })),
});

const DAY = 86_400;

export function addSecrets(program: Command, context: CommandContext): void {
  const secrets = program
    .command('secrets')
    .summary('list, set and delete secrets')
    .description('List, set and delete the secrets of a server. Their values are never shown.');
  addList(secrets, context);
  addSet(secrets, context);
  addDelete(secrets, context);
}

function addList(secrets: Command, { api, show }: CommandContext): void {
  secrets
    .command('list')
    .summary('list the names of the secrets')
    .description('List the names of the secrets, where they may be sent and when they were last used.')
    .argument('<server>', 'name or id')
    .action(async (server: string) => {
      const all = await listAll(api(), secretSchema, (query) =>
        api().GET('/mcp-servers/{id}/secrets', { params: { path: { id: server }, query } }),
      );
      show(all, () => toTable(['NAME', 'HOSTS', 'VERSION', 'LAST USED'], all.map(toRow)));
    });
}

function addSet(secrets: Command, { api, show, terminal }: CommandContext): void {
  const set = secrets
    .command('set')
    .summary('store a secret, or a new version of it')
    .description(
      'Store a secret, or a new version of it. The value is typed in without echo or piped to stdin, and sealed on this machine.',
    )
    .argument('<server>', 'name or id')
    .argument('<NAME>', 'its name in documents: $secrets.NAME')
    .addOption(hosts())
    .option('--overlap-seconds <seconds>', 'how long the previous value is kept as a fallback', wholeNumber(0), DAY)
    .action(async (server: string, name: string, { host, overlapSeconds }: NewSecret) => {
      const target = await getSealingTarget(api(), { server, secret: name });
      const sealed = await sealSecret(target, { value: await terminal.readSecret(name), hosts: host });
      const request = { params: { path: { id: server, name } }, body: { sealed, overlapSeconds } };
      const data = dataOf(api(), storedSchema, await api().PUT('/mcp-servers/{id}/secrets/{name}', request));
      for (const { tool, step, host: uncovered } of data.uncovered) {
        terminal.note(
          `warning: ${tool}, step ${step}, would send it to ${uncovered} and fail, because that is not one of its hosts`,
        );
      }
      show(data, () => [`Stored: ${data.name}, version ${data.version}, for ${data.hosts.join(', ')}`]);
    });
  addExamples(
    set,
    'toolplane secrets set tickets TICKETS_KEY --host api.example.com',
    'pass show tickets | toolplane secrets set tickets TICKETS_KEY --host api.example.com',
  );
}

function addDelete(secrets: Command, { api, show }: CommandContext): void {
  secrets
    .command('delete')
    .description('delete a secret with all its versions')
    .argument('<server>', 'name or id')
    .argument('<NAME>', 'of the secret')
    .action(async (server: string, name: string) => {
      await api().DELETE('/mcp-servers/{id}/secrets/{name}', { params: { path: { id: server, name } } });
      show({ name }, () => [`Deleted: ${name}`]);
    });
}

function toRow({ name, hosts, version, isPinned, lastUsedAt }: Secret): string[] {
  return [name, hosts.join(', '), `${version}${isPinned ? ' (pinned)' : ''}`, lastUsedAt ?? 'never'];
}
