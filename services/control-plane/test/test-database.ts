import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type TestDatabase = {
  url: string;
  superuserUrl: string;
  query: (sql: string) => Promise<pg.QueryResult>;
  drop(): Promise<void>;
};

/** An empty database that belongs to a role without any privilege, as in production, unless `attributes` give it one. */
export async function createTestDatabase({ attributes = 'NOBYPASSRLS NOCREATEROLE' } = {}): Promise<TestDatabase> {
  const superuserUrl = process.env['DATABASE_URL'] ?? '';
  const name = `cp_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client(superuserUrl);
  // PostgreSQL may be stopped before a failed test drops its database.
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' NOSUPERUSER NOCREATEDB ${attributes}`);
  await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
  const ownUrl = Object.assign(new URL(superuserUrl), { pathname: `/${name}` }).href;
  const url = Object.assign(new URL(ownUrl), { username: name, password: name }).href;
  return {
    url,
    superuserUrl: ownUrl,
    /** As the role of the service, with no tenant set. */
    async query(sql) {
      const client = new pg.Client(url);
      await client.connect();
      return client.query(sql).finally(() => client.end());
    },
    async drop() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${name}`);
      await admin.end();
    },
  };
}
