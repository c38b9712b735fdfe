import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createVerifier, digestOf } from '@toolplane/sealing';
import pg from 'pg';
import { createAudit } from '../src/platform/audit/audit.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let own: { key: string; workspaceId: string };
beforeAll(async () => {
  plane = await startTestControlPlane();
  own = await plane.createTenant();
});
afterAll(() => plane.close());

type Shown = {
  number: number;
  action: string;
  kind: string;
  requestId?: string;
  changes?: unknown[];
  outcome?: string;
};

async function entries(query = '', key = own.key): Promise<Shown[]> {
  const { status, body } = await plane.send('GET', `/api/v1/audit-log?limit=200${query}`, undefined, { key });
  expect(status).toBe(200);
  return body.data;
}

async function verify(key = own.key) {
  const { body } = await plane.send('GET', '/api/v1/audit-log/verification', undefined, { key });
  return body.data;
}

const create = (name: string, key = own.key) => plane.send('POST', '/api/v1/mcp_manager', { name }, { key });

const ofPlatform = {
  kind: 'ended',
  actor: { kind: 'platform', id: 'test' },
  action: 'test.change',
  outcome: 'done',
} as const;

const signer = { sign: async () => '' };

/** Runs a statement as a superuser of the database, without triggers. */
async function asSuperuser(statement: string): Promise<void> {
  const client = new pg.Client(plane.tables.superuserUrl);
  await client.connect();
  try {
    await client.query(`SET session_replication_role = 'replica'`);
    await client.query(statement);
  } finally {
    await client.end();
  }
}

describe('a change', () => {
  test('is two entries: that it begins, and how it ended, with what differs', async () => {
    const { body } = await create('audited');
    const { id } = body.data;
    await plane.send('PATCH', `/api/v1/mcp_manager/${id}`, { description: 'new', isPublic: true }, { key: own.key });
    const [ended] = await entries('&action=changeMcpServerByManager');
    expect(ended).toMatchObject({
      kind: 'ended',
      outcome: 'done',
      workspaceId: own.workspaceId,
      target: { id },
      address: '127.0.0.1',
      actor: { kind: 'key', id: own.key.split('_')[2] },
      changes: expect.arrayContaining([
        { pointer: '/description', before: null, after: 'new' },
        { pointer: '/isPublic', before: false, after: true },
      ]),
    });
    const [begun] = await entries('&kind=begun&action=changeMcpServerByManager');
    expect(begun).toMatchObject({ kind: 'begun', requestId: ended?.requestId, target: { id } });
    expect(begun?.number).toBeLessThan(ended?.number ?? 0);
  });

  test('that creates something records what it created, and one that deletes it what there was', async () => {
    const { body } = await create('made-and-gone');
    const { id } = body.data;
    await plane.send('DELETE', `/api/v1/mcp_manager/${id}`, undefined, { key: own.key });
    const [made] = await entries('&action=createMcpServerByManager');
    const [deleted] = await entries('&action=deleteMcpServerByManager');
    expect(made?.changes).toMatchObject([{ pointer: '', after: { id, name: 'made-and-gone' } }]);
    expect(deleted?.changes).toMatchObject([{ pointer: '', before: { id, name: 'made-and-gone' } }]);
  });

  test('of a server that was named by its slug is about that server, whatever has the slug later', async () => {
    const { id } = (await create('named')).body.data;
    await plane.send('PATCH', '/api/v1/mcp_manager/named', { name: 'renamed' }, { key: own.key });
    const { id: other } = (await create('named')).body.data;
    await plane.send('PATCH', '/api/v1/mcp_manager/named', { description: 'other' }, { key: own.key });
    const changed = await entries('&kind=ended&action=changeMcpServerByManager');
    expect(changed.slice(0, 2)).toMatchObject([
      { target: { id: other }, changes: [{ pointer: '/description', after: 'other' }, {}] },
      {
        target: { id },
        changes: expect.arrayContaining([{ pointer: '/name', before: 'named', after: 'renamed' }]),
      },
    ]);
    const [made] = await entries('&action=createMcpServerByManager&kind=ended');
    expect(made).toMatchObject({ target: { id: other } });
  });

  test('that makes something in another thing does not change that thing', async () => {
    const { id: serverId } = (await create('debugged')).body.data;
    const path = `/api/v1/mcp-servers/${serverId}/debug-sessions`;
    const { id } = (await plane.send('POST', path, { minutes: 5 }, { key: own.key })).body.data;
    const [opened] = await entries('&action=openDebugSession');
    expect(opened?.changes).toMatchObject([{ pointer: '', after: { id } }]);
  });

  test('that fails is recorded with the code of its error', async () => {
    await create('twice');
    expect((await create('twice')).status).toBe(409);
    const [failed] = await entries('&action=createMcpServerByManager&outcome=conflict');
    expect(failed).toMatchObject({ kind: 'ended', outcome: 'conflict' });
  });

  test('does not record the key that it created', async () => {
    const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'one' }, { key: own.key });
    const { text } = await plane.send('GET', '/api/v1/audit-log/export', undefined, { key: own.key });
    expect(text).toContain(body.data.id);
    expect(text).not.toContain(body.data.key);
    expect(text).not.toContain(own.key);
  });

  test('is not made when its first entry cannot be written', async () => {
    await asSuperuser('ALTER TABLE audit_chains RENAME TO audit_chains_away');
    try {
      expect((await create('unrecorded')).status).toBe(500);
    } finally {
      await asSuperuser('ALTER TABLE audit_chains_away RENAME TO audit_chains');
    }
    const { text } = await plane.send('GET', '/api/v1/mcp_manager?limit=100', undefined, { key: own.key });
    expect(text).not.toContain('unrecorded');
  });
});

describe('the end of a change (F11)', () => {
  test('is written when PostgreSQL is back, with what the change did, once', async () => {
    const { body } = await create('late-end');
    const [made] = await entries('&action=createMcpServerByManager');
    const [{ organizationId }] = (await entries()) as unknown as [{ organizationId: string }];
    plane.postgresGate.shut();
    const late = { ...ofPlatform, requestId: 'req_late', target: { id: body.data.id } };
    expect(await plane.domains.audit.recordEnd(organizationId, late)).toBe(true);
    plane.postgresGate.open();
    let isWritten = false;
    while (!isWritten) {
      isWritten = await plane.domains.audit.writeLate().then(
        () => true,
        () => false,
      );
    }
    await plane.domains.audit.recordEnd(organizationId, late);
    const ends = (await entries('&kind=ended')).filter(({ requestId }) => requestId === 'req_late');
    expect(ends).toMatchObject([{ outcome: 'done', target: { id: body.data.id } }]);
    expect(ends[0]?.number).toBeGreaterThan(made?.number ?? 0);
    expect(await verify()).toMatchObject({ isIntact: true });
  });

  test('is unknown if the process was killed before it could write it, and is written by another one', async () => {
    const tenant = await plane.createTenant();
    await create('ended-as-usual', tenant.key);
    const [{ organizationId }] = (await entries('', tenant.key)) as unknown as [{ organizationId: string }];
    const now = () => Date.now() + 7_200_000;
    const later = createAudit({ database: plane.database, signer, retentionDays: 0, now });
    // A change that begins after one run is found by the next run, which does not search the whole period again.
    await later.endInterrupted();
    const begun = { ...ofPlatform, kind: 'begun', requestId: 'req_killed', target: { id: 'srv_1' } } as const;
    await plane.domains.audit.record(organizationId, begun);
    const soon = createAudit({ database: plane.database, signer, retentionDays: 0 });
    await soon.endInterrupted();
    expect(await entries('&outcome=unknown', tenant.key)).toEqual([]);
    await Promise.all([later.endInterrupted(), later.endInterrupted()]);
    const ends = await entries('&outcome=unknown', tenant.key);
    expect(ends).toMatchObject([
      { kind: 'ended', requestId: 'req_killed', action: 'test.change', target: { id: 'srv_1' } },
    ]);
    expect(await verify(tenant.key)).toMatchObject({ isIntact: true });
  });
});

test('a request that changes nothing is not recorded', async () => {
  const before = (await entries()).length;
  await plane.send('POST', '/api/v1/documents/validate', { definition: 'flower: 1' }, { key: own.key });
  await plane.send('GET', '/api/v1/mcp_manager', undefined, { key: own.key });
  expect(await entries()).toHaveLength(before);
});

describe('the chain', () => {
  test('is intact, even when many changes are made at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => create(`at-once-${index}`)));
    const { isIntact, brokenAt, entries: count } = await verify();
    expect({ isIntact, brokenAt }).toEqual({ isIntact: true, brokenAt: null });
    expect(count).toBeGreaterThanOrEqual(40);
  });

  test('can be followed by anyone who has an export, and ends where the signed head says', async () => {
    const { text } = await plane.send('GET', '/api/v1/audit-log/export', undefined, { key: own.key });
    const head = (await plane.send('GET', '/api/v1/audit-log/head', undefined, { key: own.key })).body.data;
    let last = '';
    for (const line of text.trim().split('\n')) {
      const { hash, ...entry } = JSON.parse(line);
      expect(entry.previousHash).toBe(last);
      expect(digestOf(entry)).toBe(hash);
      last = hash;
    }
    expect(head.hash).toBe(last);
    const verifier = await createVerifier(plane.keys.verify);
    expect(await verifier.verify(head.signature)).toMatchObject({
      kind: 'audit-head',
      hash: last,
      number: head.number,
    });
  });

  test('cannot be changed by the service itself: its table only accepts new rows', async () => {
    const client = new pg.Client(plane.tables.url);
    await client.connect();
    await client.query(`SELECT set_config('app.platform', 'on', false)`);
    for (const statement of [
      'UPDATE audit_entries SET action = $$x$$',
      'DELETE FROM audit_entries',
      'TRUNCATE audit_entries',
    ]) {
      await expect(client.query(statement)).rejects.toThrow('append-only');
    }
    await client.end();
  });

  test.each([
    [
      'changed',
      (number: number) =>
        `UPDATE audit_entries SET content = replace(content, 'createMcp', 'deleteMcp') WHERE number = ${number}`,
    ],
    ['removed', (number: number) => `DELETE FROM audit_entries WHERE number = ${number}`],
  ])('shows which entry was %s by somebody with all rights', async (_how, tamper) => {
    const tenant = await plane.createTenant();
    for (const name of ['a', 'b', 'c']) await create(`chained-${name}`, tenant.key);
    const { number = 0 } = (await entries('&action=createMcpServerByManager', tenant.key))[1] ?? {};
    const [{ organizationId }] = (await entries('', tenant.key)) as unknown as [{ organizationId: string }];
    await asSuperuser(`${tamper(number)} AND organization_id = '${organizationId}'`);
    const { isIntact, brokenAt } = await verify(tenant.key);
    expect(isIntact).toBe(false);
    expect([number, number + 1]).toContain(brokenAt);
  });

  test.each([
    ['kind', `kind = 'begun'`],
    ['action', `action = 'listMcpServers'`],
    ['outcome', `outcome = 'conflict'`],
    ['actor', `actor_id = 'somebody'`],
    ['kind of actor', `actor_kind = 'platform'`],
    ['workspace', `workspace_id = NULL`],
    ['time', `at = '2020-01-01'`],
    ['whole text', `content = '{'`],
    ['text, to which a name was added that is in it already,', `content = '{"action":"x",' || substr(content, 2)`],
    ['text, to which a space was added,', `content = content || ' '`],
  ])(
    'shows that the %s of an entry, by which it is listed, was changed by somebody with all rights (T43)',
    async (_what, change) => {
      const tenant = await plane.createTenant();
      await create('hidden', tenant.key);
      await create('beside', tenant.key);
      const [, entry] = (await entries('', tenant.key)) as unknown as { organizationId: string; number: number }[];
      const where = `organization_id = '${entry?.organizationId}' AND number = ${entry?.number}`;
      await asSuperuser(`UPDATE audit_entries SET ${change} WHERE ${where}`);
      expect(await verify(tenant.key)).toMatchObject({ isIntact: false, brokenAt: entry?.number });
    },
  );

  test.each([0, -7, -(2 ** 31)])(
    'shows that an entry with the number %d was put before its beginning, where lists and exports have it (T43)',
    async (number) => {
      const tenant = await plane.createTenant();
      await create('after-it', tenant.key);
      const [entry] = (await entries('', tenant.key)) as unknown as [{ organizationId: string }];
      const columns = 'organization_id, at, kind, workspace_id, actor_kind, actor_id, action, outcome, content, hash';
      await asSuperuser(
        `INSERT INTO audit_entries (number, ${columns}) SELECT ${number}, ${columns} FROM audit_entries
         WHERE organization_id = '${entry.organizationId}' AND number = 1`,
      );
      expect(await verify(tenant.key)).toMatchObject({ isIntact: false, brokenAt: number });
      const { text } = await plane.send('GET', '/api/v1/audit-log/export', undefined, { key: tenant.key });
      // The beginning and the end of the change, and what was put before them.
      expect(text.trim().split('\n')).toHaveLength(3);
    },
  );

  test('shows that its beginning was moved, after which what is before it could be changed (T43)', async () => {
    const tenant = await plane.createTenant();
    for (const name of ['a', 'b']) await create(`moved-${name}`, tenant.key);
    const [entry] = (await entries('', tenant.key)) as unknown as [{ organizationId: string }];
    await asSuperuser(
      `UPDATE audit_chains SET anchor_number = number, anchor_hash = hash WHERE organization_id = '${entry.organizationId}'`,
    );
    await asSuperuser(
      `UPDATE audit_entries SET action = 'x' WHERE number = 1 AND organization_id = '${entry.organizationId}'`,
    );
    expect(await verify(tenant.key)).toMatchObject({ isIntact: false, brokenAt: 1 });
  });

  test('shows that its end was cut off', async () => {
    const tenant = await plane.createTenant();
    for (const name of ['a', 'b']) await create(`cut-${name}`, tenant.key);
    const [last] = (await entries('', tenant.key)) as unknown as [{ organizationId: string; number: number }];
    await asSuperuser(
      `DELETE FROM audit_entries WHERE organization_id = '${last.organizationId}' AND number = ${last.number}`,
    );
    expect(await verify(tenant.key)).toMatchObject({ isIntact: false, brokenAt: last.number });
  });
});

test('an export of more than a page has each entry once, in the order of the chain', async () => {
  const tenant = await plane.createTenant();
  await create('exported', tenant.key);
  const [{ organizationId }] = (await entries('', tenant.key)) as unknown as [{ organizationId: string }];
  const event = { kind: 'event', actor: { kind: 'platform', id: 'test' }, action: 'test.event' } as const;
  await plane.domains.audit.record(organizationId, ...Array.from({ length: 1200 }, () => event));
  const { text, headers } = await plane.send('GET', '/api/v1/audit-log/export', undefined, { key: tenant.key });
  const numbers = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).number);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
  expect(numbers.length).toBeGreaterThan(1200);
  expect(headers.get('x-next-cursor')).toBeNull();
});

describe('who may read it', () => {
  test('nobody without audit:read', async () => {
    const request = { name: 'no reader', permissions: ['servers:read'] };
    const { body } = await plane.send('POST', '/api/v1/api-keys', request, { key: own.key });
    const { status } = await plane.send('GET', '/api/v1/audit-log', undefined, { key: body.data.key });
    expect(status).toBe(403);
  });

  test('a key of one workspace sees that one alone, and not the chain, which covers all', async () => {
    const { body } = await plane.send('POST', '/api/v1/workspaces', { name: 'beside' }, { key: own.key });
    const request = { name: 'reader', permissions: ['audit:read'], workspaceId: body.data.id };
    const made = await plane.send('POST', '/api/v1/api-keys', request, { key: own.key });
    const { key } = made.body.data;
    expect(await entries('', key)).toEqual([]);
    expect(
      (await plane.send('GET', `/api/v1/audit-log?workspaceId=${own.workspaceId}`, undefined, { key })).status,
    ).toBe(404);
    expect((await plane.send('GET', '/api/v1/audit-log/head', undefined, { key })).status).toBe(403);
    expect((await plane.send('GET', '/api/v1/audit-log/verification', undefined, { key })).status).toBe(403);
    expect((await plane.send('GET', '/api/v1/audit-log/export', undefined, { key })).text).toBe('');
  });

  test('another organization sees nothing of it (T1)', async () => {
    const foreign = await plane.createTenant();
    const { text } = await plane.send('GET', '/api/v1/audit-log/export', undefined, { key: foreign.key });
    expect(text).not.toContain(own.workspaceId);
  });
});

test('each page continues where the last one ended', async () => {
  for (let index = 0; index < 6; index++) await create(`paged-${index}`);
  const first = await plane.send('GET', '/api/v1/audit-log?limit=3', undefined, { key: own.key });
  const second = await plane.send('GET', `/api/v1/audit-log?limit=3&cursor=${first.body.nextCursor}`, undefined, {
    key: own.key,
  });
  const numbers = [...first.body.data, ...second.body.data].map(({ number }: Shown) => number);
  expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  expect([first.body.data.length, second.body.data.length, new Set(numbers).size]).toEqual([3, 3, 6]);
});
