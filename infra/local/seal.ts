import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type SealedCredential, type SealingKey, sealedCredentialSchema } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { LocalError, runTask } from './local-error.ts';
import { createRestClient } from './rest-client.ts';

/**
 * `… | node infra/local/run.mjs seal [--fields] [--pool <pool>] <api> <key> <host>…` prints what stdin holds, sealed for the
 * data planes, those of the pool if one is named, and bound to the hosts: a secret, or with `--fields` a JSON object, the
 * credentials of a connector's instance.
 */
await runTask(async () => {
  const options = { fields: { type: 'boolean' }, pool: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [api, apiKey, ...hosts] = positionals;
  if (api === undefined || apiKey === undefined || hosts.length === 0) {
    throw new LocalError('usage: seal [--fields] [--pool <pool>] <api> <key> <host>… with the secret on stdin');
  }
  const path = values.pool === undefined ? '/sealing-key' : `/sealing-key?pool=${encodeURIComponent(values.pool)}`;
  const sealingKey = await createRestClient(api, apiKey).call<SealingKey>('GET', path);
  if (sealingKey === undefined) throw new LocalError(`${api} has no sealing key`);
  const input = await text(process.stdin);
  if (input === '') throw new LocalError('there is nothing on stdin to seal');
  const sealed = await sealSecret(sealingKey, { value: values.fields ? readFields(input) : input, hosts });
  process.stdout.write(`${sealed}\n`);
});

/** No cause is passed on: it would quote what was typed. */
function readFields(input: string): SealedCredential['value'] {
  try {
    return sealedCredentialSchema.shape.value.parse(JSON.parse(input));
  } catch {
    throw new LocalError('with --fields stdin is a JSON object: the values by the keys of the fields');
  }
}
