import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createAudit } from '../src/platform/audit/audit.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/* What the control plane does to the audit log on its own: it ends interrupted changes and deletes old entries. */

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

type Shown = { number: number; organizationId: string };

const signer = { sign: async () => '' };

async function entries(key: string, query = ''): Promise<Shown[]> {
  const { status, body } = await plane.send('GET', `/api/v1/audit-log?limit=200${query}`, undefined, { key });
  expect(status).toBe(200);
  return body.data;
}

/** Creates a tenant that has made some changes. */
async function createTenant(...names: string[]) {
  const tenant = await plane.createTenant();
  for (const name of names) await plane.send('POST', '/api/v1/mcp_manager', { name }, { key: tenant.key });
  const all = await entries(tenant.key);
  return { ...tenant, all, organizationId: all[0]?.organizationId ?? '' };
}

/** Creates an audit log that keeps entries for one day and whose clock is two days ahead. */
const auditInTwoDays = () =>
  createAudit({ database: plane.database, signer, retentionDays: 1, now: () => Date.now() + 2 * 86_400_000 });

test('the chain stays intact when entries that are too old are deleted', async () => {
  const { key, all } = await createTenant('a', 'b', 'c');
  await auditInTwoDays().sweep();
  expect(await entries(key)).toEqual([]);
  await plane.send('POST', '/api/v1/mcp_manager', { name: 'young' }, { key });
  const [young] = await entries(key);
  expect(young?.number).toBe((all[0]?.number ?? 0) + 2);
  const { body } = await plane.send('GET', '/api/v1/audit-log/verification', undefined, { key });
  expect(body.data).toMatchObject({ isIntact: true, entries: 2 });
});

test('the chain stays intact when entries that are too old are deleted while it is verified', async () => {
  const { organizationId, workspaceId } = await createTenant('a', 'b', 'c');
  let reads = 0;
  const database: typeof plane.database = {
    ...plane.database,
    async within(reader, run) {
      const result = await plane.database.within(reader, run);
      reads += 1;
      if (reads === 1) await auditInTwoDays().sweep();
      return result;
    },
  };
  const principal = { organizationId, workspaceId, permissions: ['workspaces:write'] };
  const audit = createAudit({ database, signer, retentionDays: 0 });
  expect(await audit.verify(principal as never, 0)).toMatchObject({ isIntact: true, brokenAt: null });
  expect(reads).toBeGreaterThan(3);
});

test('an entry whose clock was wrong removes nothing that was written before it', async () => {
  const { key, all, organizationId } = await createTenant('a', 'b', 'c');
  const client = new pg.Client(plane.tables.superuserUrl);
  await client.connect();
  // Without the triggers that refuse it.
  await client.query(`SET session_replication_role = 'replica'`);
  await client.query(`UPDATE audit_entries SET at = '1970-01-01' WHERE organization_id = $1 AND number = $2`, [
    organizationId,
    all[0]?.number,
  ]);
  await client.end();
  await createAudit({ database: plane.database, signer, retentionDays: 1 }).sweep();
  expect(await entries(key)).toHaveLength(all.length);
});

test('a change that was interrupted days ago is ended, too (F11)', async () => {
  const { key, organizationId } = await createTenant('interrupted');
  const now = () => Date.now() - 3 * 86_400_000;
  const before = createAudit({ database: plane.database, signer, retentionDays: 0, now });
  const target = { id: 'srv_2' };
  const actor = { kind: 'platform', id: 'test' } as const;
  await before.record(organizationId, { kind: 'begun', actor, action: 'test.change', requestId: 'req_days', target });
  await createAudit({ database: plane.database, signer, retentionDays: 0 }).endInterrupted();
  expect(await entries(key, '&outcome=unknown')).toMatchObject([{ kind: 'ended', requestId: 'req_days', target }]);
});
