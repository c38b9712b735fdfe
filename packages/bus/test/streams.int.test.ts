import { describe, expect, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { STREAM_EVENT_BYTES_MAX } from '../src/index.ts';
import { hashOfId, keys } from '../src/keys.ts';
import { newKeyText, openEdges } from './test-edge-stores.ts';
import { until } from './until.ts';

const event = (message: string, isLast = false) => ({ message, isLast });

describe('the log of a stream', () => {
  test('gives every edge the events after a position, in order', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const id = edges.unique('stream');
    expect(await other.readEvents(id, 0)).toBeUndefined();
    expect(await one.appendEvent(id, event('{"a":"grüße"}'), 60_000)).toBe(1);
    expect(await one.appendEvent(id, event(''), 60_000)).toBe(2);
    expect(await one.appendEvent(id, event('end', true), 60_000)).toBe(3);
    const all = [
      { seq: 1, message: '{"a":"grüße"}', isLast: false },
      { seq: 2, message: '', isLast: false },
      { seq: 3, message: 'end', isLast: true },
    ];
    expect(await other.readEvents(id, 0)).toEqual(all);
    expect(await other.readEvents(id, 2)).toEqual(all.slice(2));
    expect(await other.readEvents(id, 3)).toEqual([]);
    expect(await other.readEvents(id, 99)).toEqual([]);
    expect(await edges.redis.pttl(keys.stream(hashOfId(id)))).toBeGreaterThan(50_000);
  });

  test('keeps the order in which one edge gave its events, and numbers those of several without a gap', async () => {
    await using edges = openEdges();
    const stores = [await edges.store(), await edges.store()];
    const id = edges.unique('stream');
    const seqs = await Promise.all(
      Array.from({ length: 40 }, (_, n) => stores[n % 2]?.appendEvent(id, event(`${n}`), 60_000)),
    );
    expect([...seqs].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    const written = ((await stores[0]?.readEvents(id, 0)) ?? []).map(({ message }) => Number(message));
    for (const parity of [0, 1]) {
      const own = written.filter((n) => n % 2 === parity);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(written).toHaveLength(40);
  });

  test('starts afresh once it has expired', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('stream');
    for (const message of ['a', 'b', 'c']) await store.appendEvent(id, event(message), 30);
    await until(async () => (await store.readEvents(id, 0)) === undefined);
    expect(await store.appendEvent(id, event('again'), 60_000)).toBe(1);
    expect(await store.readEvents(id, 0)).toMatchObject([{ seq: 1, message: 'again' }]);
  });

  test('keeps the last 256 events', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('stream');
    await Promise.all(Array.from({ length: 300 }, (_, n) => store.appendEvent(id, event(`${n + 1}`), 60_000)));
    const kept = (await store.readEvents(id, 0)) ?? [];
    expect([kept.length, kept[0]?.seq, kept.at(-1)?.seq]).toEqual([256, 45, 300]);
    expect(await edges.redis.hlen(keys.stream(hashOfId(id)))).toBe(256 + 3);
  });

  test('keeps the last MiB of events, and the last event even if it alone is larger when sealed', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('stream');
    const large = 'x'.repeat(300_000);
    for (let n = 0; n < 5; n++) await store.appendEvent(id, event(large), 60_000);
    expect((await store.readEvents(id, 0))?.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(Number(await edges.redis.hget(keys.stream(hashOfId(id)), 'bytes'))).toBeLessThanOrEqual(1 << 20);
    await store.appendEvent(id, event('x'.repeat(STREAM_EVENT_BYTES_MAX), true), 60_000);
    expect((await store.readEvents(id, 0))?.map(({ seq, isLast }) => [seq, isLast])).toEqual([[6, true]]);
  });

  test('refuses an event of more than a MiB, and continues after it', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('stream');
    // Each character has two bytes.
    const tooLarge = event('ü'.repeat(STREAM_EVENT_BYTES_MAX / 2 + 1));
    await expect(store.appendEvent(id, tooLarge, 60_000)).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(await store.appendEvent(id, event('next'), 60_000)).toBe(1);
    expect((await store.readEvents(id, 0))?.map(({ message }) => message)).toEqual(['next']);
  });

  test('is sealed event by event: any that was changed, moved or sealed with other keys is left out', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const sent = await edges.record();
    const [id, otherId] = [edges.unique('canary-a'), edges.unique('canary-b')];
    for (const message of ['canary-1', 'canary-2', 'canary-3', 'canary-4']) {
      await store.appendEvent(id, event(message), 60_000);
      await store.appendEvent(otherId, event(message), 60_000);
    }
    const [key, otherKey] = [keys.stream(hashOfId(id)), keys.stream(hashOfId(otherId))];
    const [first, second] = await edges.redis.hmget(key, '1', '2');
    await edges.redis.hset(key, { 1: second ?? '', 2: first ?? '', 3: (await edges.redis.hget(otherKey, '3')) ?? '' });
    expect((await store.readEvents(id, 0))?.map(({ seq }) => seq)).toEqual([4]);
    const stranger = await edges.store({ keyText: newKeyText() });
    expect(await stranger.readEvents(id, 0)).toEqual([]);
    expect(sent.filter((command) => command.includes('canary'))).toEqual([]);
  });
});

describe('a follower of a stream', () => {
  test('is called when the stream grows, at whichever edge, until it stops following', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const [id, otherId] = [edges.unique('stream'), edges.unique('another')];
    let calls = 0;
    const stop = await other.followStream(id, () => {
      calls += 1;
    });
    await one.appendEvent(otherId, event('elsewhere'), 60_000);
    await one.appendEvent(id, event('a'), 60_000);
    await until(() => calls === 1);
    await other.appendEvent(id, event('b'), 60_000);
    await until(() => calls === 2);
    stop();
    await one.appendEvent(id, event('c'), 60_000);
    const received = new Promise<void>(
      (resolve) => void other.listen(otherId, () => resolve()).then(() => one.deliver(otherId, 'x')),
    );
    await received;
    expect(calls).toBe(2);
  });

  test('is called after a lost connection, because the stream may have grown meanwhile', async () => {
    await using server = await startTestRedis();
    await using edges = openEdges(server.url);
    const store = await edges.store();
    let calls = 0;
    await store.followStream('a', () => {
      calls += 1;
    });
    await edges.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => calls === 1);
  });
});

test('without Redis writing and reading reject with queue_unavailable, and the next event is written in order', async () => {
  await using server = await startTestRedis({ appends: true });
  await using edges = openEdges(server.url);
  const store = await edges.store();
  await store.appendEvent('a', event('1'), 60_000);
  await server.kill();
  await until(() => !store.isReady());
  await expect(store.appendEvent('a', event('lost'), 60_000)).rejects.toMatchObject({ code: 'queue_unavailable' });
  await expect(store.readEvents('a', 0)).rejects.toMatchObject({ code: 'queue_unavailable' });
  await server.start();
  await until(() => store.isReady(), 3000);
  expect(await store.appendEvent('a', event('2'), 60_000)).toBe(2);
  expect((await store.readEvents('a', 0))?.map(({ message }) => message)).toEqual(['1', '2']);
});
