import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Permission } from '@toolplane/contracts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const pathOf = (workspaceId: string) => `/api/v1/workspaces/${workspaceId}/egress`;
const open = { allowHosts: null, denyHosts: [] };

/** The rules as a data plane that starts now reads them. */
async function readPublished(workspaceId: string) {
  await using fresh = await plane.openSnapshot();
  return fresh.getEgressRules(workspaceId);
}

/** Catches up, as the service does every second, until Redis is reachable again. */
async function caughtUp(): Promise<void> {
  for (;;) {
    try {
      return await plane.publishing.catchUp();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function createWorkspace(name: string, key = plane.rootKey): Promise<string> {
  return (await plane.send('POST', '/api/v1/workspaces', { name }, { key })).body.data.id;
}

async function createKey(permissions: Permission[], workspaceId: string): Promise<string> {
  const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'limited', permissions, workspaceId });
  return body.data.key;
}

describe('every workspace has published rules that forbid nothing', () => {
  test('the first one', async () => {
    expect(await readPublished('ws_default')).toMatchObject({ workspaceId: 'ws_default', denyHosts: [] });
  });

  test('one of a new organization, and an additional one of an organization', async () => {
    const { workspaceId } = await plane.createTenant();
    for (const id of [workspaceId, await createWorkspace('one more')]) {
      const rules = await readPublished(id);
      expect(rules).toEqual({ version: 1, kind: 'egress', workspaceId: id, revision: rules.revision, denyHosts: [] });
    }
  });

  test('one that a process of an earlier release creates, as soon as it is found', async () => {
    await plane.database.asPlatform((tx) =>
      tx.workspace.create({ data: { id: 'ws_earlier', organizationId: 'org_default', name: 'earlier' } }),
    );
    await plane.publishing.catchUp();
    expect(await readPublished('ws_earlier')).toMatchObject({ denyHosts: [] });
  });
});

test('rules are replaced as a whole, and published with a higher revision', async () => {
  const id = await createWorkspace('replaced');
  const { revision } = await readPublished(id);
  const rules = { allowHosts: ['api.example.com', '*.example.org:8443'], denyHosts: ['bad.example.org'] };
  const put = await plane.send('PUT', pathOf(id), rules);
  expect([put.status, put.headers.get('etag')]).toEqual([200, '"2"']);
  expect(put.body.data).toEqual({ workspaceId: id, ...rules, version: 2 });
  expect((await plane.send('GET', pathOf(id))).body.data).toEqual(put.body.data);
  const published = await readPublished(id);
  expect(published).toMatchObject(rules);
  expect(published.revision).toBeGreaterThan(revision);

  await plane.send('PUT', pathOf(id), { allowHosts: [], denyHosts: [] });
  expect(await readPublished(id)).toMatchObject({ allowHosts: [], denyHosts: [] });
  await plane.send('PUT', pathOf(id), open);
  expect(Object.keys(await readPublished(id))).not.toContain('allowHosts');
});

test('a change based on an earlier version answers 409', async () => {
  const id = await createWorkspace('versions');
  const put = (body: object, headers = {}) => plane.send('PUT', pathOf(id), body, { headers });
  expect((await put({ ...open, version: 1 })).status).toBe(200);
  expect((await put({ ...open, version: 1 })).status).toBe(409);
  expect((await put(open, { 'if-match': '"1"' })).status).toBe(409);
  expect((await put(open, { 'if-match': '"2"' })).status).toBe(200);
  expect((await put(open, { 'if-match': '*' })).status).toBe(200);
});

describe('400', () => {
  const refused = (hosts: object) => async () => {
    expect((await plane.send('PUT', pathOf('ws_default'), { ...open, ...hosts })).status).toBe(400);
  };
  const thousandAndOne = Array.from({ length: 1001 }, (_, index) => `h${index}.example.com`);
  test.each<[string, object]>([
    ['a URL in place of a host', { denyHosts: ['https://api.example.com'] }],
    ['upper case', { allowHosts: ['API.example.com'] }],
    ['a star that is not a whole label', { allowHosts: ['api*.example.com'] }],
    ['a star alone', { allowHosts: ['*'] }],
    ['a star before an address', { denyHosts: ['*.0.0.1'] }],
    ['a port above 65535', { denyHosts: ['api.example.com:65536'] }],
    ['more than 1000 hosts', { allowHosts: thousandAndOne }],
    ['no list of denied hosts', { denyHosts: undefined }],
    ['an unknown field', { hosts: [] }],
  ])('%s', (_name, hosts) => refused(hosts)());
});

describe('permissions', () => {
  test('an author of documents reads the rules of their own workspace and cannot change them', async () => {
    const id = await createWorkspace('of an author');
    const key = await createKey(['servers:read', 'servers:write', 'secrets:write', 'api-keys:write'], id);
    expect((await plane.send('GET', pathOf(id), undefined, { key })).status).toBe(200);
    expect((await plane.send('PUT', pathOf(id), open, { key })).status).toBe(403);
    expect((await plane.send('GET', pathOf('ws_default'), undefined, { key })).status).toBe(404);
  });

  test('whoever sets up workspaces changes those of the whole organization, and of no other', async () => {
    const { key } = await plane.createTenant();
    const id = await createWorkspace('of the organization', key);
    expect((await plane.send('PUT', pathOf(id), open, { key })).status).toBe(200);
    expect((await plane.send('PUT', pathOf('ws_default'), open, { key })).status).toBe(404);
  });
});

test('rules are published again into a Redis that lost them, as they were', async () => {
  const id = await createWorkspace('emptied');
  await plane.send('PUT', pathOf(id), { allowHosts: null, denyHosts: ['bad.example.org'] });
  const before = await readPublished(id);
  await plane.redis.kill();
  await plane.redis.start();
  await caughtUp();
  expect(await readPublished(id)).toEqual(before);
});

test('a change while Redis is away is published when it is back', async () => {
  const id = await createWorkspace('changed meanwhile');
  await plane.redis.kill();
  const rules = { allowHosts: null, denyHosts: ['bad.example.org'] };
  expect((await plane.send('PUT', pathOf(id), rules)).status).toBe(200);
  await plane.redis.start();
  await caughtUp();
  expect(await readPublished(id)).toMatchObject({ denyHosts: ['bad.example.org'] });
});
