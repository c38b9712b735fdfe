import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Prisma } from '../src/generated/client.ts';
import { createDatabase, type Database, type Tenant, type Transaction } from '../src/platform/database/database.ts';
import { readMigrations } from '../src/platform/database/migrate.ts';
import { createTcpGate, type TcpGate } from './tcp-gate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

const own: Tenant = { organizationId: 'org_own', workspaceId: 'ws_own' };
const foreign: Tenant = { organizationId: 'org_foreign', workspaceId: 'ws_foreign' };
/** Another workspace of the same organization. */
const neighbour: Tenant = { organizationId: 'org_own', workspaceId: 'ws_neighbour' };

/** Creates an instance with its connector, credentials, sign-in, tools, and what an earlier instance left behind. */
async function createInstance(tx: Transaction, tenant: Tenant, ownedBy: string | null): Promise<void> {
  const { organizationId, workspaceId: homeWorkspaceId } = tenant;
  const owner = { organizationId, workspaceId: ownedBy };
  const ids = { connectorId: `con_${homeWorkspaceId}`, instanceId: `coi_${homeWorkspaceId}` };
  await tx.connector.create({ data: { id: ids.connectorId, organizationId, slug: `of-${homeWorkspaceId}` } });
  const version = { number: 1, version: '1.0.0', text: '', sha256: '', summary: '{}', toolsCount: 0 };
  const shown = { name: 'x', description: 'x', categories: [], tags: [] };
  await tx.connectorVersion.create({
    data: { id: `cov_${homeWorkspaceId}`, organizationId, connectorId: ids.connectorId, ...version, ...shown },
  });
  const instance = { connectorId: ids.connectorId, instanceName: 'x', authType: 'none' };
  await tx.connectorInstance.create({ data: { id: ids.instanceId, ...owner, homeWorkspaceId, ...instance } });
  const credentials = { instanceId: ids.instanceId, scope: 'organization', subject: '', ...owner } as const;
  await tx.connectorCredential.create({
    data: { ...credentials, authenticationId: 'none', version: 1, hosts: [], fields: [], isUsable: true },
  });
  await tx.authorization.create({
    data: { ...credentials, stateHash: homeWorkspaceId, session: '', expiresAt: new Date() },
  });
  await tx.credentialRemoval.create({
    data: { instanceId: `coi_before_${homeWorkspaceId}`, ownerId: ownedBy ?? organizationId, refs: '[]' },
  });
  const server = { id: `srv_${ids.instanceId}`, workspaceId: homeWorkspaceId, slug: 'of-the-instance' };
  await tx.server.create({
    data: { ...server, mode: 'NORMAL', isPublic: false, connectorInstanceId: ids.instanceId },
  });
  const tool = { name: 'x', toolkit: 'x', kind: 'connector', isReadOnly: true } as const;
  await tx.tool.create({ data: { serverId: server.id, ...owner, ...tool, annotations: '{}', inputSchema: '{}' } });
  const toolkit = { serverId: server.id, slug: `tks_${homeWorkspaceId}`, base: 'x' };
  await tx.toolkitSlug.create({ data: { organizationId, ...toolkit } });
}

/** The texts of the statements that this connection has prepared. */
async function listPrepared(tx: Transaction): Promise<string[]> {
  const rows = await tx.$queryRaw<{ statement: string }[]>`SELECT statement FROM pg_prepared_statements`;
  return rows.map(({ statement }) => statement);
}

let tables: TestDatabase;
let gate: TcpGate;
let database: Database;
beforeAll(async () => {
  tables = await createTestDatabase();
  const { hostname, port } = new URL(tables.url);
  gate = await createTcpGate({ host: hostname, port: Number(port) });
  // A single connection, so that the next transaction would see a setting that outlives its transaction.
  database = createDatabase({ url: Object.assign(new URL(tables.url), { port: gate.port }).href, connectionsMax: 1 });
  await database.prepare(await readMigrations(new URL('../prisma/migrations/', import.meta.url)));
  for (const tenant of [own, foreign]) {
    await database.within(tenant, async (tx) => {
      const { organizationId, workspaceId } = tenant;
      await tx.organization.create({ data: { id: organizationId, name: 'x' } });
      await tx.workspace.create({ data: { id: workspaceId, organizationId, name: 'x' } });
      const server = { id: `srv_${workspaceId}`, workspaceId, slug: 'same-slug' };
      await tx.server.create({ data: { ...server, mode: 'SMART', isPublic: false } });
      await tx.deployment.create({
        data: {
          id: `dep_${workspaceId}`,
          workspaceId,
          serverId: server.id,
          definition: '',
          references: '',
          compiled: '',
        },
      });
      await createInstance(tx, tenant, workspaceId);
    });
  }
  await database.within(neighbour, async (tx) => {
    await tx.workspace.create({ data: { id: neighbour.workspaceId, organizationId: own.organizationId, name: 'y' } });
    await createInstance(tx, neighbour, null);
  });
});
afterAll(async () => {
  await database.close();
  gate.close();
  await tables.drop();
});

describe('the wall between tenants', () => {
  test('a tenant sees only its own rows', async () => {
    const seen = await database.within(own, async (tx) => [
      await tx.organization.findMany({ select: { id: true } }),
      await tx.workspace.findMany({ select: { id: true } }),
      await tx.server.findMany({ select: { id: true } }),
      await tx.deployment.findMany({ select: { id: true } }),
    ]);
    const ids = ['org_own', 'ws_own', 'ws_neighbour', 'srv_ws_own', 'srv_coi_ws_own', 'dep_ws_own'];
    expect(seen.flat().map(({ id }) => id)).toEqual(ids);
  });

  test('a statement that the connection prepared for another tenant shows only the rows of the present one', async () => {
    const listIds = async (tx: Transaction) =>
      (await tx.deployment.findMany({ select: { id: true } })).map(({ id }) => id);
    // More often than PostgreSQL tries custom plans before it chooses a generic plan.
    for (let round = 0; round < 10; round += 1) {
      await expect(database.within(own, listIds)).resolves.toEqual(['dep_ws_own']);
      await expect(database.within(foreign, listIds)).resolves.toEqual(['dep_ws_foreign']);
      await expect(database.asPlatform(listIds)).resolves.toHaveLength(2);
    }
    await expect(database.asPlatform(listPrepared)).resolves.toContainEqual(expect.stringContaining('"deployments"'));
  });

  test('a tenant changes and deletes only its own rows', async () => {
    const { count } = await database.within(own, (tx) =>
      tx.server.updateMany({ where: { id: 'srv_ws_foreign' }, data: { slug: 'taken' } }),
    );
    const deleted = await database.within(own, (tx) => tx.server.deleteMany({ where: { id: 'srv_ws_foreign' } }));
    expect([count, deleted.count]).toEqual([0, 0]);
  });

  test('a tenant cannot write a row of another', async () => {
    const data = { id: 'srv_x', workspaceId: 'ws_foreign', slug: 'x', mode: 'SMART', isPublic: false } as const;
    await expect(database.within(own, (tx) => tx.server.create({ data }))).rejects.toThrow('row-level security');
  });

  test('a deployment cannot belong to the server of another workspace', async () => {
    const data = { id: 'dep_x', workspaceId: 'ws_own', serverId: 'srv_ws_foreign', definition: '', references: '' };
    await expect(
      database.within(own, (tx) => tx.deployment.create({ data: { ...data, compiled: '' } })),
    ).rejects.toMatchObject({ code: 'conflict', cause: { code: 'P2003' } });
  });

  test('connectors and names of toolkits belong to an organization, for each of its workspaces', async () => {
    const find = (tenant: Tenant) =>
      database.within(tenant, async (tx) => [
        ...(await tx.connector.findMany({ select: { id: true }, orderBy: { id: 'asc' } })),
        ...(await tx.connectorVersion.findMany({ select: { id: true }, orderBy: { id: 'asc' } })),
        ...(await tx.toolkitSlug.findMany({ orderBy: { slug: 'asc' } })).map(({ slug }) => ({ id: slug })),
      ]);
    const kinds = ['con', 'cov', 'tks'];
    const ids = kinds.flatMap((kind) => [`${kind}_ws_neighbour`, `${kind}_ws_own`]);
    for (const tenant of [own, neighbour]) expect((await find(tenant)).map(({ id }) => id)).toEqual(ids);
    expect((await find(foreign)).map(({ id }) => id)).toEqual(kinds.map((kind) => `${kind}_ws_foreign`));
  });

  test('an instance and its dependents belong to its workspace, or to all workspaces of its organization', async () => {
    const find = (tenant: Tenant) =>
      database.within(tenant, async (tx) => [
        (await tx.connectorInstance.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id),
        (await tx.connectorCredential.findMany({ orderBy: { instanceId: 'asc' } })).map((row) => row.instanceId),
        (await tx.authorization.findMany({ orderBy: { instanceId: 'asc' } })).map((row) => row.instanceId),
        (await tx.tool.findMany({ orderBy: { serverId: 'asc' } })).map((row) => row.serverId.replace('srv_', '')),
        (await tx.credentialRemoval.findMany({ orderBy: { instanceId: 'asc' } })).map((row) =>
          row.instanceId.replace('before_', ''),
        ),
      ]);
    const fiveTimes = (...ids: string[]) => Array.from({ length: 5 }, () => ids);
    expect(await find(own)).toEqual(fiveTimes('coi_ws_neighbour', 'coi_ws_own'));
    expect(await find(neighbour)).toEqual(fiveTimes('coi_ws_neighbour'));
    expect(await find(foreign)).toEqual(fiveTimes('coi_ws_foreign'));
  });

  test.each([
    ['a version of a connector', 'UPDATE connector_versions SET connector_id = $1', 'con_ws_foreign'],
    ['an instance of a connector', 'UPDATE connector_instances SET connector_id = $1', 'con_ws_foreign'],
    ['an instance with a home', 'UPDATE connector_instances SET home_workspace_id = $1', 'ws_foreign'],
    ['credentials of an instance', 'UPDATE connector_credentials SET instance_id = $1', 'coi_ws_foreign'],
    ['a server of an instance', 'UPDATE servers SET connector_instance_id = $1', 'coi_ws_foreign'],
    ['a server of an instance that lives elsewhere', 'UPDATE servers SET connector_instance_id = $1', 'coi_ws_own'],
  ])('%s cannot refer to what belongs to another tenant', async (_name, statement, id) => {
    const update = database.within(neighbour, (tx) => tx.$executeRawUnsafe(statement, id));
    await expect(update).rejects.toThrow(/foreign key|Unique constraint|duplicate key/);
  });

  test('an instance of a workspace lives in no other', async () => {
    const data = { homeWorkspaceId: neighbour.workspaceId, workspaceId: own.workspaceId };
    const move = database.within(own, (tx) => tx.connectorInstance.updateMany({ where: { id: 'coi_ws_own' }, data }));
    await expect(move).rejects.toThrow('connector_instances_workspace_is_home');
  });

  test('raw SQL of the role of the service sees no row of any table', async () => {
    const { rows } = await tables.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    const names = rows.map(({ tablename }) => tablename as string).filter((name) => name !== '_prisma_migrations');
    const tablesOfDays = names.filter((name) => /^calls_\d{8}$/.test(name));
    expect(names.length - tablesOfDays.length).toBe(45);
    for (const name of names) expect([name, (await tables.query(`SELECT * FROM ${name}`)).rowCount]).toEqual([name, 0]);
  });

  test('a tenant setting ends with its transaction', async () => {
    await database.within(own, (tx) => tx.server.count());
    await expect(database.within({ organizationId: '', workspaceId: '' }, (tx) => tx.server.count())).resolves.toBe(0);
    await database.asPlatform((tx) => tx.server.count());
    await expect(database.within({ organizationId: '', workspaceId: '' }, (tx) => tx.server.count())).resolves.toBe(0);
  });
});

test('times are the same for Prisma and for SQL in a database of another time zone', async () => {
  const tokyo = new URL(tables.url);
  tokyo.searchParams.set('options', '-c timezone=Asia/Tokyo');
  const there = createDatabase({ url: tokyo.href, connectionsMax: 1 });
  try {
    await there.prepare(await readMigrations(new URL('../prisma/migrations/', import.meta.url)));
    const seconds = await there.within(own, async (tx) => {
      await tx.workspace.update({ where: { id: own.workspaceId }, data: { createdAt: new Date() } });
      const rows = await tx.$queryRaw<{ ago: number }[]>`
        SELECT EXTRACT(EPOCH FROM now() - created_at)::int AS ago FROM workspaces WHERE id = ${own.workspaceId}`;
      return rows[0]?.ago;
    });
    expect(Math.abs(seconds ?? Number.NaN)).toBeLessThan(60);
  } finally {
    await there.close();
  }
});

test('of two transactions that wait for each other one fails in such a way that the caller retries it', async () => {
  const both = createDatabase({ url: tables.url, connectionsMax: 2 });
  await both.prepare([]);
  const ids = [own.workspaceId, foreign.workspaceId] as const;
  const locked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const lock = (tx: Transaction, id: string) => tx.$queryRaw`SELECT 1 FROM workspaces WHERE id = ${id} FOR UPDATE`;
  const cross = (from: 0 | 1, to: 0 | 1) =>
    both.asPlatform(async (tx) => {
      await lock(tx, ids[from]);
      locked[from].resolve();
      await locked[to].promise;
      await lock(tx, ids[to]);
    });
  const ends = await Promise.allSettled([cross(0, 1), cross(1, 0)]);
  await both.close();
  const refused = ends.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { code: 'config_unavailable' } }]);
});

test('the migrations make every column that the schema names', async () => {
  type Delegate = { findFirst(): Promise<unknown> };
  for (const name of Object.values(Prisma.ModelName)) {
    const delegate = `${name.charAt(0).toLowerCase()}${name.slice(1)}` as Uncapitalize<typeof name>;
    await expect(database.asPlatform((tx) => (tx[delegate] as Delegate).findFirst())).resolves.toBeDefined();
  }
});

describe('a role that bypasses row-level security', () => {
  const migrations = () => readMigrations(new URL('../prisma/migrations/', import.meta.url));

  test('is not used: no transaction runs as superuser', async () => {
    const superuser = createDatabase({ url: tables.superuserUrl });
    await superuser.prepare(await migrations());
    const findUsers = (tx: Transaction) => tx.$queryRaw`SELECT current_user, session_user = current_user AS is_same`;
    const walled = [{ current_user: 'toolplane_service', is_same: false }];
    await expect(superuser.within(own, findUsers)).resolves.toEqual(walled);
    await expect(superuser.asPlatform(findUsers)).resolves.toEqual(walled);
    await superuser.close();
  });

  test('may be used by several processes that start at once', async () => {
    const databases = Array.from({ length: 4 }, () => createDatabase({ url: tables.superuserUrl }));
    const prepared = await migrations();
    await Promise.all(databases.map((each) => each.prepare(prepared)));
    await Promise.all(databases.map((each) => each.close()));
  });

  test('is refused when it may not create a role that does not', async () => {
    const other = await createTestDatabase({ attributes: 'BYPASSRLS' });
    const bypassing = createDatabase({ url: other.url });
    await expect(bypassing.prepare(await migrations())).rejects.toThrow('bypasses row-level security');
    const count = bypassing.within(own, (tx) => tx.server.count());
    await expect(count).rejects.toMatchObject({ code: 'config_unavailable' });
    await bypassing.close();
    await other.drop();
  });
});

test('no statement is prepared where that is turned off, and otherwise only frequent ones are', async () => {
  const unprepared = createDatabase({ url: tables.url, connectionsMax: 1, preparesStatements: false });
  const prepared = createDatabase({ url: tables.url, connectionsMax: 1 });
  const counts: number[] = [];
  for (const each of [unprepared, prepared]) {
    await each.prepare([]);
    for (let round = 0; round < 10; round += 1) await each.asPlatform((tx) => tx.server.count());
    await each.asPlatform((tx) => tx.server.findFirst({ where: { slug: 'asked once' } }));
    counts.push((await each.asPlatform(listPrepared)).length);
    await each.close();
  }
  // The begin, the end, the tenant of the transaction, and the statement that was executed ten times.
  expect(counts).toEqual([0, 4]);
});

describe('503, promptly, when PostgreSQL', () => {
  const unavailable = { code: 'config_unavailable' };

  test('is away', async () => {
    gate.shut();
    await expect(database.asPlatform((tx) => tx.server.count())).rejects.toMatchObject(unavailable);
    gate.open();
    await expect(database.asPlatform((tx) => tx.server.count())).resolves.toBe(5);
  });

  test('has no connection free within two seconds', async () => {
    const holding = database.asPlatform((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(3)`);
    const askedAt = performance.now();
    await expect(database.asPlatform((tx) => tx.server.count())).rejects.toMatchObject(unavailable);
    expect(performance.now() - askedAt).toBeLessThan(2900);
    await holding;
  });

  test('ends the connection in the middle', async () => {
    const ending = database.asPlatform((tx) => tx.$queryRaw`SELECT 1 FROM pg_terminate_backend(pg_backend_pid())`);
    await expect(ending).rejects.toMatchObject(unavailable);
  });

  test('has another password for the role, as during a change', async () => {
    const admin = new pg.Client(tables.superuserUrl);
    await admin.connect();
    const { username: role, password } = new URL(tables.url);
    await admin.query(`ALTER ROLE ${role} PASSWORD 'another'`);
    gate.shut();
    gate.open();
    await expect(database.asPlatform((tx) => tx.server.count())).rejects.toMatchObject(unavailable);
    await admin.query(`ALTER ROLE ${role} PASSWORD '${password}'`);
    await expect(database.asPlatform((tx) => tx.server.count())).resolves.toBe(5);
    await admin.end();
  });

  test('is not prepared yet', async () => {
    const unprepared = createDatabase({ url: tables.url });
    await expect(unprepared.asPlatform((tx) => tx.server.count())).rejects.toMatchObject(unavailable);
    await unprepared.close();
  });
});
