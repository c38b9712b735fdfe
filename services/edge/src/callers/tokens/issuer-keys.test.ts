import { expect, test } from '@jest/globals';
import { type FinalOutcome, failed, type Manifest, type ManifestAuthorization, succeeded } from '@toolplane/contracts';
import { createIssuerKeys } from './issuer-keys.ts';

/* These tests check when a server's own issuer is asked for its keys (T26). */

const authorization: ManifestAuthorization = {
  issuer: 'https://id.test',
  tokens: 'jwt',
  ageSecondsMax: 3600,
  planDigest: 'd',
  deadlineMs: 1000,
};
const manifest = { workspaceId: 'ws', serverId: 'srv_1' } as Manifest;
const minute = 60_000;

function createKeys() {
  const state = { now: 1_000_000, asked: 0, answer: succeeded({ keys: [] }) as FinalOutcome };
  const keys = createIssuerKeys(
    async () => {
      state.asked += 1;
      return state.answer;
    },
    () => state.now,
  );
  const get = () =>
    keys.get(manifest, authorization).then(
      () => 'keys',
      (error: { code: string }) => error.code,
    );
  const getNewer = async () => ((await keys.getNewer(manifest, authorization)) === undefined ? 'none' : 'keys');
  return { state, get, getNewer };
}

test('keys are fetched once in ten minutes, and once for all who need them at the same time', async () => {
  const { state, get } = createKeys();
  expect(await Promise.all([get(), get(), get()])).toEqual(['keys', 'keys', 'keys']);
  state.now += 10 * minute;
  await get();
  expect(state.asked).toBe(1);
  state.now += 1;
  await get();
  expect(state.asked).toBe(2);
});

test('an unknown key causes a new fetch, but at most one every 30 seconds (B031)', async () => {
  const { state, get, getNewer } = createKeys();
  await get();
  expect([await getNewer(), state.asked]).toEqual(['none', 1]);
  state.now += 30_001;
  expect([await getNewer(), state.asked]).toEqual(['keys', 2]);
  expect([await getNewer(), state.asked]).toEqual(['none', 2]);
});

test('keys that cannot be fetched again stay valid for an hour', async () => {
  const { state, get } = createKeys();
  await get();
  state.answer = failed('done', 'upstream_unreachable', 'away');
  state.now += 60 * minute;
  expect(await get()).toBe('keys');
  state.now += minute;
  expect(await get()).toBe('config_unavailable');
  state.answer = succeeded({ keys: [] });
  expect([await get(), state.asked]).toEqual(['config_unavailable', 3]);
  state.now += 30_001;
  expect([await get(), state.asked]).toEqual(['keys', 4]);
});

test('an answer that is not a key set does not replace the keys', async () => {
  const { state, get } = createKeys();
  state.answer = succeeded({ keys: 'a' });
  expect(await get()).toBe('config_unavailable');
});
