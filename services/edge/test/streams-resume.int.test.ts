import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEdgeStore, type EdgeStore, STREAM_EVENT_BYTES_MAX, type StreamEvent } from '@toolplane/bus';
import { planLimits, succeeded } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import { ASK_MS_MAX } from '../src/calls/bounded-wait.ts';
import { logKeyOf, openStreamLog } from '../src/transports/stream-log.ts';
import { openStream } from './event-reader.ts';
import { openSession } from './legacy-session.ts';
import type { Replica } from './replica.ts';
import { call, startTestEdge, type TestEdge } from './test-edge.ts';

/* A legacy client that loses the stream of a POST receives what it missed, at any edge. */

let edge: TestEdge;
let other: Replica;
/** These two functions make the running call send one more message, or end. */
let report: (progress: number) => void;
let finish: () => void;

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
});
beforeEach(() => {
  const finished = Promise.withResolvers<void>();
  finish = finished.resolve;
  edge.handle = async ({ notify }) => {
    report = (progress) => notify({ kind: 'progress', progress });
    report(1);
    await finished.promise;
    return succeeded({ text: 'done' });
  };
});
afterAll(async () => edge[Symbol.asyncDispose]());

type Headers = Record<string, string>;

async function startSession({ key = edge.key, protocolVersion = '2025-11-25' } = {}) {
  return { 'x-api-key': key, ...(await openSession(edge, { key, protocolVersion })) };
}

function callTool(headers: Headers) {
  return openStream(`${edge.url}/mcp/${edge.serverId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(call({ text: 'a' }, { _meta: { progressToken: 'p' } })),
  });
}

function resume(headers: Headers, lastEventId = '') {
  return openStream(`${other.url}/mcp/${edge.serverId}`, {
    headers: { accept: 'text/event-stream', ...headers, 'last-event-id': lastEventId },
  });
}

const toText = ({ message }: { message: { params?: { progress: number }; result?: unknown } }) =>
  message.result === undefined ? message.params?.progress : 'answer';

describe('a lost stream', () => {
  test('continues at another edge after the last event received, until the answer', async () => {
    const headers = await startSession();
    const stream = await callTool(headers);
    expect(await stream.next()).toMatchObject({ data: '', retry: '2000', id: expect.any(String) });
    const first = await stream.next();
    expect(first?.message.params).toMatchObject({ progressToken: 'p', progress: 1 });
    stream.leave();
    report(2);
    const resumed = await resume(headers, first?.id);
    expect(await resumed.next()).toMatchObject({ data: '', id: first?.id });
    expect((await resumed.next())?.message.params.progress).toBe(2);
    report(3);
    expect((await resumed.next())?.message.params.progress).toBe(3);
    finish();
    expect((await resumed.rest()).map(toText)).toEqual(['answer']);
  });

  test('starts over for a client that received only its first event, even if the call has ended', async () => {
    const headers = await startSession();
    const stream = await callTool(headers);
    const primer = await stream.next();
    finish();
    const last = (await stream.rest()).at(-1);
    const [, ...events] = await (await resume(headers, primer?.id)).rest();
    expect(events.map(toText)).toEqual([1, 'answer']);
    expect(events.at(-1)?.id).toBe(last?.id);
  });

  test('may be lost repeatedly', async () => {
    const headers = await startSession();
    const stream = await callTool(headers);
    let lastEventId = (await stream.next())?.id;
    stream.leave();
    for (const progress of [1, 2, 3]) {
      const resumed = await resume(headers, lastEventId);
      await resumed.next();
      const event = await resumed.next();
      expect(event?.message.params.progress).toBe(progress);
      lastEventId = event?.id;
      resumed.leave();
      report(progress + 1);
    }
    finish();
  });

  test('belongs to its session: another session of the same key gets nothing from it (B018)', async () => {
    const stream = await callTool(await startSession());
    const primer = await stream.next();
    const foreign = await resume(await startSession(), primer?.id);
    expect([foreign.status, await foreign.rest()]).toEqual([405, []]);
    const otherKey = await resume(await startSession({ key: (await edge.publishKey({})).key }), primer?.id);
    expect([otherKey.status, await otherKey.rest()]).toEqual([405, []]);
    finish();
    await stream.rest();
  });

  test.each(['AAAAAAAAAAAAAAAAAAAAAA:1', 'AAAAAAAAAAAAAAAAAAAAAA:999999999'])(
    'is 405 when it is unknown (%s), because 404 would end the session',
    async (id) => expect((await resume(await startSession(), id)).status).toBe(405),
  );

  test('continues for a client that returns before the log has the last event that it received', async () => {
    const headers = await startSession({ protocolVersion: '2025-06-18' });
    const stream = await callTool(headers);
    const [streamId, seq] = ((await stream.next())?.id ?? '').split(':');
    const resumed = await resume(headers, `${streamId}:${Number(seq) + 1}`);
    expect(resumed.status).toBe(200);
    report(2);
    finish();
    expect((await resumed.rest()).map(toText)).toEqual(['answer']);
    await stream.rest();
  });

  test('has one active connection, the newest, and the earlier ones end', async () => {
    const headers = await startSession();
    const posted = await callTool(headers);
    const primer = await posted.next();
    expect((await posted.next())?.message.params.progress).toBe(1);
    const first = await resume(headers, primer?.id);
    await first.next();
    expect((await first.next())?.message.params.progress).toBe(1);
    expect(await posted.rest()).toEqual([]);
    const second = await resume(headers, primer?.id);
    await second.next();
    expect(await first.rest()).toEqual([]);
    finish();
    expect((await second.rest()).map(toText)).toEqual([1, 'answer']);
  });

  test('is 405 when its client has received everything', async () => {
    const headers = await startSession();
    const stream = await callTool(headers);
    finish();
    const last = (await stream.rest()).at(-1);
    expect((await resume(headers, last?.id)).status).toBe(405);
  });

  test('ends with its session, at whichever edge the session ends', async () => {
    const headers = await startSession();
    const stream = await callTool(headers);
    const first = await stream.next();
    stream.leave();
    const resumed = await resume(headers, first?.id);
    await resumed.next();
    expect((await resumed.next())?.message.params.progress).toBe(1);
    expect((await fetch(`${edge.url}/mcp/${edge.serverId}`, { method: 'DELETE', headers })).status).toBe(204);
    expect(await resumed.rest()).toEqual([]);
    finish();
  });

  test('gives clients of earlier versions no event without data', async () => {
    const headers = await startSession({ protocolVersion: '2025-06-18' });
    const stream = await callTool(headers);
    const first = await stream.next();
    expect(first?.message.params.progress).toBe(1);
    finish();
    expect((await (await resume(headers, first?.id)).rest()).map(toText)).toEqual(['answer']);
    await stream.rest();
  });
});

test('an answer over 1 MiB is not kept, and a client that returns for it is told so', async () => {
  const large = 'x'.repeat(STREAM_EVENT_BYTES_MAX);
  edge.handle = async ({ notify }) => {
    notify({ kind: 'progress', progress: 1 });
    return succeeded({ text: large });
  };
  const headers = await startSession();
  const stream = await callTool(headers);
  const primer = await stream.next();
  expect((await stream.rest()).at(-1)?.message.result.structuredContent.text).toBe(large);
  const [, , answer] = await (await resume(headers, primer?.id)).rest();
  expect(answer?.message).toMatchObject({
    jsonrpc: '2.0',
    id: 1,
    error: { code: 1422, message: expect.stringContaining('too large to store'), data: { code: 'output_too_large' } },
  });
});

describe('the log of a stream', () => {
  const live = {
    session: {
      id: 'x',
      protocolVersion: '2025-11-25',
      startedAt: 0,
      transport: 'http' as const,
      abilities: new Set<never>(),
    },
    state: { isEnded: false, subscriptions: [] },
  };
  const openStore = (redisUrl: string) =>
    createEdgeStore({ redisUrl, keys: parseCallKeys(`s1:${Buffer.alloc(32, 1).toString('base64')}`) });

  test('leaves out what is too large, and says so for each answer', async () => {
    const store = await openStore(process.env['REDIS_URL'] ?? '');
    const log = openStreamLog(store, live, { organizationId: 'org_1', isRefusable: true }, () => {});
    const large = 'x'.repeat(STREAM_EVENT_BYTES_MAX);
    log.append(JSON.stringify({ method: 'notifications/message', params: { large } }), false);
    const [streamId = ''] = log.append(JSON.stringify([{ id: 'a', result: { large } }, { id: 2 }]), true).split(':');
    const place = logKeyOf(live, streamId);
    let events: StreamEvent[] = [];
    while (events.length < 3) events = (await store.readEvents(place, 0)) ?? [];
    expect(events.map(({ seq, isLast }) => [seq, isLast])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(events[1]?.message).toBe('');
    const error = expect.objectContaining({ code: 1422 });
    expect(JSON.parse(events[2]?.message ?? '')).toEqual([
      { jsonrpc: '2.0', id: 'a', error },
      { jsonrpc: '2.0', id: 2, error },
    ]);
    await store.close();
  });

  test('is kept for longer than a person may take to answer plus the call that follows', async () => {
    const store = await openStore(process.env['REDIS_URL'] ?? '');
    const kept = await new Promise((resolve) => {
      const appendEvent: EdgeStore['appendEvent'] = async (_streamId, _event, ttlMs) => {
        resolve(ttlMs);
        return 1;
      };
      openStreamLog({ ...store, appendEvent }, live, { organizationId: 'org_1', isRefusable: true }, () => {});
    });
    expect(kept).toBeGreaterThan(ASK_MS_MAX + planLimits.deadlineMsMax);
    await store.close();
  });

  test('is not required: a stream continues without Redis', async () => {
    // No server listens on this port.
    const store = await openStore('redis://127.0.0.1:9');
    const log = openStreamLog(store, live, { organizationId: 'org_1', isRefusable: true }, () => {});
    expect([log.append('{}', false), log.append('{}', true)].map((id) => id.split(':')[1])).toEqual(['2', '3']);
    await store.close();
  });
});
