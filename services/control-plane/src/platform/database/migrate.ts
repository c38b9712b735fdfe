import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { AppError } from '@toolplane/contracts';
import pg from 'pg';

/**
 * How long a serving process waits for a migrating one. It retries later, and can report in the meantime that it is
 * alive.
 */
const LOOK_MS_MAX = 1000;
const LOCK_NOT_AVAILABLE = '55P03';

/** The advisory lock and the table are those of Prisma, so that its command line tools agree with what happens here. */
const ADVISORY_LOCK = 72_707_369;

export const MIGRATIONS_FOLDER = new URL('../../../prisma/migrations/', import.meta.url);

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

export type Migration = { name: string; sql: string };

/**
 * Applies the missing migrations in order, in one process at a time. Rejects with the connection error if no connection
 * can be opened.
 */
export function migrate(databaseUrl: string, migrations: Migration[]): Promise<void> {
  return withMigrationLock(databaseUrl, async (client) => {
    // Migrations may move rows of every tenant.
    await client.query(`SELECT set_config('app.platform', 'on', false)`);
    await client.query(MIGRATIONS_TABLE);
    const applied = await findApplied(client);
    for (const migration of migrations) {
      if (!isApplied(migration, applied.get(migration.name))) await apply(client, migration);
    }
  });
}

/** For a role that may not change the schema: rejects with `config_unavailable` until all migrations are applied. */
export function expectMigrated(databaseUrl: string, migrations: Migration[]): Promise<void> {
  return whileNobodyMigrates(databaseUrl, async (client) => {
    const { rows } = await client.query<{ name: string | null }>(`SELECT to_regclass('_prisma_migrations') AS name`);
    const applied = rows[0]?.name == null ? new Map() : await findApplied(client);
    const missing = migrations.find((migration) => !isApplied(migration, applied.get(migration.name)));
    if (missing !== undefined) throw new AppError('config_unavailable', `Migration ${missing.name} is not applied yet`);
  });
}

/**
 * Like `withMigrationLock`, for a serving process: rejects with `config_unavailable` while another process migrates.
 */
export function whileNobodyMigrates<T>(databaseUrl: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  return withMigrationLock(databaseUrl, run, LOOK_MS_MAX);
}

/**
 * Runs something that only one process may do to the database at a time. Other processes wait up to `waitMs`, or
 * without a limit if it is absent.
 */
export async function withMigrationLock<T>(
  databaseUrl: string,
  run: (client: pg.Client) => Promise<T>,
  waitMs?: number,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2000 });
  // Losing an idle connection must not end the process; the next query reports it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    if (waitMs !== undefined) await client.query(`SET lock_timeout = ${waitMs}`);
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]).catch((cause: unknown) => {
      if (!(cause instanceof pg.DatabaseError && cause.code === LOCK_NOT_AVAILABLE)) throw cause;
      throw new AppError('config_unavailable', 'The database is being migrated', { cause });
    });
    await client.query('RESET lock_timeout');
    return await run(client);
  } finally {
    // Closing the connection releases the lock.
    await client.end();
  }
}

/** A migration is a folder with a `migration.sql`; the names determine the order. */
export async function readMigrations(folder: URL): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({ name, sql: await readFile(new URL(`${name}/migration.sql`, folder), 'utf8') })),
  );
}

type AppliedMigration = { migration_name: string; checksum: string; finished_at: Date | null };

async function findApplied(client: pg.Client): Promise<Map<string, AppliedMigration>> {
  const { rows } = await client.query<AppliedMigration>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return new Map(rows.map((row) => [row.migration_name, row]));
}

function isApplied({ name, sql }: Migration, applied: AppliedMigration | undefined): boolean {
  if (applied === undefined) return false;
  if (applied.finished_at === null) {
    throw new AppError('internal', `Migration ${name} failed earlier and was not resolved (prisma migrate resolve)`);
  }
  if (applied.checksum !== checksumOf(sql)) {
    throw new AppError('internal', `Migration ${name} was changed after it was applied`);
  }
  return true;
}

async function apply(client: pg.Client, { name, sql }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksumOf(sql), name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const reason = error instanceof pg.DatabaseError ? `${error.code}: ${error.message}` : 'connection lost';
    throw new AppError('internal', `Migration ${name} failed and none of it was applied (${reason})`, {
      cause: error,
    });
  }
}

function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}
