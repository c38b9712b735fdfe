import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConnectedApi } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
});
afterAll(() => plane.close());

const path = '/api/v1/connector-instances';
const manifestOf = (serverId: string) => plane.snapshot.getManifest(serverId);

describe('an instance of the organization', () => {
  test('403 without the permission of the organization, for making as for changing', async () => {
    const neighbour = await api.createNeighbour(['servers:read', 'servers:write']);
    const made = await api.createInstance({ workspace: null });
    expect([made.status, made.body.data.workspace]).toEqual([201, null]);
    const { id, connector } = made.body.data;
    const options = { key: neighbour.key };
    const request = { connector, instance_name: 'x', auth_type: 'token', configuration: { region: 'eu' } };
    const answers = [
      await plane.send('POST', path, { ...request, workspace: null }, options),
      await plane.send('PATCH', `${path}/${id}`, { is_enabled: false }, options),
      await plane.send('DELETE', `${path}/${id}`, undefined, options),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  test('403 without it for changing its server, which could be shown to everybody', async () => {
    const { server } = (await api.createInstance({ workspace: null })).body.data;
    const { body } = await plane.send('POST', '/api/v1/api-keys', { name: 'w', permissions: ['servers:write'] });
    const change = (key?: string) =>
      plane.send('PATCH', `/api/v1/mcp-servers/${server.id}`, { isPublic: true }, key === undefined ? {} : { key });
    expect((await change(body.data.key)).status).toBe(403);
    expect(await manifestOf(server.id)).toMatchObject({ isPublic: false });
    expect((await change()).status).toBe(200);
  });

  test('is seen by every workspace of the organization with its server, one of a workspace by none', async () => {
    const neighbour = await api.createNeighbour(['servers:read', 'servers:write', 'connectors:write']);
    const shared = (await api.createInstance({ workspace: null })).body.data;
    const own = (await api.createInstance()).body.data;
    const listed = (await api.get('/connector-instances?limit=100', neighbour.key)).body.data;
    expect(listed).toContainEqual(
      expect.objectContaining({ id: shared.id, server: shared.server, home_workspace: 'ws_default' }),
    );
    expect(JSON.stringify(listed)).not.toContain(own.id);
    expect((await api.get(`/connector-instances/${own.id}`, neighbour.key)).status).toBe(404);
    const { key } = await plane.createTenant();
    for (const { id } of [shared, own]) {
      expect((await api.get(`/connector-instances/${id}`, key)).status).toBe(404);
    }
    const changed = await plane.send('PATCH', `${path}/${shared.id}`, { is_enabled: false }, { key: neighbour.key });
    expect(changed.status).toBe(200);
    expect(await manifestOf(shared.server.id)).toMatchObject({ state: 'stopped', workspaceId: 'ws_default' });
  });
});
