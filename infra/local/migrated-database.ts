import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { LocalError } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder, SOURCE_FLAGS } from './services.ts';

export type MigratedDatabase = { url: string; drop(): Promise<void> };

/**
 * Creates a database with all migrations, applied by the same program as in production. No connection stays open, so
 * that the database can be copied at any time.
 */
export async function createMigratedDatabase(superuserUrl: string): Promise<MigratedDatabase> {
  const name = `migrated_${randomBytes(6).toString('hex')}`;
  await withClient(superuserUrl, async (client) => {
    await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE`);
    await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
  });
  const url = Object.assign(new URL(superuserUrl), { pathname: `/${name}`, username: name, password: name }).href;
  const migration = join(projectFolder, 'services', 'control-plane', 'src', 'migrate.ts');
  const env = { ...process.env, DATABASE_URL: url };
  const isMigrated = await runProgram(process.execPath, [...SOURCE_FLAGS, migration], { env, isQuiet: true });
  if (!isMigrated) throw new LocalError('the database could not be migrated');
  return { url, drop: () => dropAll(superuserUrl, name) };
}

/** Also drops the copies: those of a killed test still exist. */
async function dropAll(superuserUrl: string, role: string): Promise<void> {
  const owned = 'SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = $1';
  await withClient(superuserUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(owned, [role]);
    for (const { datname } of rows) await client.query(`DROP DATABASE ${datname} WITH (FORCE)`);
    await client.query(`DROP ROLE ${role}`);
  });
}

async function withClient(url: string, run: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}
