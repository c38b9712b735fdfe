import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createDatabase } from '../src/platform/database/database.ts';
import { readMigrations } from '../src/platform/database/migrate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/*
 * Row-level security, the second protection between tenants: what the role of the service can do when a query omits its
 * tenant, or names a foreign one. The tables are read from the database, and rows are made from their columns, so a new
 * table is tested automatically.
 */

type Tenant = { organization: string; workspace: string };
type Column = { column_name: string; data_type: string; udt_name: string; is_nullable: string };
type Row = Record<string, unknown>;

const own: Tenant = { organization: 'org_own', workspace: 'ws_own' };
const foreign: Tenant = { organization: 'org_foreign', workspace: 'ws_foreign' };

let tables: TestDatabase;
let superuser: pg.Client;
/** A connection with the role of the service, for raw queries. */
let service: pg.Client;
let columns: Map<string, Column[]>;

beforeAll(async () => {
  tables = await createTestDatabase();
  const database = createDatabase({ url: tables.url });
  await database.prepare(await readMigrations(new URL('../prisma/migrations/', import.meta.url)));
  await database.close();
  superuser = new pg.Client(tables.superuserUrl);
  service = new pg.Client(tables.url);
  await Promise.all([superuser.connect(), service.connect()]);
  columns = await readColumns();
  // Rows are inserted table by table, so the rows to which they refer may be missing.
  await superuser.query(`SET session_replication_role = 'replica'`);
  for (const table of columns.keys()) {
    for (const tenant of [own, foreign]) await insert(superuser, table, await rowOf(table, tenant));
  }
});
afterAll(async () => {
  await superuser.end();
  await service.end();
  await tables.drop();
});

async function readColumns(): Promise<Map<string, Column[]>> {
  const { rows } = await superuser.query<Column & { table_name: string }>(
    `SELECT c.table_name, column_name, data_type, udt_name, is_nullable
     FROM information_schema.columns c JOIN pg_tables t ON t.tablename = c.table_name AND t.schemaname = c.table_schema
     JOIN pg_class r ON r.relname = c.table_name AND r.relnamespace = c.table_schema::regnamespace AND NOT r.relispartition
     WHERE c.table_schema = 'public' AND c.table_name <> '_prisma_migrations' AND is_generated = 'NEVER'
     ORDER BY c.table_name, ordinal_position`,
  );
  return Map.groupBy(rows, ({ table_name }) => table_name);
}

/** The columns that determine to whom a row belongs. A table without them belongs to the platform. */
function tenantColumns(table: string, { organization, workspace }: Tenant): Record<string, string> {
  if (table === 'organizations') return { id: organization };
  const said = {
    organization_id: organization,
    workspace_id: workspace,
    owner_id: workspace,
    home_workspace_id: workspace,
    ...(table === 'workspaces' ? { id: workspace } : {}),
  };
  const has = (name: string) => columns.get(table)?.some(({ column_name }) => column_name === name) ?? false;
  const found = Object.entries(said).filter(([name]) => has(name));
  return Object.fromEntries(found.some(([name]) => name !== 'id') ? found : []);
}

/** A valid row of a table. `suffix` makes another row of the same tenant. */
async function rowOf(table: string, tenant: Tenant, suffix = ''): Promise<Row> {
  const row: Row = {};
  for (const column of columns.get(table) ?? []) {
    if (column.is_nullable === 'NO') row[column.column_name] = await fillingOf(column, `${tenant.workspace}${suffix}`);
  }
  return { ...row, ...tenantColumns(table, tenant) };
}

async function fillingOf({ data_type, udt_name }: Column, name: string): Promise<unknown> {
  if (data_type === 'ARRAY') return [];
  if (data_type === 'USER-DEFINED') {
    const { rows } = await superuser.query(`SELECT (enum_range(NULL::"${udt_name}"))[1]::text AS first`);
    return rows[0].first;
  }
  if (/int|numeric|double/.test(data_type)) return 1;
  if (data_type === 'boolean') return true;
  if (data_type.startsWith('timestamp')) return new Date().toISOString();
  return data_type.startsWith('json') ? {} : name;
}

function insert(client: pg.Client, table: string, row: Row): Promise<pg.QueryResult> {
  const names = Object.keys(row).map((name) => `"${name}"`);
  const statement = `INSERT INTO "${table}" (${names}) SELECT ${names} FROM jsonb_populate_record(NULL::"${table}", $1)`;
  return client.query(statement, [JSON.stringify(row)]);
}

/** The outcome of a statement in a transaction for this tenant, or for none. The transaction is rolled back. */
async function attempt(tenant: Tenant | undefined, run: () => Promise<pg.QueryResult>) {
  await service.query('BEGIN');
  try {
    if (tenant !== undefined) {
      await service.query(
        `SELECT set_config('app.organization_id', $1, true), set_config('app.workspace_id', $2, true)`,
        [tenant.organization, tenant.workspace],
      );
    }
    const { rowCount, rows } = await run();
    return { rowCount, text: JSON.stringify(rows) };
  } catch (thrown) {
    return { error: (thrown as Error).message };
  } finally {
    await service.query('ROLLBACK');
  }
}

/** Tables in which a tenant cannot change even its own rows. */
const appendOnly = new Set(['audit_entries']);
const unchangeable = { error: 'the audit log is append-only' };
const refused = { error: expect.stringContaining('violates row-level security policy') };

test('every table has row-level security, even for the role that owns it (T1)', async () => {
  const { rows } = await superuser.query(
    `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
     AND relname <> '_prisma_migrations' AND NOT (relrowsecurity AND relforcerowsecurity)`,
  );
  expect(rows).toEqual([]);
  expect(columns.size).toBeGreaterThanOrEqual(17);
});

test('without a tenant the role of the service reads no row, changes none and adds none, in any table (T1)', async () => {
  for (const table of columns.keys()) {
    const attempts = {
      read: await attempt(undefined, () => service.query(`SELECT * FROM "${table}"`)),
      change: await attempt(undefined, () => service.query(`UPDATE "${table}" SET ${firstColumnToItself(table)}`)),
      remove: await attempt(undefined, () => service.query(`DELETE FROM "${table}"`)),
      add: await attempt(undefined, async () => insert(service, table, await rowOf(table, foreign, '_2'))),
    };
    const nothing = { rowCount: 0, text: '[]' };
    expect([table, attempts]).toEqual([table, { read: nothing, change: nothing, remove: nothing, add: refused }]);
  }
});

test('with a tenant it reads and changes the rows of that tenant only (T1)', async () => {
  for (const table of columns.keys()) {
    const count = Object.keys(tenantColumns(table, own)).length > 0 ? 1 : 0;
    const read = await attempt(own, () => service.query(`SELECT * FROM "${table}"`));
    expect([table, read]).toEqual([table, { rowCount: count, text: expect.not.stringContaining('foreign') }]);
    const changed = await attempt(own, () => service.query(`UPDATE "${table}" SET ${firstColumnToItself(table)}`));
    expect([table, changed]).toEqual([table, appendOnly.has(table) ? unchangeable : { rowCount: count, text: '[]' }]);
  }
});

test('with a tenant it adds no row of another and gives none away (T1)', async () => {
  for (const table of columns.keys()) {
    const added = await attempt(own, async () => insert(service, table, await rowOf(table, foreign, '_2')));
    expect([table, added]).toEqual([table, refused]);
    const away = Object.entries(tenantColumns(table, foreign)).map(([name, value]) => `"${name}" = '${value}'`);
    if (away.length === 0) continue;
    const given = await attempt(own, () => service.query(`UPDATE "${table}" SET ${away}`));
    expect([table, given]).toEqual([table, appendOnly.has(table) ? unchangeable : refused]);
  }
});

test('queried directly, a partition shows no row to anybody (T1)', async () => {
  const { rows } = await superuser.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  expect(rows.length).toBeGreaterThanOrEqual(2);
  for (const { relname } of rows) {
    const read = await attempt(own, () => service.query(`SELECT * FROM "${relname}"`));
    expect([relname, read]).toEqual([relname, { rowCount: 0, text: '[]' }]);
  }
});

function firstColumnToItself(table: string): string {
  const name = columns.get(table)?.[0]?.column_name;
  return `"${name}" = "${name}"`;
}
