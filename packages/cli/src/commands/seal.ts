import { credentialScopes, type SealedCredential, sealedCredentialSchema } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import type { PlatformApi } from '../platform/api.ts';
import { getInstance } from '../platform/connector-instance.ts';
import { getSealingTarget, type SealingPurpose } from '../platform/sealing-target.ts';
import { addExamples } from './examples.ts';
import { hosts } from './option-values.ts';

type Options = SealingPurpose & { host: string[]; fields?: true };

export function addSeal(program: Command, { api, show, terminal }: CommandContext): void {
  const seal = program
    .command('seal')
    .summary('seal a value for the data plane')
    .description(
      'Print a value sealed so that only the data plane can open it, and only for the one place that you name, to send it by other means. It is typed in without echo, or piped to stdin.',
    )
    .addOption(hosts())
    .option('--server <server>', 'name or id of the server that it is for')
    .option(
      '--secret <NAME>',
      'for this secret of the server; a header of an external server is EXTERNAL_<NAME>_<HEADER>',
    )
    .option('--external-server <name>', 'for the OAuth client with which the server signs in there')
    .option('--instance <instance>', 'for credentials of this connector instance, by name or id')
    .addOption(new Option('--scope <scope>', 'whose credentials they are').choices(credentialScopes))
    .option('--subject <subject>', 'the user or agent that they belong to')
    .option('--issuer <url>', 'for the client secret of single sign-on with this issuer')
    .option('--url <url>', 'for headers to load the tools of an external server from this URL')
    .option('--fields', 'the value is a JSON object: credentials of a connector, by the keys of their fields')
    .action(async ({ host, fields, ...purpose }: Options) => {
      const target = await getSealingTarget(api(), await withInstanceId(api(), purpose));
      const typed = await terminal.readSecret('value');
      const sealed = await sealSecret(target, { value: fields ? readFields(typed) : typed, hosts: host });
      show({ sealed }, () => [sealed]);
    });
  addExamples(
    seal,
    `printf 'Bearer %s' "$TOKEN" | toolplane seal --server tickets --secret EXTERNAL_WEATHER_AUTHORIZATION --host mcp.example.com`,
    'printf %s "$CLIENT_SECRET" | toolplane seal --issuer https://id.example.com --host id.example.com',
  );
}

async function withInstanceId(api: PlatformApi, purpose: SealingPurpose): Promise<SealingPurpose> {
  const { instance } = purpose;
  return instance === undefined ? purpose : { ...purpose, instance: (await getInstance(api, instance)).id };
}

/** The cause is not passed on, because it would quote what was typed. */
export function readFields(typed: string): SealedCredential['value'] {
  try {
    return sealedCredentialSchema.shape.value.parse(JSON.parse(typed));
  } catch {
    throw new CliError('The value must be a JSON object: the values by the keys of the fields');
  }
}
