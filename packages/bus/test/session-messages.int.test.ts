import { describe, expect, test } from '@jest/globals';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import type { SessionEvent } from '../src/index.ts';
import { channels, hashOfId } from '../src/keys.ts';
import { newKeyText, openEdges } from './test-edge-stores.ts';
import { until } from './until.ts';

const cancelled = (sessionId: string, requestId: string | number): SessionEvent => ({
  kind: 'cancelled',
  sessionId,
  requestId,
});

describe('a broadcast', () => {
  test('reaches every edge once, including the sender', async () => {
    await using edges = openEdges();
    const stores = [await edges.store(), await edges.store(), await edges.store()];
    const id = edges.unique('session');
    const received = stores.map((store) => {
      const events: SessionEvent[] = [];
      store.onBroadcast((event) => void (event.sessionId === id && events.push(event)));
      return events;
    });
    const message = { jsonrpc: '2.0', id: 'r1', result: { action: 'accept', content: { name: 'grüße' } } };
    const sent: SessionEvent[] = [{ kind: 'response', sessionId: id, id: 'r1', message }, cancelled(id, 7)];
    for (const event of sent) await stores[0]?.broadcast(event);
    await until(() => received.every((events) => events.length === 2));
    await stores[1]?.broadcast(cancelled(id, 'last'));
    await until(() => received.every((events) => events.length === 3));
    expect(received).toEqual(Array(3).fill([...sent, cancelled(id, 'last')]));
  });

  test('reveals nothing in Redis', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const sent = await edges.record();
    await store.broadcast({ kind: 'response', sessionId: 'canary-id', id: 'canary-r', message: { text: 'canary' } });
    await until(() => sent.some((command) => command.includes(channels.sessionEvents)));
    expect(sent.filter((command) => command.includes('canary'))).toEqual([]);
  });

  test('that no edge sent, or that was changed, is ignored', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const stranger = await edges.store({ keyText: newKeyText() });
    const received: SessionEvent[] = [];
    other.onBroadcast((event) => received.push(event));
    const intercepted: string[] = [];
    const listener = edges.redis.duplicate();
    listener.on('message', (_channel, message: string) => intercepted.push(message));
    await listener.subscribe(channels.sessionEvents);
    const id = edges.unique('session');
    await one.broadcast(cancelled(id, 1));
    await until(() => intercepted.length > 0 && received.length === 1);
    const [edgeId = '', sealed = ''] = intercepted[0]?.split(' ') ?? [];
    const forgeries = [`${edgeId} k1.AAAA`, `other ${sealed}`, sealed, edgeId, '', JSON.stringify(cancelled(id, 2))];
    for (const forgery of forgeries) await edges.redis.publish(channels.sessionEvents, forgery);
    await stranger.broadcast(cancelled(id, 3));
    await one.broadcast(cancelled(id, 4));
    await until(() => received.length > 1);
    expect(received).toEqual([cancelled(id, 1), cancelled(id, 4)]);
    listener.disconnect();
  });
});

describe('a message for a session', () => {
  test('reaches the edges that listen for it, and reports how many there are', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const id = edges.unique('session');
    expect(await one.deliver(id, 'lost')).toBe(0);
    const [received, elsewhere]: [string[], string[]] = [[], []];
    const stop = await other.listen(id, (message) => received.push(message));
    await other.listen(edges.unique('another'), (message) => elsewhere.push(message));
    expect(await one.deliver(id, 'first')).toBe(1);
    const stopHere = await one.listen(id, (message) => received.push(message));
    expect(await one.deliver(id, 'both')).toBe(2);
    await until(() => received.length === 3);
    stop();
    stop();
    stopHere();
    await until(async () => (await one.deliver(id, 'lost')) === 0);
    expect([received, elsewhere]).toEqual([['first', 'both', 'both'], []]);
  });

  test('reaches every listener of one edge, until each has stopped', async () => {
    await using edges = openEdges();
    const store = await edges.store();
    const id = edges.unique('session');
    const [first, second]: [string[], string[]] = [[], []];
    const stopFirst = await store.listen(id, (message) => first.push(message));
    await store.listen(id, (message) => second.push(message));
    await store.deliver(id, 'a');
    await until(() => first.length + second.length === 2);
    stopFirst();
    expect(await store.deliver(id, 'b')).toBe(1);
    await until(() => second.length === 2);
    expect([first, second]).toEqual([['a'], ['a', 'b']]);
  });

  test('is sealed for its session: nothing forged, moved or sealed with other keys is delivered', async () => {
    await using edges = openEdges();
    const [one, other] = [await edges.store(), await edges.store()];
    const stranger = await edges.store({ keyText: newKeyText() });
    const sent = await edges.record();
    const [id, otherId] = [edges.unique('canary-a'), edges.unique('canary-b')];
    const received: string[] = [];
    await other.listen(id, (message) => received.push(message));
    await one.deliver(otherId, 'canary for b');
    const [channel, channelOfOther] = [channels.deliveries(hashOfId(id)), channels.deliveries(hashOfId(otherId))];
    const prefix = `publish ${channelOfOther} `;
    await until(() => sent.some((command) => command.startsWith(prefix)));
    const moved = sent.find((command) => command.startsWith(prefix))?.slice(prefix.length) ?? '';
    for (const forgery of [moved, 'plain', '']) await edges.redis.publish(channel, forgery);
    await stranger.deliver(id, 'from a stranger');
    await one.deliver(id, 'genuine');
    await until(() => received.length > 0);
    expect(received).toEqual(['genuine']);
    expect(sent.filter((command) => command.includes('canary'))).toEqual([]);
  });

  test('is received again after a lost connection, and listeners are told that some may have been missed', async () => {
    await using server = await startTestRedis();
    await using edges = openEdges(server.url);
    const [one, other] = [await edges.store(), await edges.store()];
    const received: string[] = [];
    let missed = 0;
    const onMissed = () => {
      missed += 1;
    };
    await other.listen('a', (message) => received.push(message), onMissed);
    const stopped = await other.listen('b', () => received.push('stopped'), onMissed);
    stopped();
    expect(await one.deliver('a', 'first')).toBe(1);
    await until(() => received.length === 1);
    expect(missed).toBe(0);
    await server.kill();
    await until(() => !one.isReady() && !other.isReady());
    await expect(one.deliver('a', 'x')).rejects.toMatchObject({ code: 'queue_unavailable' });
    await expect(one.broadcast(cancelled('a', 1))).rejects.toMatchObject({ code: 'queue_unavailable' });
    const whileAway: string[] = [];
    await other.listen('c', (message) => whileAway.push(message));
    await server.start();
    await until(async () => one.isReady() && (await one.deliver('a', 'again')) === 1, 3000);
    expect([await one.deliver('b', 'x'), await one.deliver('c', 'here')]).toEqual([0, 1]);
    await until(() => received.length === 2 && whileAway.length === 1);
    expect([received, whileAway, missed]).toEqual([['first', 'again'], ['here'], 1]);
  });
});
