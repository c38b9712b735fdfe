import { credentialScopes } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { type Api, pathTo } from '../platform/api.ts';
import { getSealingKey } from '../platform/sealing-key.ts';
import type { McpServer } from '../platform/server.ts';
import { hosts } from './option-values.ts';
import { readFields } from './seal.ts';

type Options = { scope: string; subject?: string; host: string[] };
type Instance = { id: string; auth_type: string; server: { id: string } };
type Stored = { scope: string; subject: string | null; warnings: string[] };

export function addCredentials(program: Command, { api, show, terminal }: CommandContext): void {
  program
    .command('credentials')
    .description('set the credentials of a connector instance')
    .command('set')
    .description(
      'Store them: a JSON object by the keys of their fields, typed in unseen or piped to stdin, and sealed here.',
    )
    .argument('<instance>', 'its id')
    .addOption(new Option('--scope <scope>', 'whose they are').choices(credentialScopes).default('workspace'))
    .option('--subject <subject>', 'the user or agent that they are for')
    .addOption(hosts())
    .action(async (id: string, { scope, subject, host }: Options) => {
      const path = pathTo('connector-instances', id);
      const { data: instance } = await api()<Instance>('GET', path);
      const key = await getSealingKey(api(), await getPool(api(), instance));
      const sealed = await sealSecret(key, {
        value: readFields(await terminal.readSecret('credentials')),
        hosts: host,
      });
      const body = { scope, auth_type: instance.auth_type, sealed, ...(subject === undefined ? {} : { subject }) };
      const { data } = await api()<Stored>('PUT', `${path}/credentials`, { body });
      for (const warning of data.warnings) terminal.note(`warning: ${warning}`);
      show(data, () => [`Stored for the ${data.scope}${data.subject === null ? '' : ` ${data.subject}`}`]);
    });
}

async function getPool(api: Api, { server }: Instance): Promise<string | null> {
  return (await api<McpServer>('GET', pathTo('mcp-servers', server.id))).data.pool;
}
