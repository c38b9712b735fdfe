import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failed } from '@toolplane/contracts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

let plane: TestControlPlane;
let serverId: string;
let sealed: string;
beforeAll(async () => {
  plane = await startTestControlPlane();
  sealed = await sealAnywhere(plane.sealingKey, { value: 'sk_live_canary', hosts: ['api.example.test'] });
  serverId = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'tickets' })).body.data.id;
});
afterAll(() => plane.close());

const path = (name = '') => `/api/v1/mcp-servers/${serverId}/secrets${name === '' ? '' : `/${name}`}`;

describe('without a data plane', () => {
  test('503 for the sealing key, as long as none was ever reported', async () => {
    const { status, body } = await plane.send('GET', '/api/v1/sealing-key');
    expect([status, body.error.code]).toEqual([503, 'config_unavailable']);
  });
});

describe('with a data plane', () => {
  let dataPlane: { close(): Promise<void> };
  const fake = { ...fakeDataPlane({} as never) };
  const storing = { now: 0, most: 0 };
  beforeAll(async () => {
    Object.assign(fake, fakeDataPlane(plane.sealingKey));
    dataPlane = await plane.serveCommands(async (command) => {
      storing.now += 1;
      storing.most = Math.max(storing.most, storing.now);
      // Long enough for a concurrent command to arrive.
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      storing.now -= 1;
      return command.command === 'store_secret' && command.ref.name === 'REFUSED'
        ? failed('done', 'invalid_request', 'The value was sealed for another key')
        : fake.handle(command);
    });
  });
  afterAll(() => dataPlane.close());

  test('the sealing key is the public key of the data plane', async () => {
    const { status, body } = await plane.send('GET', '/api/v1/sealing-key');
    expect([status, body.data]).toEqual([200, plane.sealingKey]);
  });

  test('200: a sealed value passes through, its name, hosts and version stay', async () => {
    const { status, body } = await plane.send('PUT', path('API_KEY'), { sealed });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ name: 'API_KEY', hosts: ['api.example.test'], version: 1, isRedactable: true });
    expect(fake.commands).toContainEqual({
      command: 'store_secret',
      ref: { workspaceId: 'ws_default', serverId, name: 'API_KEY' },
      sealed,
      version: 1,
      isUsed: true,
      overlapMs: 86_400_000,
    });
    await plane.send('PUT', path('API_KEY'), { sealed });
    expect((await plane.send('GET', path())).body).toMatchObject({ total: 1, data: [{ name: 'API_KEY', version: 2 }] });
  });

  test('writes of one name come one after the other, so the last one is what is listed', async () => {
    storing.most = 0;
    const answers = await Promise.all(Array.from({ length: 6 }, () => plane.send('PUT', path('RACE'), { sealed })));
    expect(answers.map(({ body }) => body.data.version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(storing.most).toBe(1);
    const { body } = await plane.send('GET', path());
    expect(body.data.find(({ name }: { name: string }) => name === 'RACE').version).toBe(6);
    await plane.send('DELETE', path('RACE'));
  });

  test('neither the value nor what it was sealed into is kept', async () => {
    await plane.send('PUT', path('KEPT'), { sealed });
    const rows = await plane.database.asPlatform((tx) => tx.secret.findMany());
    expect(JSON.stringify(rows)).not.toContain(sealed.split('.')[3]);
    expect((await plane.send('GET', path())).text).not.toContain('canary');
  });

  test('204: a deleted secret is deleted in the secret store', async () => {
    await plane.send('PUT', path('SHORT_LIVED'), { sealed });
    expect((await plane.send('DELETE', path('SHORT_LIVED'))).status).toBe(204);
    expect((await plane.send('GET', path())).text).not.toContain('SHORT_LIVED');
    expect(fake.commands).toContainEqual(expect.objectContaining({ command: 'delete_secret' }));
    expect((await plane.send('DELETE', path('SHORT_LIVED'))).status).toBe(404);
  });

  test('400 is what the data plane says about a value that it cannot open', async () => {
    const { status, body } = await plane.send('PUT', path('REFUSED'), { sealed });
    expect([status, body.error.message]).toEqual([400, 'The value was sealed for another key']);
    expect((await plane.send('GET', path())).text).not.toContain('REFUSED');
  });

  test('400 for a value in clear, which goes no further', async () => {
    const before = fake.commands.length;
    const { status, text } = await plane.send('PUT', path('CLEAR'), { sealed: 'sk_live_canary' });
    expect(status).toBe(400);
    expect(text).not.toContain('canary');
    expect(fake.commands).toHaveLength(before);
  });

  test.each(['a%2Fb', '..%2Fx', '*', '1A', 'x'.repeat(10_000)])('400 for the name %.20s', async (name) => {
    expect((await plane.send('PUT', path(name), { sealed })).status).toBe(400);
  });

  test('a deleted server leaves nothing in the secret store', async () => {
    const server = await plane.send('POST', '/api/v1/mcp-servers', { name: 'going' });
    const { id } = server.body.data;
    await plane.send('PUT', `/api/v1/mcp-servers/${id}/secrets/LEFT_OVER`, { sealed });
    await plane.send('DELETE', `/api/v1/mcp-servers/${id}`);
    await plane.domains.secrets.sweep();
    expect(fake.commands).toContainEqual({
      command: 'delete_secret',
      ref: { workspaceId: 'ws_default', serverId: id, name: 'LEFT_OVER' },
    });
    expect(await plane.database.asPlatform((tx) => tx.serverRemoval.count())).toBe(0);
  });
});

describe('a server that is deleted', () => {
  const fake = { ...fakeDataPlane({} as never) };
  const deleted = (id: string, name: string) => ({
    command: 'delete_secret',
    ref: { workspaceId: 'ws_default', serverId: id, name },
  });
  const createServer = async (name: string): Promise<string> =>
    (await plane.send('POST', '/api/v1/mcp-servers', { name })).body.data.id;
  let dataPlane: { close(): Promise<void> };
  beforeAll(async () => {
    dataPlane = await plane.serveCommands(async (command) => {
      if (command.command === 'store_secret' && command.ref.name === 'TOO_LATE') {
        await plane.send('DELETE', `/api/v1/mcp-servers/${command.ref.serverId}`);
      }
      const outcome = await fake.handle(command);
      const isStuck = command.command === 'delete_secret' && command.ref.name === 'STUCK';
      return isStuck ? failed('done', 'internal', 'The store refuses') : outcome;
    });
  });
  afterAll(() => dataPlane.close());

  test('while a value is stored leaves nothing in the secret store', async () => {
    const id = await createServer('raced');
    expect((await plane.send('PUT', `/api/v1/mcp-servers/${id}/secrets/TOO_LATE`, { sealed })).status).toBe(404);
    await plane.domains.secrets.sweep();
    expect(fake.commands).toContainEqual(deleted(id, 'TOO_LATE'));
  });

  test('and whose secrets cannot be removed does not hold up the removal of others', async () => {
    const ids: string[] = [];
    for (const name of ['STUCK', 'FREE', 'STUCK', 'FREE']) {
      const id = await createServer(`server-${ids.length}`);
      await plane.send('PUT', `/api/v1/mcp-servers/${id}/secrets/${name}`, { sealed });
      await plane.send('DELETE', `/api/v1/mcp-servers/${id}`);
      ids.push(id);
    }
    for (const _ of ids) await plane.domains.secrets.sweep().catch(() => undefined);
    for (const index of [1, 3]) expect(fake.commands).toContainEqual(deleted(ids[index] ?? '', 'FREE'));
    const left = await plane.database.asPlatform((tx) => tx.serverRemoval.findMany({ select: { serverId: true } }));
    expect(left.map(({ serverId }) => serverId).toSorted()).toEqual([ids[0], ids[2]].toSorted());
  });
});

describe('when the data plane has gone', () => {
  test('the sealing key that it reported is still served', async () => {
    expect((await plane.send('GET', '/api/v1/sealing-key')).body.data).toEqual(plane.sealingKey);
  });

  test('503 for a value that cannot be stored', async () => {
    const { status, body } = await plane.send('PUT', path('LATER'), { sealed });
    expect([status, body.error.code]).toEqual([503, 'config_unavailable']);
    expect((await plane.send('GET', path())).text).not.toContain('LATER');
  });
});
