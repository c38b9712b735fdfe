import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, type JsonObject, type SealingKey } from '@toolplane/contracts';
import { generateSealingKeyPair, openSecret, sealSecret } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { createSealingKeys, type GetSealingKeys, loadSealingKeys, rotateSealingKeys } from './sealing-keys.ts';
import type { SecretStore } from './secret-store.ts';

const DAY_MS = 86_400_000;
const secret = { value: 'canary-value', hosts: ['api.example.com'] };

let nowMs: number;
let reads: number;
let isAway: boolean;
let store: SecretStore;
let getSealingKeys: GetSealingKeys;
const now = () => nowMs;

beforeEach(() => {
  nowMs = 1_790_000_000_000;
  reads = 0;
  isAway = false;
  const memory = createMemoryStore();
  store = {
    ...memory,
    async get(ref) {
      reads += 1;
      if (isAway) throw new AppError('secret_unavailable', 'away');
      return memory.get(ref);
    },
  };
  getSealingKeys = createSealingKeys(store, now);
});

const seal = (key: SealingKey) => sealSecret({ key, audience: 'ws/srv/KEY' }, secret);
const kidsOf = ({ privateJwks }: { privateJwks: readonly JsonObject[] }) => privateJwks.map(({ kid }) => kid);

describe('after a rotation', () => {
  test('what was sealed before can be opened for thirty days, and no longer', async () => {
    const before = await getSealingKeys();
    const sealed = await seal(before.publicKey);
    const { kid, kept } = await rotateSealingKeys(store, { now });
    expect(kept).toEqual([{ kid: before.publicKey.kid, until: nowMs + 30 * DAY_MS }]);
    const { publicKey, privateJwks } = await loadSealingKeys(store, now);
    expect(publicKey.kid).toBe(kid);
    expect(await openSecret(privateJwks, sealed)).toEqual(secret);
    expect(await openSecret(privateJwks, await seal(publicKey))).toEqual(secret);
    nowMs += 30 * DAY_MS;
    expect(kidsOf(await loadSealingKeys(store, now))).toEqual([kid]);
  });

  test('a running data plane gives out the new key within five minutes', async () => {
    const { publicKey } = await getSealingKeys();
    const { kid } = await rotateSealingKeys(store, { now });
    nowMs += 5 * 60_000 - 1;
    expect((await getSealingKeys()).publicKey).toEqual(publicKey);
    nowMs += 1;
    expect((await getSealingKeys()).publicKey.kid).toBe(kid);
  });

  test('a running data plane can open at once what was sealed for the new key', async () => {
    const before = await getSealingKeys();
    const { kid } = await rotateSealingKeys(store, { now });
    nowMs += 1000;
    expect(kidsOf(await getSealingKeys(kid))).toEqual([kid, before.publicKey.kid]);
  });

  test('what was sealed for a stolen key can no longer be opened', async () => {
    const sealed = await seal((await getSealingKeys()).publicKey);
    await rotateSealingKeys(store, { now });
    expect(await rotateSealingKeys(store, { now, isStolen: true })).toMatchObject({ kept: [] });
    const { privateJwks } = await loadSealingKeys(store, now);
    await expect(openSecret(privateJwks, sealed)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('a record of the previous release can be read, and that release can read new ones', async () => {
    const { publicKey, privateJwk } = await generateSealingKeyPair();
    const ref = { workspaceId: 'platform', serverId: 'data-plane', name: '_sealing_key' };
    const value = new SecretValue(JSON.stringify({ publicKey, privateJwk }));
    await store.put(ref, { value, hosts: [], version: 1 });
    expect(await loadSealingKeys(store, now)).toEqual({ publicKey, privateJwks: [privateJwk] });
    await rotateSealingKeys(store, { now });
    const stored = JSON.parse((await store.get(ref))?.value.reveal() ?? '');
    expect(stored).toMatchObject({ publicKey: expect.any(Object), privateJwk: expect.any(Object) });
  });
});

test('unknown keys cause at most one read of the store a second', async () => {
  await getSealingKeys();
  await Promise.all(Array.from({ length: 20 }, () => getSealingKeys('unknown')));
  expect(reads).toBe(1);
  nowMs += 1000;
  await Promise.all(Array.from({ length: 20 }, () => getSealingKeys('unknown')));
  expect(reads).toBe(2);
});

test('while the store is unavailable, known keys stay in use; an unknown one is unavailable, not refused', async () => {
  const known = await getSealingKeys();
  isAway = true;
  nowMs += 5 * 60_000;
  expect(await getSealingKeys()).toBe(known);
  await expect(getSealingKeys('unknown')).rejects.toMatchObject({ code: 'secret_unavailable' });
});

test('without a key, as in a store that is not the data plane’s, rotation fails and creates none', async () => {
  await expect(rotateSealingKeys(store, { now })).rejects.toMatchObject({ code: 'secret_missing' });
  await expect(rotateSealingKeys(store, { now, isStolen: true })).rejects.toMatchObject({ code: 'secret_missing' });
  await expect(rotateSealingKeys(store, { now })).rejects.toMatchObject({ code: 'secret_missing' });
});

test.each([
  ['is not JSON', '{"publicKey":{},"privateJwk":{"d":canary-key'],
  ['is not ours', '{"publicKey":{},"privateJwk":"canary-key"}'],
])('a record that %s is unavailable, and nothing in it is revealed (T10)', async (_name, text) => {
  const ref = { workspaceId: 'platform', serverId: 'data-plane', name: '_sealing_key' };
  await store.put(ref, { value: new SecretValue(text), hosts: [], version: 1 });
  for (const use of [loadSealingKeys, rotateSealingKeys]) {
    const failure = await use(store).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'secret_unavailable' });
    expect(inspect(failure, { depth: 9 })).not.toContain('canary');
  }
});
