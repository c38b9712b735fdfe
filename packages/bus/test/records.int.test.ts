import { describe, expect, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import type { StoredRecord } from '../src/index.ts';
import { hashOfId, keys } from '../src/keys.ts';
import { newKeyText, openEdges } from './test-edge-stores.ts';
import { until } from './until.ts';

const versionOf = (stored: StoredRecord | undefined) => stored?.version ?? '';

describe('a record', () => {
  test('is created once: later callers get the existing one, at every edge', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const id = edges.unique('x'.repeat(1000));
    expect(await one.getRecord('task', id)).toBeUndefined();
    expect(await one.createRecord('task', id, { status: 'grüße' }, 60_000)).toBeUndefined();
    expect(await other.createRecord('task', id, { status: 'second' }, 60_000)).toMatchObject({
      record: { status: 'grüße' },
    });
    expect(await other.getRecord('task', id)).toMatchObject({ record: { status: 'grüße' } });
    expect(await other.getRecord('idempotency', id)).toBeUndefined();
    expect(await edges.redis.pttl(keys.record('task', hashOfId(id)))).toBeGreaterThan(50_000);
  });

  test('created by many at once is created by only one of them', async () => {
    await using edges = openEdges();
    const stores = [await edges.store(), await edges.store()];
    const id = edges.unique('record');
    const created = await Promise.all(
      Array.from({ length: 10 }, (_, n) => stores[n % 2]?.createRecord('idempotency', id, n, 60_000)),
    );
    expect(created.filter((there) => there === undefined)).toHaveLength(1);
    expect(new Set(created.map(versionOf)).size).toBe(2);
  });

  test('replaced by ten at once is replaced by only one of them', async () => {
    await using edges = openEdges();
    const stores = [await edges.store(), await edges.store()];
    const id = edges.unique('record');
    await stores[0]?.createRecord('task', id, 'first', 60_000);
    const version = versionOf(await stores[1]?.getRecord('task', id));
    const replaced = await Promise.all(
      Array.from({ length: 10 }, (_, n) => stores[n % 2]?.replaceRecord('task', id, version, n, 60_000)),
    );
    expect(replaced.filter(Boolean)).toHaveLength(1);
    const after = await stores[0]?.getRecord('task', id);
    expect(after?.record).toBe(replaced.indexOf(true));
    expect(after?.version).not.toBe(version);
  });

  test('is replaced and deleted only in the version that was read, and lives as its last write says', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('record');
    expect(await store.replaceRecord('task', id, 'none', 1, 60_000)).toBe(false);
    await store.createRecord('task', id, 1, 1_000_000);
    const first = versionOf(await store.getRecord('task', id));
    expect(await store.replaceRecord('task', id, first, 2, 60_000)).toBe(true);
    expect(await edges.redis.pttl(keys.record('task', hashOfId(id)))).toBeLessThanOrEqual(60_000);
    for (const version of [first, '', first.slice(0, 4)]) {
      expect(await store.replaceRecord('task', id, version, 3, 60_000)).toBe(false);
      await store.deleteRecord('task', id, version);
    }
    const second = await store.getRecord('task', id);
    expect(second?.record).toBe(2);
    await store.deleteRecord('task', id, versionOf(second));
    expect(await store.getRecord('task', id)).toBeUndefined();
    await store.createRecord('task', id, 4, 60_000);
    await store.deleteRecord('task', id);
    await store.deleteRecord('task', id);
    expect(await store.getRecord('task', id)).toBeUndefined();
  });

  test('reveals neither id nor content in Redis', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const sent = await edges.record();
    const id = edges.unique('canary-id');
    await store.createRecord('task', id, { text: 'canary' }, 60_000);
    await store.replaceRecord('task', id, versionOf(await store.getRecord('task', id)), ['canary'], 60_000);
    await store.useOnce('canary-nonce', 60_000);
    await until(() => sent.some((command) => command.includes('tp:once:')));
    expect(sent.filter((command) => command.includes('canary'))).toEqual([]);
  });

  test.each<[string, (stored: string) => string]>([
    ['moved from another key', (stored) => stored],
    ['under another version', (stored) => `AAAA ${stored.split(' ')[1]}`],
    ['forged', () => 'AAAA k1.AAAA'],
    ['in the clear', () => JSON.stringify({ status: 'completed' })],
    ['empty', () => ''],
  ])('%s is ignored, and does not block a new one', async (_name, forge) => {
    await using edges = openEdges();
    const store = await edges.store();
    const [id, otherId] = [edges.unique('one'), edges.unique('other')];
    await store.createRecord('task', otherId, 'of another', 60_000);
    const stored = (await edges.redis.get(keys.record('task', hashOfId(otherId)))) ?? '';
    await edges.redis.set(keys.record('task', hashOfId(id)), forge(stored));
    expect(await store.getRecord('task', id)).toBeUndefined();
    expect(await store.createRecord('task', id, 'own', 60_000)).toBeUndefined();
    expect(await store.getRecord('task', id)).toMatchObject({ record: 'own' });
  });

  test('cannot be read with other keys', async () => {
    await using edges = openEdges();
    const [store, stranger] = [await edges.store(), await edges.store({ keyText: newKeyText() })];
    const id = edges.unique('record');
    await store.createRecord('task', id, 1, 60_000);
    expect(await stranger.getRecord('task', id)).toBeUndefined();
  });
});

test('a nonce can be used once, whoever asks, until it has expired', async () => {
  await using edges = openEdges();
  const stores = [await edges.store(), await edges.store()];
  const nonce = edges.unique('nonce');
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => stores[n % 2]?.useOnce(nonce, 60_000)));
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await stores[0]?.useOnce(edges.unique('another'), 60_000)).toBe(true);
  expect(await edges.redis.pttl(keys.once(hashOfId(nonce)))).toBeGreaterThan(50_000);
});

test('a released nonce can be used again, but nobody can release what another uses', async () => {
  await using edges = openEdges();
  const [one, other] = [await edges.store(), await edges.store()];
  const nonce = edges.unique('nonce');
  await one.releaseOnce(nonce, 'first');
  expect(await one.useOnce(nonce, 60_000, 'first')).toBe(true);
  await other.releaseOnce(nonce, 'second');
  expect(await other.useOnce(nonce, 60_000, 'second')).toBe(false);
  await other.releaseOnce(nonce, 'first');
  expect(await other.useOnce(nonce, 60_000, 'second')).toBe(true);
});

test('without Redis records and nonces reject with queue_unavailable', async () => {
  await using server = await startTestRedis();
  await using edges = openEdges(server.url);
  const store = await edges.store();
  await server.kill();
  await until(() => !store.isReady());
  const asked = [
    store.createRecord('task', 'a', 1, 1000),
    store.getRecord('task', 'a'),
    store.replaceRecord('task', 'a', 'v', 1, 1000),
    store.deleteRecord('task', 'a'),
    store.useOnce('a', 1000),
    store.releaseOnce('a', 'b'),
  ];
  for (const answer of await Promise.allSettled(asked)) {
    expect(answer).toMatchObject({ status: 'rejected', reason: { name: 'AppError', code: 'queue_unavailable' } });
  }
});

describe('the records of an organization beyond its budget (T39)', () => {
  const text = (bytes: number) => 'x'.repeat(bytes);
  const busy = expect.objectContaining({ code: 'tenant_busy' });

  test('are refused, while small ones and those of others are kept, and fit again when others are deleted', async () => {
    await using edges = openEdges();
    const store = await edges.store({ bytesPerOrganizationMax: 100_000 });
    const account = (name: string, isRefusable = true) => ({ organizationId: edges.unique(name), isRefusable });
    const create = (name: string, bytes: number, organization = 'one') =>
      store.createRecord('idempotency', edges.unique(name), text(bytes), 60_000, account(organization));
    expect(await create('a', 50_000)).toBeUndefined();
    await expect(create('b', 50_000)).rejects.toEqual(busy);
    expect(await create('c', 1000)).toBeUndefined();
    expect(await create('d', 50_000, 'other')).toBeUndefined();
    const there = await store.getRecord('idempotency', edges.unique('a'));
    await store.deleteRecord('idempotency', edges.unique('a'), versionOf(there), account('one'));
    expect(await create('b', 50_000)).toBeUndefined();
  });

  test('fit again when others are deleted without regard to their versions, as refused tasks are', async () => {
    await using edges = openEdges();
    const store = await edges.store({ bytesPerOrganizationMax: 100_000 });
    const account = { organizationId: edges.unique('one'), isRefusable: true };
    for (const id of ['a', 'b', 'c'].map(edges.unique)) {
      expect(await store.createRecord('task', id, text(50_000), 60_000, account)).toBeUndefined();
      await store.deleteRecord('task', id, undefined, account);
    }
  });

  test('may grow only within it, unless they must be kept', async () => {
    await using edges = openEdges();
    const store = await edges.store({ bytesPerOrganizationMax: 100_000 });
    const organizationId = edges.unique('one');
    const id = edges.unique('record');
    await store.createRecord('task', id, 'small', 60_000, { organizationId, isRefusable: true });
    const { version = '' } = (await store.getRecord('task', id)) ?? {};
    const replace = (bytes: number, isRefusable: boolean) =>
      store.replaceRecord('task', id, version, text(bytes), 60_000, { organizationId, isRefusable });
    await expect(replace(90_000, true)).rejects.toEqual(busy);
    expect(await replace(90_000, false)).toBe(true);
  });

  test('leave room again once they have expired, without anything that counts them', async () => {
    await using edges = openEdges();
    const store = await edges.store({ bytesPerOrganizationMax: 100_000 });
    const account = { organizationId: edges.unique('one'), isRefusable: true };
    const ledger = keys.bytes(hashOfId(account.organizationId));
    // Some of these bytes expired long ago or just now, and some have not expired.
    for (const timesAgo of [5000, 3]) {
      const from = Math.floor(Date.now() / 600_000) - timesAgo;
      await edges.redis.hset(ledger, { all: 1_050_000, from, [from]: 1_000_000, [from + timesAgo + 2]: 50_000 });
      const create = () => store.createRecord('task', edges.unique(`${timesAgo}`), text(30_000), 60_000, account);
      expect(await create()).toBeUndefined();
      expect(await edges.redis.hexists(ledger, `${from}`)).toBe(0);
    }
    await expect(store.createRecord('task', edges.unique('b'), text(30_000), 60_000, account)).rejects.toEqual(busy);
  });

  test('are counted for as long as the longest of them is kept', async () => {
    await using edges = openEdges();
    const store = await edges.store({ bytesPerOrganizationMax: 100_000 });
    const account = { organizationId: edges.unique('one'), isRefusable: true };
    const sessionMs = 7 * 24 * 3600 * 1000;
    await store.changeSession(edges.unique('session'), { logLevel: 'info' }, sessionMs, account);
    await store.createRecord('task', edges.unique('a'), 'small', 60_000, account);
    expect(await edges.redis.pttl(keys.bytes(hashOfId(account.organizationId)))).toBeGreaterThan(sessionMs);
  });
});
