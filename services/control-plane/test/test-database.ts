import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type TestDatabase = {
  url: string;
  superuserUrl: string;
  query: (sql: string) => Promise<pg.QueryResult>;
  drop(): Promise<void>;
};

/** Creates an empty database that belongs to a role without any privilege except `attributes`, as in production. */
export async function createTestDatabase({ attributes = 'NOBYPASSRLS NOCREATEROLE' } = {}): Promise<TestDatabase> {
  const name = newName();
  const admin = await connectAsSuperuser();
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' NOSUPERUSER NOCREATEDB ${attributes}`);
  await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
  const database = describeDatabase(admin, name, { username: name, password: name });
  return { ...database, drop: () => database.drop({ withRole: name }) };
}

/** Creates a database with all migrations. All such databases belong to one role without any privilege. */
export async function createMigratedTestDatabase(): Promise<TestDatabase> {
  const name = newName();
  const migrated = new URL(process.env['MIGRATED_DATABASE_URL'] ?? '');
  const { username, password, pathname } = migrated;
  const admin = await connectAsSuperuser();
  await admin.query(`CREATE DATABASE ${name} OWNER ${username} TEMPLATE ${pathname.slice(1)} STRATEGY FILE_COPY`);
  return describeDatabase(admin, name, { username, password });
}

const newName = () => `cp_${randomBytes(6).toString('hex')}`;

async function connectAsSuperuser(): Promise<pg.Client> {
  const admin = new pg.Client(process.env['DATABASE_URL']);
  // PostgreSQL may be stopped before a failed test drops its database.
  admin.on('error', () => undefined);
  await admin.connect();
  return admin;
}

function describeDatabase(admin: pg.Client, name: string, login: { username: string; password: string }) {
  const ownUrl = Object.assign(new URL(process.env['DATABASE_URL'] ?? ''), { pathname: `/${name}` }).href;
  const url = Object.assign(new URL(ownUrl), login).href;
  return {
    url,
    superuserUrl: ownUrl,
    /** Runs a query with the role of the service, without a tenant. */
    async query(sql: string): Promise<pg.QueryResult> {
      const client = new pg.Client(url);
      await client.connect();
      return client.query(sql).finally(() => client.end());
    },
    async drop({ withRole }: { withRole?: string } = {}) {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      if (withRole !== undefined) await admin.query(`DROP ROLE ${withRole}`);
      await admin.end();
    },
  };
}
