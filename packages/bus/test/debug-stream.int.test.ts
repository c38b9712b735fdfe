import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DebugEvent } from '@toolplane/contracts';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { connectBus, createDebugStreamReader, createDebugStreamWriter, type DebugStreamReader } from '../src/index.ts';

const keysOf = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
const keys = keysOf();
const HOUR_MS = 3_600_000;
let sessions = 0;
const nextSession = () => `dbg_${process.pid}_${Date.now()}_${sessions++}`;

const resources = new AsyncDisposableStack();
let redisUrl: string;
let redis: Redis;
let reader: DebugStreamReader;

beforeAll(async () => {
  redisUrl = resources.use(await startTestRedis()).url;
  redis = resources.adopt(new Redis(redisUrl), (it) => it.disconnect());
  reader = await createDebugStreamReader({ bus: connect(), keys });
});
afterAll(() => resources.disposeAsync());

const connect = () => resources.use(connectBus({ redisUrl }));
const openWriter = (options: { eventsMax?: number; bytesMax?: number } = {}) =>
  createDebugStreamWriter({ bus: connect(), keys, ...options });

async function openSession(): Promise<string> {
  const sessionId = nextSession();
  await reader.open(sessionId, Date.now() + HOUR_MS);
  return sessionId;
}

function endOf(callId: string, seq: number, note = ''): DebugEvent {
  return { kind: 'end', call_id: callId, seq, at: seq, duration_ms: 1, outcome: 'done', notes: [note] };
}

async function readAll(sessionId: string): Promise<DebugEvent[]> {
  const all: DebugEvent[] = [];
  for (let after: string | undefined; ; ) {
    const page = await reader.read(sessionId, after);
    if (page === undefined) throw new Error('no such session');
    all.push(...page.entries.map(({ event }) => event));
    if (page.isLast) return all;
    after = page.position;
  }
}

const seqsOf = (events: DebugEvent[], callId: string) =>
  events.flatMap((event) => (event.kind !== 'lost' && event.call_id === callId ? [event.seq] : []));

test('everything that several workers report arrives, the events of each call in order', async () => {
  const sessionId = await openSession();
  const workers = await Promise.all([openWriter(), openWriter()]);
  for (let seq = 0; seq < 300; seq++) {
    for (const [index, worker] of workers.entries()) worker.append(sessionId, endOf(`call-${index}`, seq));
  }
  await Promise.all(workers.map((it) => it.flush()));
  const events = await readAll(sessionId);
  const expected = Array.from({ length: 300 }, (_, seq) => seq);
  expect([seqsOf(events, 'call-0'), seqsOf(events, 'call-1')]).toEqual([expected, expected]);
  expect(seqsOf(await reader.readCall(sessionId, 'call-1'), 'call-1')).toEqual(expected);
});

test('a follower gets past and new events, resumes where it was, and is done when the session ends', async () => {
  const sessionId = await openSession();
  const worker = await openWriter();
  worker.append(sessionId, endOf('a', 0));
  await worker.flush();
  const { signal } = new AbortController();
  const followed = reader.follow(sessionId, { signal });
  const first = (await followed.next()).value;
  expect(first?.event).toMatchObject({ call_id: 'a', seq: 0 });
  const coming = followed.next();
  worker.append(sessionId, endOf('a', 1));
  expect((await coming).value?.event).toMatchObject({ seq: 1 });
  const later = reader.follow(sessionId, { after: first?.id ?? '', signal });
  expect((await later.next()).value?.event).toMatchObject({ seq: 1 });
  const [end, laterEnd] = [followed.next(), later.next()];
  await reader.end(sessionId);
  expect(await Promise.all([end, laterEnd])).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('a follower that stops is done at once', async () => {
  const leaving = new AbortController();
  const followed = reader.follow(await openSession(), { signal: leaving.signal });
  const next = followed.next();
  leaving.abort();
  expect((await next).done).toBe(true);
});

describe('a session keeps', () => {
  test('its latest 10,000 events, and says how many came before them (B124)', async () => {
    const sessionId = await openSession();
    const worker = await openWriter();
    for (let seq = 0; seq < 10_500; seq++) worker.append(sessionId, endOf('many', seq));
    await worker.flush();
    const events = await readAll(sessionId);
    expect(events[0]).toMatchObject({ kind: 'lost', events: 500 });
    expect(seqsOf(events, 'many')).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 500));
  });

  test('a bounded number of bytes, but always the latest event, whatever its size', async () => {
    const sessionId = await openSession();
    const worker = await openWriter({ bytesMax: 10_000 });
    for (let seq = 0; seq < 20; seq++) worker.append(sessionId, endOf('large', seq, 'x'.repeat(1500)));
    await worker.flush();
    const kept = await readAll(sessionId);
    expect(seqsOf(kept, 'large')).toEqual([16, 17, 18, 19]);
    expect(kept[0]).toMatchObject({ kind: 'lost', events: 16 });
    worker.append(sessionId, endOf('large', 20, 'x'.repeat(20_000)));
    await worker.flush();
    expect(seqsOf(await readAll(sessionId), 'large')).toEqual([20]);
  });
});

test('a reader that returns is told how many events it has missed for good', async () => {
  const sessionId = await openSession();
  const worker = await openWriter({ eventsMax: 2 });
  worker.append(sessionId, endOf('a', 0));
  await worker.flush();
  const page = await reader.read(sessionId);
  for (let seq = 1; seq <= 5; seq++) worker.append(sessionId, endOf('a', seq));
  await worker.flush();
  const { entries = [] } = (await reader.read(sessionId, page?.position)) ?? {};
  expect(entries.map(({ event }) => event)).toEqual([
    expect.objectContaining({ kind: 'lost', events: 3 }),
    endOf('a', 4),
    endOf('a', 5),
  ]);
});

describe('nothing is left of a session', () => {
  test('after it ends, not even of runs that end later', async () => {
    const sessionId = await openSession();
    const worker = await openWriter();
    worker.append(sessionId, endOf('a', 0));
    await worker.flush();
    await reader.end(sessionId);
    worker.append(sessionId, endOf('a', 1));
    await worker.flush();
    expect(await redis.keys(`*${sessionId}*`)).toEqual([]);
    expect(await reader.read(sessionId)).toBeUndefined();
  });

  test('when its time is up: its key expires then, however often it is opened', async () => {
    const sessionId = nextSession();
    const expiresAt = Date.now() + HOUR_MS;
    await reader.open(sessionId, expiresAt + HOUR_MS);
    await reader.open(sessionId, expiresAt);
    const worker = await openWriter();
    worker.append(sessionId, endOf('a', 0));
    await worker.flush();
    expect(await redis.pexpiretime(`tp:debug:${sessionId}`)).toBe(expiresAt);
  });
});

test('a stream that Redis has lost is created again, and its readers continue there', async () => {
  const sessionId = await openSession();
  const worker = await openWriter();
  worker.append(sessionId, endOf('a', 0));
  await worker.flush();
  const position = (await reader.read(sessionId))?.position;
  await redis.del(`tp:debug:${sessionId}`);
  await reader.open(sessionId, Date.now() + HOUR_MS);
  worker.append(sessionId, endOf('a', 1));
  await worker.flush();
  const { entries = [] } = (await reader.read(sessionId, position)) ?? {};
  expect(entries.map(({ event }) => event)).toEqual([{ kind: 'lost', at: expect.any(Number) }, endOf('a', 1)]);
});

describe('whoever reads or writes Redis', () => {
  test('sees nothing of an event', async () => {
    const sessionId = await openSession();
    const worker = await openWriter();
    worker.append(sessionId, endOf('a', 0, 'canary'));
    await worker.flush();
    const entries = await redis.xrange(`tp:debug:${sessionId}`, '-', '+');
    expect(JSON.stringify(entries)).not.toContain('canary');
  });

  test('cannot show a debugger an event of another session, or one that it made', async () => {
    const [sessionId, otherId] = [await openSession(), await openSession()];
    const worker = await openWriter();
    const forger = await createDebugStreamWriter({ bus: connect(), keys: keysOf() });
    worker.append(otherId, endOf('other', 0));
    forger.append(sessionId, endOf('forged', 0));
    await Promise.all([worker.flush(), forger.flush()]);
    const [, [, fields] = ['', []]] = await redis.xrange(`tp:debug:${otherId}`, '-', '+');
    await redis.xadd(`tp:debug:${sessionId}`, '*', ...fields);
    worker.append(sessionId, endOf('own', 0));
    await worker.flush();
    const events = await readAll(sessionId);
    expect(events.filter(({ kind }) => kind === 'end')).toEqual([endOf('own', 0)]);
  });
});

test('an invalid event id is refused', async () => {
  const sessionId = await openSession();
  await expect(reader.read(sessionId, '1-2 +')).rejects.toMatchObject({ code: 'invalid_request' });
});
