import { parseArgs } from 'node:util';
import { toUsersFile } from '@toolplane/bus/redis-users';
import { poolNameSchema } from '@toolplane/contracts';
import { LocalError, runTask } from './local-error.ts';

/**
 * `node infra/local/run.mjs redis-users > infra/redis/users.acl` is run after a change of what a service may do in
 * Redis. The option `--pool eu`, which can be repeated, adds a user for the data planes of that pool.
 */
await runTask(async () => {
  const { values } = parseArgs({ options: { pool: { type: 'string', multiple: true, default: [] } } });
  for (const pool of values.pool) {
    if (!poolNameSchema.safeParse(pool).success) throw new LocalError(`--pool ${pool} is not the name of a pool`);
  }
  process.stdout.write(toUsersFile(values.pool));
});
