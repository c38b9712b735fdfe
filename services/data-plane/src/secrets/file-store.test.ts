import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLogger, SecretValue } from '@toolplane/service-kit';
import { newFolder } from '../../test/new-folder.ts';
import { createFileStore } from './file-store.ts';
import { logFailures } from './log-failures.ts';
import { requireReachable } from './sealing-keys.ts';
import { createSecretCache } from './secret-cache.ts';
import { describeSecretStore } from './secret-store.contract.ts';

const CANARY = 'sk_canary_0123456789';
const key = new SecretValue(randomBytes(32).toString('base64'));
const refOf = (name: string) => ({ workspaceId: 'ws', serverId: 'srv', name });
const secret = { value: new SecretValue(CANARY), hosts: ['api.example.com'], version: 1 };

describeSecretStore('encrypted files', async () => createFileStore({ folder: await newFolder(), key }));

describe('files', () => {
  test('contain no plain value and are readable only for their owner', async () => {
    const folder = await newFolder();
    await (await createFileStore({ folder, key })).put(refOf('KEY'), secret);
    const [name = '', ...others] = await readdir(folder);
    expect(others).toEqual([]);
    expect(await readFile(join(folder, name), 'latin1')).not.toContain(CANARY);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  test('survive the process', async () => {
    const folder = await newFolder();
    await (await createFileStore({ folder, key })).put(refOf('KEY'), secret);
    const found = await (await createFileStore({ folder, key })).get(refOf('KEY'));
    expect(found?.value.reveal()).toBe(CANARY);
  });

  test('are refused if they are moved to another’s place', async () => {
    const folder = await newFolder();
    const store = await createFileStore({ folder, key });
    await store.put(refOf('MINE'), secret);
    const [mine = ''] = await readdir(folder);
    await store.put(refOf('OTHER'), secret);
    const other = (await readdir(folder)).find((name) => name !== mine) ?? '';
    await rename(join(folder, mine), join(folder, other));
    await expect(store.get(refOf('OTHER'))).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  test.each([
    ['changed by one bit', (bytes: Buffer) => bytes.fill((bytes[20] ?? 0) ^ 1, 20, 21)],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['emptied', () => Buffer.alloc(0)],
  ])('are refused when %s', async (_name, change) => {
    const folder = await newFolder();
    const store = await createFileStore({ folder, key });
    await store.put(refOf('KEY'), secret);
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), change(await readFile(join(folder, name))));
    await expect(store.get(refOf('KEY'))).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  test('stay readable while their key is being replaced: the first of several keys seals, all open', async () => {
    const folder = await newFolder();
    await (await createFileStore({ folder, key })).put(refOf('KEY'), secret);
    const next = randomBytes(32).toString('base64');
    const both = await createFileStore({ folder, key: new SecretValue(`${next},${key.reveal()}`) });
    expect((await both.get(refOf('KEY')))?.value.reveal()).toBe(CANARY);
    await both.put(refOf('KEY'), { ...secret, version: 2 });
    const store = await createFileStore({ folder, key: new SecretValue(next) });
    expect(await store.get(refOf('KEY'))).toMatchObject({ version: 2 });
  });

  test('cannot be opened with another key', async () => {
    const folder = await newFolder();
    await (await createFileStore({ folder, key })).put(refOf('KEY'), secret);
    const stranger = new SecretValue(randomBytes(32).toString('base64'));
    const store = await createFileStore({ folder, key: stranger });
    await expect(store.get(refOf('KEY'))).rejects.toMatchObject({ code: 'secret_unavailable' });
  });
});

describe('a folder that vanished is an unreachable store, not one without secrets', () => {
  test.each([
    ['is gone', async (_folder: string) => {}],
    ['is an empty mount point', async (folder: string) => void (await mkdir(folder))],
  ])(
    'it %s: known values are used for an hour, its check fails, and nothing counts as deleted (F6)',
    async (_name, leave) => {
      const folder = join(await newFolder(), 'secrets');
      const store = await createFileStore({ folder, key });
      await store.put(refOf('KEY'), secret);
      let now = 0;
      const cache = createSecretCache({ store, now: () => now });
      expect((await cache.get(refOf('KEY')))?.version).toBe(1);
      await rename(folder, `${folder}-away`);
      await leave(folder);
      cache.expireAll();
      now = 3_599_000;
      expect((await cache.get(refOf('KEY')))?.value.reveal()).toBe(CANARY);
      await expect(cache.get(refOf('NEVER_READ'))).rejects.toMatchObject({ code: 'secret_unavailable' });
      await expect(requireReachable(store)).rejects.toMatchObject({ code: 'secret_unavailable' });
      for (const change of [
        () => store.put(refOf('KEY'), { ...secret, version: 2 }),
        () => store.create(refOf('NEW'), secret),
        () => store.delete(refOf('KEY')),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'secret_unavailable' });
      }
      expect(await readdir(folder).catch(() => [])).toEqual([]);
      now = 7_300_000;
      await expect(cache.get(refOf('KEY'))).rejects.toMatchObject({ code: 'secret_unavailable' });
      await rm(folder, { recursive: true, force: true });
      await rename(`${folder}-away`, folder);
      now += 60_000;
      expect((await cache.get(refOf('KEY')))?.version).toBe(1);
      expect(await store.get(refOf('NEVER_STORED'))).toBeUndefined();
      await expect(requireReachable(store)).resolves.toBeUndefined();
    },
  );

  test('its path and its problem are logged, and callers are told neither (F6)', async () => {
    const folder = await newFolder();
    const lines: string[] = [];
    const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
    const store = logFailures(await createFileStore({ folder, key }), logger);
    await store.put(refOf('KEY'), secret);
    await rm(folder, { recursive: true });
    const reported = { message: 'The secret store cannot be used' };
    await expect(store.get(refOf('KEY'))).rejects.toMatchObject(reported);
    await mkdir(folder);
    await expect(store.put(refOf('KEY'), secret)).rejects.toMatchObject(reported);
    expect(lines.map((line) => JSON.parse(line).err.cause.message)).toEqual([
      `SECRETS_DIR: ${folder} is not a folder`,
      `SECRETS_DIR: ${folder} has become empty`,
    ]);
  });
});

describe('an unusable folder is reported with the setting and the path', () => {
  test('because it is a file, or below one', async () => {
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');
    for (const folder of [file, join(file, 'below')]) {
      const message = `SECRETS_DIR: ${folder} is not a folder`;
      await expect(createFileStore({ folder, key })).rejects.toMatchObject({ code: 'secret_unavailable', message });
    }
  });

  test('because it must exist but does not: then it is not created', async () => {
    const parent = await newFolder();
    const folder = join(parent, 'typo');
    const message = `SECRETS_DIR: ${folder} is not there`;
    await expect(createFileStore({ folder, key, mustExist: true })).rejects.toMatchObject({ message });
    expect(await readdir(parent)).toEqual([]);
  });
});
