import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { generateSealingKeyPair, sealSecret } from '@toolplane/sealing';
import { newFolder } from '../../test/new-folder.ts';
import { startCommands } from '../../test/start-commands.ts';
import { parseCredential } from './credential.ts';
import { createMountedStore } from './mounted-store.ts';
import { createSecretCache } from './secret-cache.ts';
import { describeReadOnlySecretStore } from './secret-store.contract.ts';

const CANARY = 'sk_canary_0123456789';
const ref = { workspaceId: 'ws_1', serverId: 'srv-1', name: 'KEY' };
const FILE = 'ws_1.srv-1.KEY';
const hosts = ['api.example.com'];

let folder: string;
beforeEach(async () => {
  folder = await newFolder();
});

const secretOf = (value: string) => JSON.stringify({ value, hosts });

/**
 * Mounts files like the kubelet: a separate folder for each state, and a link to the current one that is swapped
 * atomically.
 */
async function mount(files: Record<string, string>): Promise<void> {
  const state = await mkdtemp(join(folder, '..state_'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(state, name), text);
    await symlink(join('..data', name), join(folder, name)).catch(() => {});
  }
  await symlink(state, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}

describeReadOnlySecretStore('mounted files', async () => {
  const shared = await newFolder();
  return {
    store: await createMountedStore({ folder: shared }),
    async seed({ workspaceId, serverId, name, version }, { value, hosts, version: number }) {
      const text = JSON.stringify({ value: value.reveal(), hosts, version: number });
      await writeFile(join(shared, [workspaceId, serverId, name, version ?? []].flat().join('.')), text);
    },
  };
});

describe('an update of the mount', () => {
  test('is seen by the next read', async () => {
    await mount({ [FILE]: secretOf('first') });
    const store = await createMountedStore({ folder });
    expect((await store.get(ref))?.value.reveal()).toBe('first');
    await mount({ [FILE]: secretOf('second') });
    expect((await store.get(ref))?.value.reveal()).toBe('second');
  });

  test('is seen by calls once the value that they read is five minutes old', async () => {
    let nowMs = 0;
    await mount({ [FILE]: secretOf('first') });
    const cache = createSecretCache({
      store: await createMountedStore({ folder }),
      now: () => nowMs,
      random: () => 0.5,
    });
    const value = async () => (await cache.get(ref))?.value.reveal();
    expect(await value()).toBe('first');
    await mount({ [FILE]: secretOf('second') });
    expect(await value()).toBe('first');
    nowMs = 5 * 60_000;
    expect(await value()).toBe('second');
  });

  test('that removes a file removes the secret', async () => {
    await mount({ [FILE]: secretOf('first') });
    const store = await createMountedStore({ folder });
    await mount({});
    expect(await store.get(ref)).toBeUndefined();
  });
});

test('credentials of a connector are an object instead of the value', async () => {
  const value = { authentication: 'key', fields: { api_key: CANARY } };
  await mount({ 'ws_1.coi_1.credential_workspace': JSON.stringify({ value, hosts }) });
  const store = await createMountedStore({ folder });
  const secret = await store.get({ workspaceId: 'ws_1', serverId: 'coi_1', name: 'credential_workspace' });
  expect(secret && parseCredential(secret).fields.get('api_key')?.reveal()).toBe(CANARY);
});

describe('an invalid file gives secret_unavailable, and nothing in it is revealed', () => {
  test.each([
    ['not JSON', CANARY],
    ['empty', ''],
    ['no hosts', JSON.stringify({ value: CANARY })],
    ['an empty list of hosts', JSON.stringify({ value: CANARY, hosts: [] })],
    ['a URL instead of a host', JSON.stringify({ value: CANARY, hosts: ['https://api.example.com'] })],
    ['an empty value', JSON.stringify({ value: '', hosts })],
    ['an unknown member', JSON.stringify({ value: 'x', hosts, [CANARY]: CANARY })],
    ['too large (B123)', JSON.stringify({ value: CANARY.repeat(4000), hosts })],
  ])('%s', async (_name, text) => {
    await mount({ [FILE]: text });
    const failure = await (await createMountedStore({ folder })).get(ref).catch((error) => error);
    expect(failure).toMatchObject({ code: 'secret_unavailable', message: 'The file of a secret cannot be read' });
    expect(inspect(failure, { depth: 9 })).toContain(FILE);
    expect(inspect(failure, { depth: 9 })).not.toContain('sk_canary');
  });

  test('a folder instead of a file', async () => {
    await mkdir(join(folder, FILE));
    const store = await createMountedStore({ folder });
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
  });
});

describe('a missing mount', () => {
  test('fails the start, naming the setting and the path', async () => {
    const none = join(folder, 'none');
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const [path, problem] of [
      [none, 'is not there'],
      [file, 'is not a folder'],
      [join(file, 'below'), 'is not a folder'],
    ] as const) {
      const message = `SECRETS_DIR: ${path} ${problem}`;
      await expect(createMountedStore({ folder: path })).rejects.toMatchObject({ code: 'secret_unavailable', message });
    }
  });

  test('after the start makes secrets unavailable, not missing', async () => {
    const store = await createMountedStore({ folder });
    await rm(folder, { recursive: true });
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
  });
});

test('commands that write report a read-only store, and the data plane starts without sealing keys', async () => {
  const { send, internalErrors } = startCommands(await createMountedStore({ folder }));
  const sealed = await sealSecret(
    { key: (await generateSealingKeyPair()).publicKey, audience: 'ws/srv/KEY' },
    { value: CANARY, hosts },
  );
  const secret = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
  const asked = [
    { command: 'get_sealing_key' },
    { command: 'store_secret', ref: secret, sealed, version: 1, isUsed: true, overlapMs: 0 },
    { command: 'delete_secret', ref: secret },
  ];
  for (const command of asked) {
    expect(await send(command)).toMatchObject({ ok: false, error: { code: 'secret_store_read_only' } });
  }
  expect(internalErrors).toEqual([]);
});
