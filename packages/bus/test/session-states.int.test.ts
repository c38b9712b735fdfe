import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createTestRedis, startTestRedis } from '@toolplane/loopback/test-redis';
import { hashOfId, keys } from '../src/keys.ts';
import { newKeyText, openEdges } from './test-edge-stores.ts';
import { until } from './until.ts';

const unchanged = { isEnded: false, subscriptions: [] };

describe('a session', () => {
  test('that was never changed has its default state, no key in Redis, and is in memory from then on', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('session');
    expect(store.peekSession(id)).toBeUndefined();
    expect(await store.getSession(id)).toEqual(unchanged);
    expect(store.peekSession(id)).toEqual(unchanged);
    expect(await edges.redis.exists(keys.session(hashOfId(id)))).toBe(0);
  });

  test('that is changed at one edge is changed at the others at once, although they had a copy', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const id = edges.unique('session');
    expect(await other.getSession(id)).toEqual(unchanged);
    await one.changeSession(id, { logLevel: 'warning', protocolVersion: '2024-11-05', abilities: ['roots'] }, 60_000);
    await one.changeSession(id, { subscribe: 'file:///a' }, 60_000);
    await one.changeSession(id, { subscribe: 'file:///b' }, 60_000);
    await one.changeSession(id, { unsubscribe: 'file:///a' }, 60_000);
    const expected = {
      isEnded: false,
      logLevel: 'warning',
      protocolVersion: '2024-11-05',
      abilities: ['roots'],
      subscriptions: ['file:///b'],
    };
    expect(other.peekSession(id)).toBeUndefined();
    expect([await one.getSession(id), await other.getSession(id)]).toEqual([expected, expected]);
  });

  test('that one edge changed is changed at the others by the time the change is answered', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    for (let round = 0; round < 50; round += 1) {
      const id = edges.unique(`session-${round}`);
      await other.getSession(id);
      await one.changeSession(id, { isEnded: true }, 60_000);
      // A request reaches the other edge in a later turn of its event loop, which then reads what Redis has written by
      // now.
      await setImmediate();
      expect(other.peekSession(id)).toBeUndefined();
    }
  });

  test('that many change at once keeps every change', async () => {
    await using edges = openEdges();
    const stores = [await edges.store(), await edges.store()];
    const id = edges.unique('session');
    const uris = Array.from({ length: 12 }, (_, n) => `file:///${n}`);
    await Promise.all(uris.map((subscribe, n) => stores[n % 2]?.changeSession(id, { subscribe }, 60_000)));
    const state = await stores[0]?.getSession(id);
    expect([...(state?.subscriptions ?? [])].sort()).toEqual(uris.sort());
  });

  test('that ended stays ended: no later change and no loss in Redis brings it back', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const id = edges.unique('session');
    await one.changeSession(id, { subscribe: 'file:///a' }, 60_000);
    await one.changeSession(id, { isEnded: true }, 60_000);
    await one.changeSession(id, { subscribe: 'file:///b' }, 60_000);
    expect(await other.getSession(id)).toEqual({ isEnded: true, subscriptions: [] });
    await edges.redis.del(keys.session(hashOfId(id)));
    expect(await other.getSession(id)).toMatchObject({ isEnded: true });
  });

  test('is kept for as long as requested, and a later change never shortens that', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('session');
    await store.changeSession(id, { isEnded: true }, 60_000);
    await store.changeSession(id, { subscribe: 'file:///a' }, 1000);
    expect(await edges.redis.pttl(keys.session(hashOfId(id)))).toBeGreaterThan(50_000);
  });

  test('has at most 100 subscriptions; the same one twice counts once', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('session');
    for (let n = 0; n < 100; n++) await store.changeSession(id, { subscribe: `file:///${n}` }, 60_000);
    await store.changeSession(id, { subscribe: 'file:///0' }, 60_000);
    await expect(store.changeSession(id, { subscribe: 'file:///100' }, 60_000)).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect((await store.getSession(id)).subscriptions).toHaveLength(100);
  });

  test('subscribes to no URI of more than 2,048 characters', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('session');
    const longest = 'x'.repeat(2048);
    await store.changeSession(id, { subscribe: longest }, 60_000);
    await expect(store.changeSession(id, { subscribe: `${longest}x` }, 60_000)).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect((await store.getSession(id)).subscriptions).toEqual([longest]);
  });
});

describe('in Redis a session', () => {
  test('reveals neither id nor state', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const sent = await edges.record();
    const id = edges.unique('canary-id');
    await store.changeSession(id, { subscribe: 'canary-uri', abilities: ['canary-ability'] }, 60_000);
    await store.getSession(id);
    await until(() => sent.some((command) => command.includes(keys.session(hashOfId(id)))));
    expect(sent.filter((command) => command.includes('canary'))).toEqual([]);
    expect(await edges.redis.get(keys.session(hashOfId(id)))).toMatch(/^k1\.[A-Za-z0-9_-]+$/);
  });

  test('is valid only for its own id and with its own keys; otherwise it counts as unchanged', async () => {
    await using edges = openEdges();
    const [store, fresh] = [await edges.store(), await edges.store()];
    const stranger = await edges.store({ keyText: newKeyText() });
    const [id, otherId] = [edges.unique('one'), edges.unique('other')];
    await store.changeSession(id, { isEnded: true }, 60_000);
    await edges.redis.copy(keys.session(hashOfId(id)), keys.session(hashOfId(otherId)));
    expect(await fresh.getSession(otherId)).toEqual(unchanged);
    expect(await stranger.getSession(id)).toEqual(unchanged);
    // An unreadable state does not block a change.
    await fresh.changeSession(otherId, { logLevel: 'error' }, 60_000);
    expect(await fresh.getSession(otherId)).toMatchObject({ isEnded: false, logLevel: 'error' });
  });
});

describe('while Redis is away', () => {
  test('a session is what was last known, otherwise unchanged, and changing it is refused', async () => {
    await using server = await startTestRedis();
    await using edges = openEdges(server.url);
    const store = await edges.store();
    await store.changeSession('known', { logLevel: 'debug' }, 60_000);
    await server.kill();
    await until(() => !store.isReady());
    expect(await store.getSession('known')).toMatchObject({ logLevel: 'debug' });
    expect(await store.getSession('unknown')).toEqual(unchanged);
    await expect(store.changeSession('known', { isEnded: true }, 60_000)).rejects.toMatchObject({
      code: 'queue_unavailable',
    });
  });

  test('a store opens, and works as soon as Redis is available', async () => {
    await using server = await createTestRedis();
    await using edges = openEdges(server.url);
    const store = await edges.store();
    expect(store.isReady()).toBe(false);
    expect(await store.getSession('a')).toEqual(unchanged);
    await server.start();
    await until(() => store.isReady(), 3000);
    await store.changeSession('a', { logLevel: 'error' }, 60_000);
    expect(await store.getSession('a')).toMatchObject({ logLevel: 'error' });
  });

  test('a frozen Redis is waited for 2 s at most', async () => {
    await using server = await startTestRedis();
    await using edges = openEdges(server.url);
    const store = await edges.store();
    server.freeze();
    const askedAt = Date.now();
    await Promise.all([
      expect(store.getSession('a')).resolves.toEqual(unchanged),
      expect(store.changeSession('a', { isEnded: true }, 1000)).rejects.toMatchObject({ code: 'queue_unavailable' }),
    ]);
    expect(Date.now() - askedAt).toBeLessThan(2500);
    server.thaw();
  });

  test('changes that an edge missed are found as soon as it reconnects', async () => {
    await using server = await startTestRedis();
    await using edges = openEdges(server.url);
    const [one, other] = [await edges.store(), await edges.store()];
    const hash = hashOfId('a');
    expect(await other.getSession('a')).toEqual(unchanged);
    // The state is changed without an announcement, as for an edge that is not subscribed.
    await one.changeSession('b', { isEnded: true }, 60_000);
    await one.changeSession('a', { logLevel: 'info' }, 60_000);
    const changed = (await edges.redis.get(keys.session(hash))) ?? '';
    await edges.redis.del(keys.session(hash));
    await until(() => other.peekSession('a') === undefined);
    expect(await other.getSession('a')).toEqual(unchanged);
    await edges.redis.set(keys.session(hash), changed);
    expect(other.peekSession('a')).toEqual(unchanged);
    await edges.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => other.peekSession('a') === undefined);
    expect(await other.getSession('a')).toMatchObject({ logLevel: 'info' });
  });
});
