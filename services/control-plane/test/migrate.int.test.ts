import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { migrate, readMigrations } from '../src/platform/database/migrate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const first = { name: '1_first', sql: 'CREATE TABLE first (id TEXT)' };

test('of several processes that start at once, one applies each migration', async () => {
  await Promise.all([migrate(database.url, [first]), migrate(database.url, [first]), migrate(database.url, [first])]);
  const { rows } = await database.query(
    'SELECT migration_name, checksum, finished_at, applied_steps_count FROM _prisma_migrations',
  );
  expect(rows).toEqual([
    {
      migration_name: '1_first',
      checksum: createHash('sha256').update(first.sql).digest('hex'),
      finished_at: expect.any(Date),
      applied_steps_count: 1,
    },
  ]);
});

test('a migration that fails leaves nothing behind and names itself in one error', async () => {
  const broken = { name: '2_broken', sql: 'CREATE TABLE second (id TEXT); CREATE TABLE first (id TEXT);' };
  await expect(migrate(database.url, [first, broken])).rejects.toThrow(
    'Migration 2_broken failed and none of it was applied (42P07: relation "first" already exists)',
  );
  const { rows } = await database.query(
    `SELECT to_regclass('second') AS second, count(*)::int FROM _prisma_migrations`,
  );
  expect(rows).toEqual([{ second: null, count: 1 }]);
});

test('migrating continues after the migration was corrected', async () => {
  const corrected = { name: '2_broken', sql: 'CREATE TABLE second (id TEXT)' };
  await migrate(database.url, [first, corrected]);
  expect((await database.query('SELECT * FROM second')).rowCount).toBe(0);
});

describe('refuses', () => {
  test('a migration that was changed after it was applied', async () => {
    await expect(migrate(database.url, [{ ...first, sql: 'SELECT 1' }])).rejects.toThrow('was changed after');
  });

  test("one that Prisma's own tools left unfinished", async () => {
    await database.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '3_half')`);
    await expect(migrate(database.url, [{ name: '3_half', sql: 'SELECT 1' }])).rejects.toThrow('failed earlier');
  });
});

test('accepts a database that newer processes have migrated further', async () => {
  await expect(migrate(database.url, [first])).resolves.toBeUndefined();
});

const ofProject = () => readMigrations(new URL('../prisma/migrations/', import.meta.url));

test('keys from before connectors, policies and agents existed may write them if they could do all else in their organization', async () => {
  const older = await createTestDatabase();
  const migrations = await ofProject();
  const asPlatform = (sql: string) => older.query(`SET app.platform = 'on'; ${sql}`);
  await migrate(older.url, migrations.slice(0, 2));
  const full = ['servers:read', 'servers:write', 'secrets:write', 'api-keys:write', 'workspaces:write'];
  const keys = { full, limited: ['servers:read', 'servers:write', 'secrets:write', 'api-keys:write'] };
  await asPlatform(`INSERT INTO organizations VALUES ('org', 'x'); INSERT INTO workspaces VALUES ('ws', 'org', 'x')`);
  for (const [id, permissions] of Object.entries(keys)) {
    await asPlatform(`INSERT INTO api_keys (id, workspace_id, hash, name, permissions, is_published)
      VALUES ('${id}', 'ws', '', '', '{${permissions}}', true)`);
  }
  await migrate(older.url, migrations);
  const answers = await asPlatform('SELECT id, permissions, is_published FROM api_keys ORDER BY id');
  const later = [
    'policies:write',
    'approvals:write',
    'agents:write',
    'audit:read',
    'members:write',
    'organization:write',
    'debug:write',
  ];
  expect([answers].flat().at(-1)?.rows).toEqual([
    { id: 'full', permissions: [...full, 'connectors:write', ...later], is_published: false },
    { id: 'limited', permissions: keys.limited, is_published: true },
  ]);
  await older.drop();
});

test('secrets from before versions existed have the one that the secret store holds', async () => {
  const older = await createTestDatabase();
  const migrations = await ofProject();
  const asPlatform = (sql: string) => older.query(`SET app.platform = 'on'; ${sql}`);
  await migrate(older.url, migrations.slice(0, 3));
  await asPlatform(`
    INSERT INTO organizations VALUES ('org', 'x'); INSERT INTO workspaces VALUES ('ws', 'org', 'x');
    INSERT INTO servers (id, workspace_id, slug, mode, is_public) VALUES ('srv', 'ws', 'x', 'SMART', false);
    INSERT INTO secrets (workspace_id, server_id, name, hosts, version, is_redactable)
    VALUES ('ws', 'srv', 'KEY', '{api.test}', 7, true)`);
  await migrate(older.url, migrations);
  const answers = await asPlatform('SELECT name, version, hosts, is_redactable, retires_at FROM secret_versions');
  const row = { name: 'KEY', version: 7, hosts: ['api.test'], is_redactable: true, retires_at: null };
  expect([answers].flat().at(-1)?.rows).toEqual([row]);
  await older.drop();
});

test('keys from before their holders were recorded belong to whom the audit log names, and otherwise to somebody unknown (T42)', async () => {
  const older = await createTestDatabase();
  const migrations = await ofProject();
  const asPlatform = (sql: string) => older.query(`SET app.platform = 'on'; ${sql}`);
  await migrate(
    older.url,
    migrations.filter(({ name }) => name < '0035'),
  );
  await asPlatform(`INSERT INTO organizations VALUES ('org', 'x');
    INSERT INTO workspaces (id, organization_id, name) VALUES ('ws', 'org', 'x');
    INSERT INTO agents (id, workspace_id, name) VALUES ('agt', 'ws', 'x'), ('bare', 'ws', 'y')`);
  const ids = ['first', 'unknown', 'of_ada', 'of_that', 'rotated', 'of_unknown', 'of_first'];
  for (const [index, id] of ids.entries()) {
    const [from, agent] = [id === 'rotated' ? `'of_that'` : 'NULL', id === 'of_first' ? `'agt'` : 'NULL'];
    await asPlatform(`INSERT INTO api_keys (id, workspace_id, hash, name, created_at, rotated_from, agent_id)
      VALUES ('${id}', 'ws', '', '', to_timestamp(${index}), ${from}, ${agent})`);
  }
  const entries = [
    ['createApiKey', 'person', 'ada', 'of_ada'],
    ['createApiKey', 'key', 'of_ada', 'of_that'],
    ['rotateApiKey', 'person', 'ben', 'of_that'],
    ['createApiKey', 'key', 'unknown', 'of_unknown'],
    ['createApiKey', 'key', 'first', 'of_first'],
    ['createAgentClient', 'key', 'of_ada', 'agt'],
  ];
  for (const [index, [action, kind, actor, target]] of entries.entries()) {
    const content = JSON.stringify({ target: { id: target } });
    await asPlatform(`INSERT INTO audit_entries
        (organization_id, number, at, kind, actor_kind, actor_id, action, outcome, content, hash)
      VALUES ('org', ${index + 1}, now(), 'ended', '${kind}', '${actor}', '${action}', 'done', '${content}', '')`);
  }
  await migrate(older.url, migrations);
  const found = async (table: string) => {
    const answers = await asPlatform(`SELECT id, holders FROM ${table}`);
    const rows: { id: string; holders: string[] }[] = [answers].flat().at(-1)?.rows ?? [];
    return Object.fromEntries(rows.map(({ id, holders }) => [id, holders.toSorted()]));
  };
  expect(await found('api_keys')).toEqual({
    first: ['key:first'],
    unknown: ['unknown'],
    of_ada: ['person:ada'],
    of_that: ['person:ada'],
    rotated: ['person:ada', 'person:ben'],
    of_unknown: ['unknown'],
    of_first: ['key:first'],
  });
  expect(await found('agents')).toEqual({ agt: ['key:first', 'person:ada'], bare: [] });
  await older.drop();
});

test('servers from before mode SMART existed keep listing their own tools, and no others', async () => {
  const older = await createTestDatabase();
  const migrations = await ofProject();
  const asPlatform = (sql: string) => older.query(`SET app.platform = 'on'; ${sql}`);
  await migrate(older.url, migrations.slice(0, 7));
  await asPlatform(`
    INSERT INTO organizations VALUES ('org', 'x');
    INSERT INTO workspaces (id, organization_id, name) VALUES ('ws', 'org', 'x');
    INSERT INTO servers (id, workspace_id, slug, mode, is_public, selected_tools, is_published) VALUES
      ('a', 'ws', 'a', 'SMART', false, '{left.over}', true), ('b', 'ws', 'b', 'NORMAL', false, '{crm.find}', true)`);
  await migrate(older.url, migrations);
  const answers = await asPlatform('SELECT id, mode, selected_tools FROM servers ORDER BY id');
  expect([answers].flat().at(-1)?.rows).toEqual([
    { id: 'a', mode: 'NORMAL', selected_tools: [] },
    { id: 'b', mode: 'NORMAL', selected_tools: ['crm.find'] },
  ]);
  const catalogues = await asPlatform('SELECT is_catalogue_published AS done FROM workspaces');
  expect([catalogues].flat().at(-1)?.rows).toEqual([{ done: false }]);
  await older.drop();
});

test('reads the migrations of the project in order', async () => {
  const migrations = await ofProject();
  expect(migrations.map(({ name }) => name)).toEqual([...migrations.map(({ name }) => name)].sort());
  expect(migrations[0]?.name).toBe('0001_foundation');
});
