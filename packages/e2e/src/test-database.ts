import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type TestDatabase = {
  url: string;
  /** Makes PostgreSQL unavailable for the service: cuts its connections and refuses new ones. */
  disconnectAll(): Promise<void>;
  reconnect(): Promise<void>;
  /** Copies the database, which cuts connections for a moment. */
  backUp(): Promise<void>;
  /** Restores the database from the copy. */
  restore(): Promise<void>;
  drop(): Promise<void>;
};

/** Creates a database with all migrations that belongs to a role without any privilege, as in production. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const migrated = new URL(process.env['MIGRATED_DATABASE_URL'] ?? '');
  const role = migrated.username;
  const name = `e2e_${randomBytes(6).toString('hex')}`;
  await asSuperuser(`CREATE DATABASE ${name} OWNER ${role} TEMPLATE ${migrated.pathname.slice(1)} STRATEGY FILE_COPY`);
  const url = Object.assign(new URL(migrated), { pathname: `/${name}` }).href;
  const copy = `${name}_backup`;

  async function disconnectAll(): Promise<void> {
    await asSuperuser(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    await asSuperuser('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  }

  async function reconnect(): Promise<void> {
    await asSuperuser(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
  }

  return {
    url,
    disconnectAll,
    reconnect,
    async backUp() {
      await disconnectAll();
      await asSuperuser(`CREATE DATABASE ${copy} TEMPLATE ${name} OWNER ${role}`);
      await reconnect();
    },
    async restore() {
      await asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`);
      await asSuperuser(`ALTER DATABASE ${copy} RENAME TO ${name}`);
    },
    async drop() {
      await asSuperuser(`DROP DATABASE IF EXISTS ${copy}`);
      await asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Runs a statement on its own connection, because PostgreSQL may be stopped between two statements. */
async function asSuperuser(statement: string, values: string[] = []): Promise<void> {
  const client = new pg.Client(process.env['DATABASE_URL']);
  await client.connect();
  try {
    await client.query(statement, values);
  } finally {
    await client.end();
  }
}
