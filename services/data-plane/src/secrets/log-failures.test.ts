import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, type SecretRef } from '@toolplane/contracts';
import { createLogger, type Logger, SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { newFolder } from '../../test/new-folder.ts';
import { logFailures } from './log-failures.ts';
import { createMountedStore } from './mounted-store.ts';
import type { SecretStore } from './secret-store.ts';

const CANARY = 'sk_canary_0123456789';
const refOf = (name: string) => ({ workspaceId: 'ws', serverId: 'srv', name });
const secret = { value: new SecretValue(CANARY), hosts: ['api.example.com'], version: 1 };

let lines: string[];
let logger: Logger;
beforeEach(() => {
  lines = [];
  logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
});

/** Returns the level and the text of each log line. */
const logged = () => lines.map((line) => JSON.parse(line)).map(({ level, msg }) => `${level}: ${msg}`);
const FAILS = 'error: the secret store is failing';
const WORKS = 'info: the secret store works again';
const tried = (use: Promise<unknown>) => use.catch((error: unknown) => error);

test('a broken mounted file is logged by name once, and once when it works again; never its content (T10)', async () => {
  const folder = await newFolder();
  const store = logFailures(await createMountedStore({ folder }), logger);
  const broken = join(folder, 'ws.srv.KEY');
  await writeFile(broken, `{"value": "${CANARY}"`);
  for (const _time of [1, 2, 3])
    expect(await tried(store.get(refOf('KEY')))).toMatchObject({ code: 'secret_unavailable' });
  expect(logged()).toEqual([FAILS]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    use: 'read ws/srv/KEY',
    err: { code: 'secret_unavailable', cause: { message: 'ws.srv.KEY: is not JSON' } },
  });
  await tried(store.get(refOf('ABSENT')));
  expect(logged()).toEqual([FAILS]);
  await writeFile(broken, JSON.stringify({ value: CANARY, hosts: [] }));
  await tried(store.get(refOf('KEY')));
  expect(logged()).toEqual([FAILS, FAILS]);
  await writeFile(broken, JSON.stringify({ value: CANARY, hosts: ['api.example.com'] }));
  for (const _time of [1, 2]) await store.get(refOf('KEY'));
  expect(logged()).toEqual([FAILS, FAILS, WORKS, WORKS]);
  await rm(folder, { recursive: true });
  await tried(store.get(refOf('KEY')));
  expect(logged()).toHaveLength(5);
  expect(lines.join()).not.toContain('canary');
});

describe('an unavailable store', () => {
  let isAway: boolean;
  let store: SecretStore;
  beforeEach(() => {
    isAway = true;
    const memory = createMemoryStore();
    const away = () => new AppError('secret_unavailable', 'away', { cause: new Error(CANARY) });
    const get = async (ref: SecretRef) => {
      if (isAway) throw away();
      return memory.get(ref);
    };
    const put: SecretStore['put'] = async (ref, value) => {
      if (isAway) throw away();
      await memory.put(ref, value);
    };
    const getMany = (refs: readonly SecretRef[]) => Promise.allSettled(refs.map(get));
    store = logFailures({ ...memory, get, put, getMany }, logger);
  });

  test('is logged once for all its failures, and once when it is back', async () => {
    await tried(store.get(refOf('A')));
    await store.getMany?.([refOf('B'), refOf('C')]);
    await tried(store.put(refOf('D'), secret));
    await tried(store.get(refOf('A')));
    expect(logged()).toEqual([FAILS]);
    isAway = false;
    await store.put(refOf('D'), secret);
    await store.getMany?.([refOf('B'), refOf('A')]);
    expect(logged()).toEqual([FAILS, WORKS]);
    expect(lines.join()).not.toContain('canary');
  });

  test('behaves the same without the log', async () => {
    isAway = false;
    await store.put(refOf('A'), secret);
    expect(await store.get(refOf('A'))).toMatchObject({ version: 1 });
    expect(await store.getMany?.([refOf('A'), refOf('B')])).toMatchObject([{ value: { version: 1 } }, {}]);
    expect([await store.create(refOf('A'), secret), await store.create(refOf('B'), secret)]).toEqual([false, true]);
    await store.delete(refOf('A'));
    expect(await store.get(refOf('A'))).toBeUndefined();
    expect(logged()).toEqual([]);
  });
});

test('a refusal by a store does not count as its failure', async () => {
  const folder = await newFolder();
  const store = logFailures(await createMountedStore({ folder }), logger);
  expect(await tried(store.put(refOf('KEY'), secret))).toMatchObject({ code: 'secret_store_read_only' });
  expect(logged()).toEqual([]);
});
