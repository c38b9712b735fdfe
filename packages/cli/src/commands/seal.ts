import { type SealedCredential, sealedCredentialSchema } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { getSealingKey } from '../platform/sealing-key.ts';
import { addExamples } from './examples.ts';
import { hosts } from './option-values.ts';

type Options = { host: string[]; fields?: true; pool?: string };

export function addSeal(program: Command, { api, show, terminal }: CommandContext): void {
  const seal = program
    .command('seal')
    .summary('seal a value for the data plane')
    .description(
      'Print a value sealed so that only the data plane can open it, to send it by other means. It is typed in without echo, or piped to stdin.',
    )
    .addOption(hosts())
    .option('--fields', 'the value is a JSON object: credentials of a connector, by the keys of their fields')
    .option('--pool <pool>', 'for the data planes of this pool')
    .action(async ({ host, fields, pool }: Options) => {
      const key = await getSealingKey(api(), pool ?? null);
      const typed = await terminal.readSecret('value');
      const sealed = await sealSecret(key, { value: fields ? readFields(typed) : typed, hosts: host });
      show({ sealed }, () => [sealed]);
    });
  addExamples(seal, `printf 'Bearer %s' "$TOKEN" | toolplane seal --host mcp.example.com`);
}

/** No cause is passed on: it would quote what was typed. */
export function readFields(typed: string): SealedCredential['value'] {
  try {
    return sealedCredentialSchema.shape.value.parse(JSON.parse(typed));
  } catch {
    throw new CliError('The value must be a JSON object: the values by the keys of the fields');
  }
}
