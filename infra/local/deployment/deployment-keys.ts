import { createHash, randomBytes } from 'node:crypto';
import { redisUserName, redisUsers, toUsersFile } from '@toolplane/bus/redis-users';
import { generateKeys } from '../home.ts';

export type Addresses = {
  /** `redis://` or `rediss://`, without a user. */
  redis: string;
  /** `postgresql://`, without a user; the path is the name of the database. */
  postgresql: string;
};

/**
 * New keys and passwords of a deployment, as file contents by file name: for each service, the values that must not be
 * in a log or a ConfigMap, as `NAME=value` lines, and the initial users of Redis and PostgreSQL.
 */
export async function toDeploymentKeys(addresses: Addresses): Promise<Record<string, string>> {
  const keys = await generateKeys();
  const passwords = { owner: newPassword(), service: newPassword(), superuser: newPassword() };
  const redisUrl = (user: (typeof redisUsers)[number]) =>
    withUser(addresses.redis, redisUserName(user), keys.redisPasswords[user]);
  const database = new URL(addresses.postgresql).pathname.slice(1);
  return {
    'edge.env': toLines({
      REDIS_URL: redisUrl('edge'),
      CALL_KEYS: keys.callKeys,
      SESSION_KEYS: keys.sessionKeys,
      MANIFEST_VERIFY_KEYS: keys.verifyKeys,
      API_KEY_PEPPER: keys.apiKeyPepper,
    }),
    'data-plane.env': toLines({
      REDIS_URL: redisUrl('data-plane'),
      CALL_KEYS: keys.callKeys,
      COMMAND_KEYS: keys.commandKeys,
      MANIFEST_VERIFY_KEYS: keys.verifyKeys,
      // Only the store `file` reads it.
      SECRETS_KEYS: keys.secretsKey,
    }),
    'control-plane.env': toLines({
      DATABASE_URL: withUser(addresses.postgresql, 'toolplane', passwords.service),
      REDIS_URL: redisUrl('control-plane'),
      COMMAND_KEYS: keys.commandKeys,
      MANIFEST_SIGNING_KEY: keys.signingKey,
      OAUTH_SIGNING_KEYS: keys.issuerKeys,
      API_KEY_PEPPER: keys.apiKeyPepper,
      BOOTSTRAP_API_KEY: keys.apiKey,
    }),
    'migration.env': toLines({ DATABASE_URL: withUser(addresses.postgresql, 'toolplane_owner', passwords.owner) }),
    'postgresql.env': toLines({ POSTGRES_PASSWORD: passwords.superuser }),
    'roles.sql': `CREATE ROLE toolplane_owner LOGIN PASSWORD '${passwords.owner}';
CREATE ROLE toolplane LOGIN PASSWORD '${passwords.service}';
CREATE DATABASE ${database} OWNER toolplane_owner;
`,
    'users.acl': toUsersFile().replaceAll(/\$\{(\w+)_PASSWORD_SHA256\}/g, (place, name: string) => {
      const user = redisUsers.find((it) => it.toUpperCase().replaceAll('-', '_') === name);
      return user === undefined ? place : createHash('sha256').update(keys.redisPasswords[user]).digest('hex');
    }),
  };
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

function withUser(address: string, username: string, password: string): string {
  return Object.assign(new URL(address), { username, password }).href;
}

function toLines(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
