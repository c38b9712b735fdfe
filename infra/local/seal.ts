import { text } from 'node:stream/consumers';
import type { SealingKey } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { LocalError, runTask } from './local-error.ts';
import { createRestClient } from './rest-client.ts';

/** `… | node infra/local/run.mjs seal <api> <key> <host>…` prints what stdin holds, sealed for the data plane and bound to the hosts. */
await runTask(async () => {
  const [api, apiKey, ...hosts] = process.argv.slice(2);
  if (api === undefined || apiKey === undefined || hosts.length === 0) {
    throw new LocalError('usage: seal <api> <key> <host>… with the secret on stdin');
  }
  const sealingKey = await createRestClient(api, apiKey).call<SealingKey>('GET', '/sealing-key');
  if (sealingKey === undefined) throw new LocalError(`${api} has no sealing key`);
  const value = await text(process.stdin);
  if (value === '') throw new LocalError('there is nothing on stdin to seal');
  const sealed = await sealSecret(sealingKey, { value, hosts });
  process.stdout.write(`${sealed}\n`);
});
