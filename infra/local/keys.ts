import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { toDeploymentKeys } from './deployment/deployment-keys.ts';
import { LocalError, runTask } from './local-error.ts';

/**
 * `npm run keys -- <folder>`: writes new keys and passwords for a deployment, one file for each service, and prints the
 * folder. Existing files are never overwritten: the keys of a deployment are changed one by one
 * (docs/how-to/rotate-keys.md).
 */
await runTask(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      redis: { type: 'string', default: 'redis://redis:6379' },
      postgresql: { type: 'string', default: 'postgresql://postgresql:5432/toolplane' },
    },
  });
  const [folder = '.toolplane/deployment'] = positionals;
  const path = resolve(process.cwd(), folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(await toDeploymentKeys(values))) {
    try {
      // Containers read the mounted files as users of their own; the mode of the folder keeps others out.
      writeFileSync(join(path, name), text, { mode: 0o644, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new LocalError(`${join(path, name)} already exists; keys are never overwritten`);
    }
  }
  process.stdout.write(`${path}\n`);
});
