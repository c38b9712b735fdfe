import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, failed, type Outcome, succeeded } from '@toolplane/contracts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

let plane: TestControlPlane;
let commands: Command[];
/** Runs before a command is answered. An outcome that it returns replaces the usual answer. */
let interfere: (command: Command) => Promise<Outcome | undefined>;
let serverId: string;
let name: string;
let sealed: string;
let names = 0;

beforeAll(async () => {
  plane = await startTestControlPlane();
  sealed = await sealAnywhere(plane.sealingKey, { value: 'sk_live_canary', hosts: ['api.example.test'] });
  const server = { name: 'tickets', config: { allowedHosts: ['*.example.test'] } };
  serverId = (await plane.send('POST', '/api/v1/mcp-servers', server)).body.data.id;
  await plane.serveCommands(async (command) => {
    commands.push(command);
    const answer = await interfere(command);
    if (answer !== undefined || command.command !== 'store_secret') return answer ?? succeeded(null);
    return succeeded({ version: command.version, hosts: ['api.example.test'], isRedactable: true });
  });
});
afterAll(() => plane.close());
beforeEach(() => {
  name = `KEY_${names++}`;
  commands = [];
  interfere = async () => undefined;
});
afterEach(() => plane.postgresGate.open());

const pathOf = (rest = '') => `/api/v1/mcp-servers/${serverId}/secrets/${name}${rest}`;
const put = (overlapSeconds?: number) => plane.send('PUT', pathOf(), { sealed, overlapSeconds });
const get = async () => (await plane.send('GET', pathOf())).body.data;
const pin = (version: number) => plane.send('PUT', pathOf('/pin'), { version });
const unpin = () => plane.send('DELETE', pathOf('/pin'));
/** The versions, newest first. Those that will be deleted are in brackets. */
const kept = async () =>
  (await get()).versions.map(({ version, retiresAt }: { version: number; retiresAt: string | null }) =>
    retiresAt === null ? version : `(${version})`,
  );
/** The commands that the data plane received, with the versions in the secret store. */
const asked = () =>
  commands.flatMap((command) => {
    if (!('ref' in command) || command.ref === undefined || !('name' in command.ref)) return [];
    const { version } = command.ref;
    const of = 'version' in command ? ` ${command.version}` : version === undefined ? '' : ` ${version}`;
    return [`${command.command}${of}${'isUsed' in command && !command.isUsed ? ' besides' : ''}`];
  });
/** Acts as if more than half a minute had passed. */
const letSettle = () =>
  plane.database.asPlatform((tx) => tx.$executeRaw`UPDATE secrets SET unsettled_at = unsettled_at - interval '1 hour'`);

describe('versions', () => {
  test('a new one is used at once, and the replaced one is kept for a day', async () => {
    await put();
    const since = Date.now();
    expect((await put()).body.data).toMatchObject({ version: 2, newestVersion: 2, isPinned: false, lastUsedAt: null });
    const { versions } = await get();
    expect(versions).toMatchObject([
      { version: 2, retiresAt: null, hosts: ['api.example.test'], isRedactable: true },
      { version: 1 },
    ]);
    expect(Date.parse(versions[1].retiresAt) - since).toBeGreaterThanOrEqual(86_400_000);
    expect(Date.parse(versions[1].retiresAt) - since).toBeLessThan(86_460_000);
  });

  test('without an overlap the replaced one is deleted at once', async () => {
    await put();
    await put(0);
    expect(asked()).toEqual(['store_secret 1', 'store_secret 2', 'delete_secret 1']);
    expect(await kept()).toEqual([2]);
  });

  test('one whose time is over is deleted, in the secret store first', async () => {
    await put();
    await put(60);
    await plane.domains.secrets.sweep();
    expect(await kept()).toEqual([2, '(1)']);
    await plane.database.asPlatform((tx) =>
      tx.secretVersion.updateMany({ where: { name, version: 1 }, data: { retiresAt: new Date() } }),
    );
    interfere = async ({ command }) =>
      command === 'delete_secret' ? failed('done', 'secret_unavailable', 'away') : undefined;
    await expect(plane.domains.secrets.sweep()).rejects.toMatchObject({ code: 'secret_unavailable' });
    expect(await kept()).toEqual([2, '(1)']);
    interfere = async () => undefined;
    await plane.domains.secrets.sweep();
    expect(await kept()).toEqual([2]);
  });

  test('no more than ten are being phased out', async () => {
    for (let version = 1; version <= 13; version += 1) await put();
    const versions = await kept();
    expect(versions).toHaveLength(11);
    expect([versions[0], versions[10]]).toEqual([13, '(3)']);
    expect(asked().filter((it) => it.startsWith('delete'))).toEqual(['delete_secret 1', 'delete_secret 2']);
  });
});

describe('a pinned version', () => {
  beforeEach(async () => {
    await put();
    await put();
  });

  test('is used until it is unpinned, and no version that matters is deleted', async () => {
    expect((await pin(1)).body.data).toMatchObject({ version: 1, newestVersion: 2, isPinned: true });
    expect(await kept()).toEqual([2, 1]);
    expect((await put(60)).body.data).toMatchObject({ version: 1, newestVersion: 3, isPinned: true });
    expect(await kept()).toEqual([3, '(2)', 1]);
    expect((await unpin()).body.data).toMatchObject({ version: 3, newestVersion: 3, isPinned: false });
    expect(await kept()).toEqual([3, '(2)', '(1)']);
    expect(asked().slice(2)).toEqual(['use_secret_version 1', 'store_secret 3 besides', 'use_secret_version 3']);
  });

  test('keeps the overlap that was requested: while it lasts the next version falls back to it', async () => {
    const week = 604_800;
    const timeOf = async (version: number) => {
      const { versions } = await get();
      return Date.parse(versions.find((it: { version: number }) => it.version === version).retiresAt);
    };
    await put(week);
    const until = await timeOf(2);
    await pin(2);
    await unpin();
    expect(await timeOf(2)).toBe(until);
    const used = commands.slice(3);
    expect(used).toMatchObject([
      { command: 'use_secret_version', version: 2 },
      { command: 'use_secret_version', version: 3, overlapMs: expect.any(Number) },
    ]);
    expect(used[0]).not.toHaveProperty('overlapMs');
    expect(Math.abs(Date.now() + Number(used[1] && 'overlapMs' in used[1] && used[1].overlapMs) - until)).toBeLessThan(
      60_000,
    );
    await pin(3);
    await put(2 * week);
    await unpin();
    expect((await timeOf(3)) - until).toBeGreaterThanOrEqual(week * 1000);
  });

  test('whose time ran out while it was in use is kept for another day, and not deleted before', async () => {
    await pin(1);
    await plane.database.asPlatform((tx) =>
      tx.secretVersion.updateMany({ where: { name, version: 1 }, data: { retiresAt: new Date() } }),
    );
    await plane.domains.secrets.sweep();
    expect(await kept()).toEqual([2, 1]);
    const since = Date.now();
    await unpin();
    const [, { retiresAt }] = (await get()).versions;
    expect(Date.parse(retiresAt) - since).toBeGreaterThanOrEqual(86_400_000);
  });

  test('is shown in the list', async () => {
    await pin(1);
    const { body } = await plane.send('GET', `/api/v1/mcp-servers/${serverId}/secrets?limit=100`);
    const listed = body.data.find((secret: { name: string }) => secret.name === name);
    expect(listed).toMatchObject({ version: 1, newestVersion: 2, isPinned: true, lastUsedAt: null });
  });

  test('404 for a version that is not kept, and for a secret that does not exist', async () => {
    expect((await pin(3)).status).toBe(404);
    expect(await kept()).toEqual([2, '(1)']);
    name = 'NOT_THERE';
    expect([(await pin(1)).status, (await unpin()).status, (await plane.send('GET', pathOf())).status]).toEqual([
      404, 404, 404,
    ]);
  });

  test.each([[{}], [{ version: 0 }], [{ version: 1.5 }], [{ version: '1' }], [{ version: 1, sealed: 'x' }]])(
    '400 for %j',
    async (body) => {
      expect((await plane.send('PUT', pathOf('/pin'), body)).status).toBe(400);
    },
  );
});

test.each([-1, 2_592_001, 1.5, '60', null])('400 for an overlap of %j seconds', async (overlapSeconds) => {
  const { status, body } = await plane.send('PUT', pathOf(), { sealed, overlapSeconds });
  expect([status, body.error.details[0].path]).toEqual([400, 'body.overlapSeconds']);
  expect(commands).toEqual([]);
});

test('deleting removes every version from the secret store, the one in use first', async () => {
  await put();
  await put();
  commands = [];
  expect((await plane.send('DELETE', pathOf())).status).toBe(204);
  expect(asked()[0]).toBe('delete_secret');
  expect(asked().toSorted()).toEqual(['delete_secret', 'delete_secret 1', 'delete_secret 2', 'delete_secret 3']);
  expect(await plane.database.asPlatform((tx) => tx.secretVersion.count({ where: { name } }))).toBe(0);
});

test('the data plane, which changes one thing of a secret at a time, gets one request at a time', async () => {
  for (const _version of [1, 2, 3]) await put();
  let underWay = 0;
  let underWayMax = 0;
  interfere = async () => {
    underWayMax = Math.max(underWayMax, ++underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    return undefined;
  };
  await plane.database.asPlatform((tx) =>
    tx.secretVersion.updateMany({ where: { name, version: { lt: 3 } }, data: { retiresAt: new Date() } }),
  );
  await plane.domains.secrets.sweep();
  expect(await kept()).toEqual([3]);
  await put();
  await plane.send('DELETE', pathOf());
  expect(underWayMax).toBe(1);
});

test('a deleted server leaves none of its versions', async () => {
  const { id } = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'going' })).body.data;
  const path = `/api/v1/mcp-servers/${id}/secrets/${name}`;
  for (const _version of [1, 2]) await plane.send('PUT', path, { sealed });
  await plane.send('DELETE', `/api/v1/mcp-servers/${id}`);
  commands = [];
  await plane.domains.secrets.sweep();
  expect(asked().toSorted()).toEqual(['delete_secret', 'delete_secret 1', 'delete_secret 2', 'delete_secret 3']);
});

describe('nothing is saved by half', () => {
  /** The data plane executes the command, and then PostgreSQL is unavailable. */
  const cutAfter = (kind: Command['command']) => {
    interfere = async ({ command }) => {
      if (command === kind) plane.postgresGate.shut();
      return undefined;
    };
  };
  const reopen = () => {
    interfere = async () => undefined;
    plane.postgresGate.open();
    commands = [];
  };

  test('a value whose row could not be saved is stored again under the same number', async () => {
    await put();
    cutAfter('store_secret');
    expect((await put()).status).toBe(503);
    reopen();
    expect(await kept()).toEqual([1]);
    expect((await put()).body.data).toMatchObject({ version: 2, newestVersion: 2 });
    expect(asked()).toEqual(['store_secret 2']);
    await letSettle();
    await plane.domains.secrets.sweep();
    expect(asked()).toEqual(['store_secret 2', 'use_secret_version 2', 'delete_secret 3']);
    expect(await kept()).toEqual([2, '(1)']);
  });

  test.each(['a refusal', 'a pin'])(
    'and what it left is resolved whatever comes after it, such as %s',
    async (next) => {
      await put();
      cutAfter('store_secret');
      expect((await put()).status).toBe(503);
      reopen();
      interfere = async ({ command }) =>
        command === 'store_secret' ? failed('done', 'invalid_request', 'Sealed for another key') : undefined;
      expect((await (next === 'a pin' ? pin(1) : put())).status).toBe(next === 'a pin' ? 200 : 400);
      reopen();
      await letSettle();
      await plane.domains.secrets.sweep();
      expect(asked()).toEqual(['use_secret_version 1', 'delete_secret 2']);
      await plane.domains.secrets.sweep();
      expect(asked()).toHaveLength(2);
    },
  );

  test('if it is not stored again, the state in the rows is restored', async () => {
    await put();
    cutAfter('store_secret');
    await put();
    reopen();
    await plane.domains.secrets.sweep();
    expect(asked()).toEqual([]);
    await letSettle();
    await plane.domains.secrets.sweep();
    expect(asked()).toEqual(['use_secret_version 1', 'delete_secret 2']);
    await plane.domains.secrets.sweep();
    expect(asked()).toHaveLength(2);
    expect(await kept()).toEqual([1]);
  });

  test('a first value whose row could not be saved is not shown, and nothing of it is left', async () => {
    cutAfter('store_secret');
    expect((await put()).status).toBe(503);
    reopen();
    expect((await plane.send('GET', pathOf())).status).toBe(404);
    expect((await plane.send('GET', `/api/v1/mcp-servers/${serverId}/secrets?limit=100`)).text).not.toContain(name);
    await letSettle();
    await plane.domains.secrets.sweep();
    expect(asked()).toEqual(['delete_secret', 'delete_secret 1']);
    expect(await plane.database.asPlatform((tx) => tx.secret.count({ where: { name } }))).toBe(0);
  });

  test('and it can be deleted, although it may never have been stored', async () => {
    cutAfter('store_secret');
    expect((await put()).status).toBe(503);
    reopen();
    expect((await plane.send('DELETE', pathOf())).status).toBe(204);
    expect(asked()).toEqual(['delete_secret', 'delete_secret 1']);
    expect((await plane.send('DELETE', pathOf())).status).toBe(404);
  });

  test('a server that is deleted after that leaves nothing either', async () => {
    const { id } = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'broken-off' })).body.data;
    cutAfter('store_secret');
    expect((await plane.send('PUT', `/api/v1/mcp-servers/${id}/secrets/${name}`, { sealed })).status).toBe(503);
    reopen();
    await plane.send('DELETE', `/api/v1/mcp-servers/${id}`);
    await plane.domains.secrets.sweep();
    expect(asked()).toEqual(['delete_secret', 'delete_secret 1']);
  });

  test('a pin whose row could not be saved is undone', async () => {
    await put();
    await put();
    cutAfter('use_secret_version');
    expect((await pin(1)).status).toBe(503);
    reopen();
    await letSettle();
    await plane.domains.secrets.sweep();
    expect(asked()).toEqual(['use_secret_version 2', 'delete_secret 3']);
    expect(await get()).toMatchObject({ version: 2, isPinned: false });
  });

  test('a deletion that broke off can be repeated', async () => {
    await put();
    cutAfter('delete_secret');
    expect((await plane.send('DELETE', pathOf())).status).toBe(503);
    reopen();
    expect((await plane.send('DELETE', pathOf())).status).toBe(204);
    expect((await plane.send('GET', pathOf())).status).toBe(404);
  });

  test('what the data plane refuses leaves no trace at all', async () => {
    interfere = async () => failed('done', 'invalid_request', 'The value was sealed for another key');
    expect((await put()).status).toBe(400);
    expect(await plane.database.asPlatform((tx) => tx.secret.count({ where: { name } }))).toBe(0);
  });

  test('409 from a data plane whose secrets are mounted, which then gets no command', async () => {
    interfere = async () => failed('done', 'secret_store_read_only', 'Secrets come from mounted files');
    expect((await put()).status).toBe(409);
    commands = [];
    await letSettle();
    await plane.domains.secrets.sweep();
    expect(commands).toEqual([]);
  });
});

test('the last use is recorded by version, never goes back, and is not disturbed by uses of what is not kept', async () => {
  await put();
  await put();
  const at = (minute: number) => Date.UTC(2026, 0, 5, 12, minute);
  const use = (version: number, minute: number, of = name) => ({
    ref: { workspaceId: 'ws_default', serverId, name: of, version },
    at: at(minute),
  });
  await plane.domains.secrets.noteUses([use(1, 1), use(2, 5), use(2 ** 53 - 1, 9), use(1, 1, 'NOT_THERE')]);
  await plane.domains.secrets.noteUses([use(1, 2), use(2, 3)]);
  const { lastUsedAt, versions } = await get();
  const times = versions.map((version: { lastUsedAt: string }) => version.lastUsedAt);
  expect(times).toEqual([at(5), at(2)].map((time) => new Date(time).toISOString()));
  expect(lastUsedAt).toBe(new Date(at(9)).toISOString());
  // A use may be recorded twice while keys are rotated.
  await plane.domains.secrets.noteUses([use(1, 20), use(1, 12), use(1, 11)]);
  expect((await get()).versions[1].lastUsedAt).toBe(new Date(at(20)).toISOString());
});

test('recording uses never makes a change of the same secret fail', async () => {
  await put();
  await put();
  const ref = { workspaceId: 'ws_default', serverId, name };
  const uses = [1, 2].map((version) => ({ ref: { ...ref, version }, at: Date.now() }));
  let noted: Promise<void> | undefined;
  await plane.database.asPlatform(async (tx) => {
    await tx.secret.updateMany({ where: ref, data: { updatedAt: new Date() } });
    noted = plane.domains.secrets.noteUses(uses);
    const waiting = () => plane.tables.query('SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL');
    while ((await waiting()).rowCount === 0) await new Promise(setImmediate);
    await tx.secretVersion.updateMany({ where: ref, data: { retiresAt: null } });
  });
  await noted;
  expect((await get()).versions.every(({ lastUsedAt }: { lastUsedAt: string | null }) => lastUsedAt !== null)).toBe(
    true,
  );
});
