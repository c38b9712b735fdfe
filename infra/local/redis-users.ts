import { toUsersFile } from '@toolplane/bus/redis-users';

/** `node infra/local/run.mjs redis-users > infra/redis/users.acl`, after a change of what a service may do in Redis. */
process.stdout.write(toUsersFile());
