import { sealSecret } from '@toolplane/sealing';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { listAll, pathTo } from '../platform/api.ts';
import { getSealingKey } from '../platform/sealing-key.ts';
import type { McpServer } from '../platform/server.ts';
import { toTable } from '../showing/table.ts';
import { hosts, wholeNumber } from './option-values.ts';

type Secret = { name: string; hosts: string[]; version: number; isPinned: boolean; lastUsedAt: string | null };
type NewSecret = { host: string[]; overlapSeconds: number };
type StoredSecret = Secret & { uncovered: { tool: string; step: string; host: string }[] };

const DAY = 86_400;

export function addSecrets(program: Command, { api, show, terminal }: CommandContext): void {
  const secrets = program.command('secrets').description('list, set and delete the secrets of a server');
  secrets
    .command('list')
    .description('list their names')
    .argument('<server>', 'name or id')
    .action(async (server: string) => {
      const all = await listAll<Secret>(api(), pathTo('mcp-servers', server, 'secrets'));
      show(all, () => toTable(['NAME', 'HOSTS', 'VERSION', 'LAST USED'], all.map(toRow)));
    });
  secrets
    .command('set')
    .summary('store one, or a new version of it')
    .description('Store one, or a new version of it: typed in unseen, or piped to stdin, and sealed on this machine.')
    .argument('<server>', 'name or id')
    .argument('<NAME>', 'as documents name it: $secrets.NAME')
    .addOption(hosts())
    .option('--overlap-seconds <seconds>', 'how long the value before is kept beside it', wholeNumber(0), DAY)
    .action(async (server: string, name: string, { host, overlapSeconds }: NewSecret) => {
      const { pool } = (await api()<McpServer>('GET', pathTo('mcp-servers', server))).data;
      const key = await getSealingKey(api(), pool);
      const sealed = await sealSecret(key, { value: await terminal.readSecret(name), hosts: host });
      const path = pathTo('mcp-servers', server, 'secrets', name);
      const { data } = await api()<StoredSecret>('PUT', path, { body: { sealed, overlapSeconds } });
      for (const { tool, step, host: uncovered } of data.uncovered) {
        terminal.note(
          `warning: ${tool}, step ${step}, would send it to ${uncovered}, and fails: that is none of its hosts`,
        );
      }
      show(data, () => [`Stored: ${data.name}, version ${data.version}, for ${data.hosts.join(', ')}`]);
    });
  secrets
    .command('delete')
    .description('delete one with all its versions')
    .argument('<server>', 'name or id')
    .argument('<NAME>', 'of the secret')
    .action(async (server: string, name: string) => {
      const { data } = await api()<Secret>('DELETE', pathTo('mcp-servers', server, 'secrets', name));
      show(data, () => [`Deleted: ${data.name}`]);
    });
}

function toRow({ name, hosts, version, isPinned, lastUsedAt }: Secret): string[] {
  return [name, hosts.join(', '), `${version}${isPinned ? ' (pinned)' : ''}`, lastUsedAt ?? 'never'];
}
