import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type TestDatabase = {
  url: string;
  /** PostgreSQL away, as the service sees it: its connections are cut and new ones refused. */
  disconnectAll(): Promise<void>;
  reconnect(): Promise<void>;
  /** Cuts connections for a moment. */
  backUp(): Promise<void>;
  /** As it was then. */
  restore(): Promise<void>;
  drop(): Promise<void>;
};

/** An empty database that belongs to a role without any privilege, as in production. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const superuserUrl = process.env['DATABASE_URL'] ?? '';
  const name = `e2e_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client(superuserUrl);
  await admin.connect();
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE`);
  await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
  const url = Object.assign(new URL(superuserUrl), { pathname: `/${name}`, username: name, password: name }).href;
  const copy = `${name}_backup`;

  async function disconnectAll(): Promise<void> {
    await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  }

  async function reconnect(): Promise<void> {
    await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
  }

  return {
    ...{ url, disconnectAll, reconnect },
    async backUp() {
      await disconnectAll();
      await admin.query(`CREATE DATABASE ${copy} TEMPLATE ${name} OWNER ${name}`);
      await reconnect();
    },
    async restore() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.query(`ALTER DATABASE ${copy} RENAME TO ${name}`);
    },
    async drop() {
      await admin.query(`DROP DATABASE IF EXISTS ${copy}`);
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${name}`);
      await admin.end();
    },
  };
}
