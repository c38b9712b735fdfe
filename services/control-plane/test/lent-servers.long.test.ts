import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Catalogue, Manifest, Plan } from '@toolplane/contracts';
import { createConnectedApi, crmDescriptor } from './connected-api.ts';
import { flowerDocumentOf, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

/* The tools of an instance of the organization, as the other workspaces of the organization use them. */

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
/** Another workspace than that of the root key, in which the instance is. */
let team: { key: string; workspaceId: string };
let shared: { id: string; server: { id: string } };
let slug: string;

const permissions = ['servers:read', 'servers:write', 'secrets:write', 'policies:write'];
const instances = '/api/v1/connector-instances';
const servers = '/api/v1/mcp-servers';

beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
});
afterAll(() => plane.close());
let count = 0;
beforeEach(async () => {
  count += 1;
  slug = `lent-${count}`;
  await api.register(crmDescriptor({ slug, tools: ['find_contact', 'find_deal'] }));
  shared = (await api.createInstance({ connector: slug, workspace: null })).body.data;
  team = await api.createNeighbour(permissions);
});

const send = (method: string, path: string, body?: unknown) => plane.send(method, path, body, { key: team.key });

async function createDesk(fields: object = {}): Promise<string> {
  const request = { name: 'desk', mode: 'NORMAL', selectedTools: [`${slug}.find_contact`], ...fields };
  const { status, body } = await send('POST', servers, request);
  expect(status).toBe(201);
  return body.data.id;
}

/** What an edge that was just started reads. */
async function read(
  serverId: string,
): Promise<{ manifest: Manifest | undefined; catalogue: Catalogue | undefined; plans: (Plan | undefined)[] }> {
  await using fresh = await plane.openSnapshot();
  const manifest = await fresh.getManifest(serverId);
  const plans = await Promise.all((manifest?.tools ?? []).map(({ planDigest }) => fresh.getPlan(planDigest)));
  return { manifest, plans, catalogue: await fresh.getCatalogue(team.workspaceId) };
}
const lentTo = (catalogue: Catalogue | undefined) =>
  catalogue?.lent?.find(({ serverId }) => serverId === shared.server.id);

test('a server that selects one runs a plan of its own workspace, whatever makes it be published', async () => {
  const desk = await createDesk();
  const origin = { serverId: shared.server.id, name: 'find_contact', isLent: true };
  const expected = { name: 'find_contact', origin, toolkit: slug, usesConnection: true };
  const { manifest, plans } = await read(desk);
  expect(manifest?.tools).toMatchObject([expected]);
  const { workspaceId } = team;
  const connection = { ownerId: 'org_default', instanceId: shared.id, usersOf: workspaceId };
  expect(plans).toMatchObject([{ workspaceId, serverId: shared.server.id, tool: 'find_contact', connection }]);
  // This deployment is published as the tenant, who does not see the lending server.
  const definition = flowerDocumentOf('desk', 'close_case');
  expect((await send('POST', `${servers}/${desk}/deploy`, { definition })).status).toBe(201);
  const deployed = await read(desk);
  expect(deployed.manifest?.tools).toMatchObject([{ name: 'close_case' }, expected]);
  expect(deployed.plans).toMatchObject([{ workspaceId }, plans[0] ?? {}]);
});

test('the catalogue of every workspace of the organization has it, with plans of that workspace and never for everybody', async () => {
  await plane.send('PATCH', `${servers}/${shared.server.id}`, { isPublic: true });
  const { catalogue } = await read(shared.server.id);
  expect(catalogue?.toolkits).toContainEqual(expect.objectContaining({ serverId: shared.server.id, toolkit: slug }));
  const lent = lentTo(catalogue);
  const { workspaceId } = team;
  expect(lent).toMatchObject({ workspaceId, isLent: true, isPublic: false, state: 'running' });
  expect(lent?.tools.map(({ name, toolkit }) => [name, toolkit])).toEqual([
    ['find_contact', slug],
    ['find_deal', slug],
  ]);
  await using fresh = await plane.openSnapshot();
  for (const digest of [lent?.tools[0]?.planDigest, lent?.connection?.planDigest]) {
    expect(await fresh.getPlan(digest ?? '')).toMatchObject({ workspaceId, connection: { usersOf: workspaceId } });
  }
  expect(JSON.stringify((await fresh.getCatalogue('ws_default'))?.lent ?? [])).not.toContain(shared.server.id);
  const stranger = await plane.createTenant();
  expect(JSON.stringify(await fresh.getCatalogue(stranger.workspaceId))).not.toContain(shared.server.id);
});

test('what changes at the instance is published where it is used: credentials, policy, hosts and name', async () => {
  const desk = await createDesk();
  const versions = async () => {
    const { manifest, catalogue } = await read(desk);
    return [manifest?.toolsetVersion, lentTo(catalogue)?.toolsetVersion];
  };
  const [before = 0] = await versions();
  const sealed = await api.seal({ token: 'sk_live_canary' });
  await plane.send('PUT', `${instances}/${shared.id}/credentials`, {
    scope: 'organization',
    auth_type: 'token',
    sealed,
  });
  expect(await versions()).toEqual([before + 1, before + 1]);
  const policy = { unmatched: 'deny', rules: [], limits: [] };
  await plane.send('PUT', `${servers}/${shared.server.id}/policy`, { policy });
  const { manifest, catalogue } = await read(desk);
  expect(manifest?.originPolicies).toMatchObject({ [shared.server.id]: { unmatched: 'deny' } });
  expect(lentTo(catalogue)?.policy).toMatchObject({ unmatched: 'deny' });
  const explain = async (at: string, key: string, tool: string) => {
    const caller = { kind: 'token', username: 'ann' };
    const path = `${servers}/${at}/policy/explain`;
    return (await plane.send('POST', path, { tool, caller }, { key })).body.data.decision;
  };
  expect(await explain(desk, team.key, 'find_contact')).toBe('deny');
  const rules = [{ id: 'ann', effect: 'allow', callers: { users: ['ann'] } }];
  await plane.send('PUT', `${servers}/${shared.server.id}/policy`, { policy: { ...policy, rules } });
  expect(await explain(shared.server.id, plane.rootKey, 'find_contact')).toBe('allow');
  // The user `ann` of the other workspace is another person.
  expect(await explain(desk, team.key, 'find_contact')).toBe('deny');
  await plane.send('DELETE', `${servers}/${shared.server.id}/policy`);
  expect(await explain(desk, team.key, 'find_contact')).toBe('allow');
});

test('a lent tool is told apart from those of an instance of the workspace, even if both have one name', async () => {
  const instance_name = 'Sales';
  await plane.send('PATCH', `${instances}/${shared.id}`, { instance_name });
  expect((await api.createInstance({ connector: slug, instance_name }, team.key)).status).toBe(201);
  const desk = await createDesk({ selectedTools: [`${slug}.find_contact`, `${slug}-2.find_contact`] });
  const { manifest, plans } = await read(desk);
  expect(manifest?.tools.map(({ description }) => description?.split('\n').at(-1))).toEqual([
    `Account: Sales (${slug})`,
    `Account: Sales (${slug}-2)`,
  ]);
  expect(plans.map((plan) => plan?.connection?.instanceName)).toEqual(['Sales', 'Sales']);
  const { data } = (await send('GET', `${servers}/${desk}/config`)).body;
  const shown = data.tools.map(({ description }: { description: string }) => description);
  expect(shown).toEqual(manifest?.tools.map(({ description }) => description));
});

test('disabling and deleting the instance take the tools away, and enabling it brings them back', async () => {
  const desk = await createDesk();
  const enable = (is_enabled: boolean) => plane.send('PATCH', `${instances}/${shared.id}`, { is_enabled });
  const state = async () => {
    const { manifest, catalogue } = await read(desk);
    return [
      manifest?.tools.length,
      lentTo(catalogue)?.tools.length,
      (await send('GET', `${servers}/${desk}`)).body.data.missing,
    ];
  };
  const none = [0, undefined, [`${slug}.find_contact`]];
  const all = [1, 2, []];
  expect(await state()).toEqual(all);
  await enable(false);
  expect(await state()).toEqual(none);
  await enable(true);
  expect(await state()).toEqual(all);
  expect((await plane.send('DELETE', `${instances}/${shared.id}`)).status).toBe(204);
  expect(await state()).toEqual(none);
});

test('a workspace that is created later has it as well', async () => {
  team = await api.createNeighbour(permissions);
  expect(lentTo((await read(shared.server.id)).catalogue)).toMatchObject({ workspaceId: team.workspaceId });
});

test('400 for what another workspace has for itself, 403 for a public server without the permission of the organization (T1)', async () => {
  await api.register(crmDescriptor({ slug: `own-${count}` }));
  await api.createInstance({ connector: `own-${count}` });
  const refused = await send('POST', servers, {
    name: 'far',
    mode: 'NORMAL',
    selectedTools: [`own-${count}.find_contact`],
  });
  expect([refused.status, refused.body.error.details]).toMatchObject([
    400,
    [{ message: expect.stringContaining('is not in') }],
  ]);
  const selectedTools = [`${slug}.find_contact`];
  const open = (name: string) => send('POST', servers, { name, mode: 'NORMAL', isPublic: true, selectedTools });
  expect((await open('open')).status).toBe(403);
  const desk = await createDesk();
  await plane.send('PATCH', `${instances}/${shared.id}`, { is_enabled: false });
  expect((await send('PATCH', `${servers}/${desk}`, { isPublic: true })).status).toBe(403);
});
