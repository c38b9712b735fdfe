import { type CredentialScope, credentialScopes } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { dataOf, listAll } from '../platform/api.ts';
import { type ConnectorInstance, getInstance, listInstances } from '../platform/connector-instance.ts';
import { getSealingTarget } from '../platform/sealing-target.ts';
import { toTable } from '../showing/table.ts';
import { addExamples } from './examples.ts';
import { hosts } from './option-values.ts';
import { readFields } from './seal.ts';

type NewCredentials = { scope: CredentialScope; subject?: string; host: string[] };

const credentialSchema = z.looseObject({
  scope: z.string(),
  subject: z.string().nullable(),
  auth_type: z.string(),
  fields: z.array(z.string()),
  hosts: z.array(z.string()),
  /** False if a person still has to sign in before the credentials can be used. */
  is_usable: z.boolean(),
});
type Credential = z.infer<typeof credentialSchema>;
const storedSchema = z.looseObject({
  scope: z.string(),
  subject: z.string().nullable(),
  warnings: z.array(z.string()),
});

export function addCredentials(program: Command, context: CommandContext): void {
  const credentials = program
    .command('credentials')
    .summary('list and set credentials of instances')
    .description('List and set the credentials of connector instances. Their values are never shown.');
  addList(credentials, context);
  addSet(credentials, context);
}

function addList(credentials: Command, { api, show }: CommandContext): void {
  const list = credentials
    .command('list')
    .summary('list the instances, or the credentials of one')
    .description(
      'List the connector instances and whether they have credentials; for one instance, list whose credentials they are.',
    )
    .argument('[instance]', 'name or id')
    .action(async (name: string | undefined) => {
      if (name === undefined) {
        const instances = await listInstances(api());
        show(instances, () => toTable(['INSTANCE', 'ID', 'CONNECTOR', 'SIGN-IN', 'CREDENTIALS'], instances.map(toRow)));
        return;
      }
      const { id } = await getInstance(api(), name);
      const found = await listAll(api(), credentialSchema, (query) =>
        api().GET('/connector-instances/{id}/credentials', { params: { path: { id }, query } }),
      );
      show(found, () => toTable(['SCOPE', 'OF', 'SIGN-IN', 'FIELDS', 'HOSTS', 'USABLE'], found.map(toCredentialRow)));
    });
  addExamples(list, 'toolplane credentials list', 'toolplane credentials list trains');
}

function toRow({ instance_name: name, id, connector, auth_type: type, has_credentials: isSet }: ConnectorInstance) {
  return [name, id, connector, type, type === 'none' ? 'none needed' : isSet ? 'set' : 'NOT SET'];
}

function toCredentialRow({
  scope,
  subject,
  auth_type: type,
  fields,
  hosts,
  is_usable: isUsable,
}: Credential): string[] {
  return [scope, subject ?? '', type, fields.join(', '), hosts.join(', '), isUsable ? 'yes' : 'after a sign-in'];
}

function addSet(credentials: Command, { api, show, terminal }: CommandContext): void {
  const set = credentials
    .command('set')
    .summary('store the credentials of an instance')
    .description(
      'Store the credentials of an instance: a JSON object by the keys of their fields, typed in without echo or piped to stdin, and sealed on this machine.',
    )
    .argument('<instance>', 'name or id')
    .addOption(
      new Option('--scope <scope>', 'whose credentials they are').choices(credentialScopes).default('workspace'),
    )
    .option('--subject <subject>', 'the user or agent that they belong to')
    .addOption(hosts())
    .action(async (name: string, { scope, subject, host }: NewCredentials) => {
      const instance = await getInstance(api(), name);
      const target = await getSealingTarget(api(), { instance: instance.id, scope, subject });
      const sealed = await sealSecret(target, {
        value: readFields(await terminal.readSecret('credentials')),
        hosts: host,
      });
      const body = { scope, auth_type: instance.auth_type, sealed, subject };
      const params = { path: { id: instance.id } };
      const answer = await api().PUT('/connector-instances/{id}/credentials', { params, body });
      const data = dataOf(api(), storedSchema, answer);
      for (const warning of data.warnings) terminal.note(`warning: ${warning}`);
      show(data, () => [`Stored for the ${data.scope}${data.subject === null ? '' : ` ${data.subject}`}`]);
    });
  addExamples(set, `pass show trains | jq -R '{token: .}' | toolplane credentials set trains --host api.example.com`);
}
