import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, type Database, type Tenant, type Transaction } from '../src/database/database.ts';
import { readMigrations } from '../src/database/migrate.ts';
import { createTcpGate, type TcpGate } from './tcp-gate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

const own: Tenant = { organizationId: 'org_own', workspaceId: 'ws_own' };
const foreign: Tenant = { organizationId: 'org_foreign', workspaceId: 'ws_foreign' };

let tables: TestDatabase;
let gate: TcpGate;
let database: Database;
beforeAll(async () => {
  tables = await createTestDatabase();
  const { hostname, port } = new URL(tables.url);
  gate = await createTcpGate({ host: hostname, port: Number(port) });
  // One connection, so that a setting which outlives its transaction would be seen by the next one.
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
    });
  }
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
    expect(seen.flat().map(({ id }) => id)).toEqual(['org_own', 'ws_own', 'srv_ws_own', 'dep_ws_own']);
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

  test('a deployment cannot hang on the server of another workspace', async () => {
    const data = { id: 'dep_x', workspaceId: 'ws_own', serverId: 'srv_ws_foreign', definition: '', references: '' };
    await expect(
      database.within(own, (tx) => tx.deployment.create({ data: { ...data, compiled: '' } })),
    ).rejects.toMatchObject({ code: 'P2003' });
  });

  test('raw SQL of the role of the service sees no row of any table', async () => {
    const { rows } = await tables.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    const names = rows.map(({ tablename }) => tablename as string).filter((name) => name !== '_prisma_migrations');
    expect(names).toHaveLength(9);
    for (const name of names) expect([name, (await tables.query(`SELECT * FROM ${name}`)).rowCount]).toEqual([name, 0]);
  });

  test('a tenant setting ends with its transaction', async () => {
    await database.within(own, (tx) => tx.server.count());
    await expect(database.within({ organizationId: '', workspaceId: '' }, (tx) => tx.server.count())).resolves.toBe(0);
    await database.asPlatform((tx) => tx.server.count());
    await expect(database.within({ organizationId: '', workspaceId: '' }, (tx) => tx.server.count())).resolves.toBe(0);
  });
});

describe('a role that walks through row-level security', () => {
  const migrations = () => readMigrations(new URL('../prisma/migrations/', import.meta.url));

  test('does not serve: no transaction runs as superuser', async () => {
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

  test('is refused when it may not create one that does not', async () => {
    const other = await createTestDatabase({ attributes: 'BYPASSRLS' });
    const bypassing = createDatabase({ url: other.url });
    await expect(bypassing.prepare(await migrations())).rejects.toThrow('bypasses row-level security');
    const count = bypassing.within(own, (tx) => tx.server.count());
    await expect(count).rejects.toMatchObject({ code: 'config_unavailable' });
    await bypassing.close();
    await other.drop();
  });
});

describe('503, soon, when PostgreSQL', () => {
  const unavailable = { code: 'config_unavailable' };

  test('is away', async () => {
    gate.shut();
    await expect(database.asPlatform((tx) => tx.server.count())).rejects.toMatchObject(unavailable);
    gate.open();
    await expect(database.asPlatform((tx) => tx.server.count())).resolves.toBe(2);
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

  test('is not prepared yet', async () => {
    const unprepared = createDatabase({ url: tables.url });
    await expect(unprepared.asPlatform((tx) => tx.server.count())).rejects.toMatchObject(unavailable);
    await unprepared.close();
  });
});
