import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createDatabase } from '../src/platform/database/database.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../src/platform/database/migrate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/** Tests the program that migrates before the control planes of a version start, and the role with which these run. */

let owned: TestDatabase;
/** The database whose role is the service role. This role owns nothing in `owned`. */
let lent: TestDatabase;
let serviceRole: string;
let serviceUrl: string;
beforeAll(async () => {
  [owned, lent] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  serviceRole = new URL(lent.url).username;
  serviceUrl = Object.assign(new URL(owned.url), { username: serviceRole, password: serviceRole }).href;
});
afterAll(async () => {
  await owned.drop();
  await lent.drop();
});

async function runJob(settings: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const script = join(import.meta.dirname, '../src/migrate.ts');
  const flags = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, script], { env: settings, stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
}

async function asService<T>(run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(serviceUrl);
  await client.connect();
  return run(client).finally(() => client.end());
}

const prepare = async () => {
  const database = createDatabase({ url: serviceUrl, migrates: false });
  await database.prepare(await readMigrations(MIGRATIONS_FOLDER)).finally(() => database.close());
};

test('a control plane that starts during a migration is told so, and does not wait in silence', async () => {
  await asService(async (client) => {
    await client.query('SELECT pg_advisory_lock(72707369)');
    await expect(prepare()).rejects.toMatchObject({
      code: 'config_unavailable',
      message: 'The database is being migrated',
    });
  });
});

test('a control plane that may not change the schema waits for the Job, and works with a role that owns no table (T34)', async () => {
  await expect(prepare()).rejects.toMatchObject({ code: 'config_unavailable' });
  const settings = { DATABASE_URL: owned.url, DATABASE_SERVICE_ROLE: serviceRole };
  // Two concurrent runs, as when a Job is repeated: one waits for the other and then finds nothing to do.
  const runs = await Promise.all([runJob(settings), runJob(settings)]);
  expect(runs.map(({ code, stderr }) => (code === 0 ? code : stderr))).toEqual([0, 0]);
  await prepare();
  await asService(async (client) => {
    await client.query(`SET app.platform = 'on'`);
    await client.query(`INSERT INTO organizations (id, name) VALUES ('org', 'x')`);
    // The function runs with the rights of the owner of the table.
    await client.query('SELECT prepare_call_days(ARRAY[current_date])');
    await client.query(`SET app.platform = 'off'`);
    expect((await client.query('SELECT * FROM organizations')).rows).toEqual([]);
  });
});

test.each([
  'CREATE TABLE own (id TEXT)',
  'ALTER TABLE organizations DISABLE ROW LEVEL SECURITY',
  'DROP TABLE api_keys',
  'DELETE FROM _prisma_migrations',
])('that role cannot: %s (T34)', async (sql) => {
  // 42501: insufficient privilege, or not the owner.
  await expect(asService((client) => client.query(sql))).rejects.toMatchObject({ code: '42501' });
});

test('the Job fails with the reason and without the password', async () => {
  const url = Object.assign(new URL(owned.url), { password: 'canary' }).href;
  const names = { DATABASE_URL: owned.url, DATABASE_SERVICE_ROLE: 'x; DROP TABLE api_keys' };
  const [refused, wrong] = await Promise.all([runJob({ DATABASE_URL: url }), runJob(names)]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.not.stringContaining('canary') });
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('DATABASE_SERVICE_ROLE: must be a name of') });
});
