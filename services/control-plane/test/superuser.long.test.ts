import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCallLog } from '../src/operations/call-log/call-log.ts';
import { createCursors } from '../src/platform/cursor.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/** A superuser in DATABASE_URL bypasses row-level security. Tenants must be separated nevertheless. */

let plane: TestControlPlane;
let own: { key: string; serverId: string; deploymentId: string };
let foreign: typeof own;
beforeAll(async () => {
  plane = await startTestControlPlane({ isSuperuser: true });
  own = await createTenant();
  foreign = await createTenant();
});
afterAll(() => plane.close());

const path = '/api/v1/mcp-servers';

async function createTenant(): Promise<typeof own> {
  const { key } = await plane.createTenant();
  const { body } = await plane.send('POST', path, { name: 'tickets' }, { key });
  const serverId = body.data.id;
  const deployed = await plane.send('POST', `${path}/${serverId}/deploy`, { definition: flowerDocument() }, { key });
  return { key, serverId, deploymentId: deployed.body.id };
}

test('404 for the deployment of another tenant', async () => {
  for (const serverId of [own.serverId, foreign.serverId]) {
    const rest = `${serverId}/deployments/${foreign.deploymentId}`;
    expect((await plane.send('GET', `${path}/${rest}`, undefined, { key: own.key })).status).toBe(404);
  }
});

test('a list shows only what belongs to the tenant', async () => {
  const { body } = await plane.send('GET', path, undefined, { key: own.key });
  expect(body).toMatchObject({ total: 1, data: [{ id: own.serverId }] });
});

test.each([
  ['GET', '', undefined],
  ['PATCH', '', { description: 'taken' }],
  ['DELETE', '', undefined],
  ['POST', '/deploy', { definition: flowerDocument('b') }],
  ['GET', '/deployments', undefined],
  ['GET', '/secrets', undefined],
])('404 for the server of another tenant: %s %s', async (method, rest, body) => {
  const ask = (key: string) => plane.send(method, `${path}/${foreign.serverId}${rest}`, body, { key });
  expect((await ask(own.key)).status).toBe(404);
});

test('a tenant is served', async () => {
  const ask = (method: string, rest: string, body?: object) =>
    plane.send(method, `${path}/${own.serverId}${rest}`, body, { key: own.key });
  expect((await ask('POST', '/deploy', { definition: flowerDocument('c') })).status).toBe(201);
  expect((await ask('POST', `/deployments/${own.deploymentId}/rollback`)).status).toBe(200);
  expect((await ask('DELETE', '')).status).toBe(204);
});

test('days of the call log are created and dropped, which needs the rights of the table’s owner', async () => {
  const { database, tables } = plane;
  const log = createCallLog({ database, cursors: createCursors('secret'), retentionDays: 1 });
  const days = async () =>
    (await tables.query(`SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'`)).rows.length;
  await createCallLog({ database, cursors: createCursors('secret'), retentionDays: 30 }).takeOver([
    {
      id: 'old',
      workspaceId: 'ws_1',
      serverId: own.serverId,
      tool: 'a',
      kind: 'tool',
      outcome: 'done',
      source: 'direct',
      startedAt: Date.now() - 10 * 86_400_000,
      durationMs: 1,
      protocolVersion: '2025-11-25',
      caller: { kind: 'anonymous' },
    },
  ]);
  const before = await days();
  await log.sweep();
  // Today and tomorrow existed. The two days after them were added, and the old day was dropped.
  expect((await days()) - before).toBe(2 - 1);
});
