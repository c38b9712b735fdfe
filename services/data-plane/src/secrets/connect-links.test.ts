import { expect, test } from '@jest/globals';
import { createMemoryStore } from '../../test/memory-store.ts';
import { createConnectLinks } from './connect-links.ts';
import { createSealingKeys, rotateSealingKeys } from './sealing-keys.ts';

const wanted = {
  ref: { ownerId: 'ws', instanceId: 'coi_1', scope: 'user', subject: 'ann' },
  authenticationId: 'main',
} as const;

test('a link is valid for 15 minutes', async () => {
  let nowMs = 1000;
  const now = () => nowMs;
  const links = createConnectLinks({ getSealingKeys: createSealingKeys(createMemoryStore(), now), now });
  const { token, expiresAt } = await links.seal('ws', wanted);
  expect(expiresAt).toBe(1000 + 900_000);
  nowMs = expiresAt - 1;
  expect(await links.open('ws', token)).toMatchObject(wanted);
  nowMs = expiresAt;
  await expect(links.open('ws', token)).rejects.toMatchObject({ code: 'not_found' });
});

test('any data plane opens what another has sealed, even after the sealing key was replaced', async () => {
  const store = createMemoryStore();
  const create = () => createConnectLinks({ getSealingKeys: createSealingKeys(store) });
  const { token } = await create().seal('ws', wanted);
  await rotateSealingKeys(store);
  expect(await create().open('ws', token)).toMatchObject(wanted);
});

test('no two links are the same, so that each can be used up separately', async () => {
  const links = createConnectLinks({ getSealingKeys: createSealingKeys(createMemoryStore()) });
  const ids = await Promise.all(
    [1, 2].map(async () => (await links.open('ws', (await links.seal('ws', wanted)).token)).id),
  );
  expect(new Set(ids).size).toBe(2);
});
