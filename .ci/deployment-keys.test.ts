import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { redisUserName, redisUsers } from '@toolplane/bus/redis-users';
import { toDeploymentKeys } from '../infra/local/deployment/deployment-keys.ts';

/** What `npm run keys` generates. `settings.test.ts` checks that services start with it. */

const addresses = {
  redis: 'rediss://redis.test:6379',
  postgresql: 'postgresql://db.test:5432/tools?sslmode=verify-full',
};
const files = await toDeploymentKeys(addresses);
const urlOf = (file: string, name: string) =>
  new URL(new RegExp(`^${name}=(.*)$`, 'm').exec(files[file] ?? '')?.[1] ?? '');

test('every service has the password of its own Redis user, which Redis stores as a hash (T33)', () => {
  const services = redisUsers.filter((user) => user !== 'admin');
  for (const service of services) {
    const { protocol, host, username, password } = urlOf(`${service}.env`, 'REDIS_URL');
    expect([protocol, host, username]).toEqual(['rediss:', 'redis.test:6379', redisUserName(service)]);
    const hash = createHash('sha256').update(password).digest('hex');
    expect(files['users.acl']).toContain(`user ${username} on #${hash} `);
  }
  expect(files['users.acl']).not.toContain('$');
});

test('the control plane and the migration have different roles, and the migration role owns the database', () => {
  const [service, owner] = ['control-plane.env', 'migration.env'].map((file) => urlOf(file, 'DATABASE_URL'));
  expect([service?.username, owner?.username, owner?.pathname]).toEqual(['toolplane', 'toolplane_owner', '/tools']);
  expect(service?.search).toBe('?sslmode=verify-full');
  expect(files['roles.sql']).toContain(`CREATE ROLE toolplane LOGIN PASSWORD '${service?.password}';`);
  expect(files['roles.sql']).toContain('CREATE DATABASE tools OWNER toolplane_owner;');
});

test('no key is generated twice, and only services that share a key have the same one', async () => {
  const keysOf = (made: Record<string, string>) =>
    Object.entries(made).flatMap(([file, text]) =>
      Array.from(text.matchAll(/^(\w*(?:KEYS?|PEPPER))=(.*)$/gm), ([, name, value]) => ({ file, name, value })),
    );
  const again = keysOf(await toDeploymentKeys(addresses)).map(({ value }) => value);
  expect(keysOf(files).filter(({ value }) => again.includes(value))).toEqual([]);
  const sharers = (key: string) =>
    keysOf(files).flatMap(({ file, name }) => (name === key ? [file.replace('.env', '')] : []));
  expect(sharers('CALL_KEYS')).toEqual(['edge', 'data-plane']);
  expect(sharers('COMMAND_KEYS')).toEqual(['data-plane', 'control-plane']);
  expect([sharers('SESSION_KEYS'), sharers('MANIFEST_SIGNING_KEY')]).toEqual([['edge'], ['control-plane']]);
});
