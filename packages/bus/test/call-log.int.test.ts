import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { getFreePort } from '@toolplane/loopback/ports';
import { parseCallKeys } from '@toolplane/sealing';
import { connectBus } from '../src/bus-connection.ts';
import { createCallLogReader } from '../src/call-log/call-log-reader.ts';
import { createCallLogWriter } from '../src/call-log/call-log-writer.ts';
import type { LoggedCall } from '../src/call-log/logged-call.ts';
import { keys as redisKeys } from '../src/keys.ts';
import { openLink } from './tcp-link.ts';
import { useOwnRedis } from './use-own-redis.ts';

const someKeys = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
const keys = someKeys();

const { server, redis, connect } = useOwnRedis();

const callOf = (id: string): LoggedCall => ({
  id,
  workspaceId: 'ws_1',
  serverId: 'srv_1',
  tool: 'canary',
  kind: 'tool',
  outcome: 'done',
  source: 'direct',
  startedAt: Date.now(),
  durationMs: 12,
  protocolVersion: '2025-11-25',
  caller: { kind: 'key', id: 'canary' },
});
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => String(from + index));

const openWriter = (options: Partial<Parameters<typeof createCallLogWriter>[0]> = {}) =>
  createCallLogWriter({ bus: connect(), keys, flushMs: 1_000_000, ...options });
const openReader = () => createCallLogReader({ bus: connect(), keys });

async function collect() {
  const collected: string[] = [];
  const reader = await openReader();
  const lost = await reader.collect(async (calls) => void collected.push(...calls.map(({ id }) => id)));
  return { collected, lost };
}

test('calls reach the control plane in batches that are sealed, in the order in which they ended (T33)', async () => {
  const writer = await openWriter();
  for (const id of ids(1200)) writer.note(callOf(id));
  await writer.flush();
  expect(await redis().xlen(redisKeys.callLog)).toBe(3);
  expect(JSON.stringify(await redis().xrange(redisKeys.callLog, '-', '+'))).not.toContain('canary');
  expect(await collect()).toEqual({ collected: ids(1200), lost: 0 });
  expect(await redis().xlen(redisKeys.callLog)).toBe(0);
  expect(await redis().hgetall(redisKeys.callLogSize)).toEqual({ bytes: '0' });
});

test('a full batch is written at once, however seldom batches are written otherwise', async () => {
  const writer = await openWriter();
  for (const id of ids(500)) writer.note(callOf(id));
  while ((await redis().xlen(redisKeys.callLog)) === 0) await redis().ping();
  expect((await collect()).collected).toEqual(ids(500));
});

test('what could not be saved is delivered again, to any reader, until it is saved', async () => {
  const writer = await openWriter();
  for (const id of ids(3)) writer.note(callOf(id));
  await writer.flush();
  const reader = await openReader();
  await expect(reader.collect(() => Promise.reject(new Error('no database')))).rejects.toThrow('no database');
  expect((await collect()).collected).toEqual(ids(3));
  expect((await collect()).collected).toEqual([]);
});

test('two simultaneous readers lose nothing', async () => {
  const writer = await openWriter();
  for (const id of ids(6000)) writer.note(callOf(id));
  await writer.flush();
  const [one, other] = await Promise.all([collect(), collect()]);
  expect([...new Set([...one.collected, ...other.collected])].sort()).toEqual(ids(6000).sort());
});

test('while Redis is away, calls are kept up to a bound, and those beyond it are counted', async () => {
  const { port } = server();
  await using link = await openLink(port);
  await using bus = connectBus({ redisUrl: link.url });
  const writer = await createCallLogWriter({ bus, rememberedMax: 10, keys, flushMs: 20 });
  link.leadTo(await getFreePort());
  for (const id of ids(15)) writer.note(callOf(id));
  await writer.flush();
  expect(await redis().exists(redisKeys.callLog)).toBe(0);
  link.leadTo(port);
  while ((await redis().xlen(redisKeys.callLog)) === 0) await redis().ping();
  expect(await collect()).toEqual({ collected: ids(10), lost: 5 });
});

test('the stream is bounded in bytes: the oldest calls beyond it are dropped first, and counted', async () => {
  const writer = await openWriter({ streamBytesMax: 2000 });
  for (const id of ids(20)) {
    writer.note(callOf(id));
    await writer.flush();
  }
  const { bytes, lost } = await redis().hgetall(redisKeys.callLogSize);
  expect(Number(bytes)).toBeLessThanOrEqual(2000);
  const left = await collect();
  expect(left.lost).toBe(Number(lost));
  expect(left.collected).toEqual(ids(20 - left.lost, left.lost));
  expect(left.lost).toBeGreaterThan(0);
  expect((await collect()).lost).toBe(0);
});

test('what was written without the keys is discarded, and nothing else is lost with it', async () => {
  await redis().xadd(redisKeys.callLog, '*', 'calls', '1', 'sealed', 'k1.AAAA');
  await redis().xadd(redisKeys.callLog, '*', 'nothing', 'of ours');
  const stranger = await openWriter({ keys: someKeys() });
  stranger.note(callOf('forged'));
  await stranger.flush();
  const writer = await openWriter();
  writer.note(callOf('own'));
  await writer.flush();
  expect((await collect()).collected).toEqual(['own']);
  expect(await redis().xlen(redisKeys.callLog)).toBe(0);
});

test('an hour at 100 calls a second fits', async () => {
  const writer = await openWriter();
  for (const index of ids(5000)) {
    writer.note({
      ...callOf(randomBytes(16).toString('hex')),
      workspaceId: 'ws_aaaaaaaaaaaaaaaaaaaaaaaa',
      serverId: 'srv_aaaaaaaaaaaaaaaaaaaaaaaa',
      tool: 'find_tickets',
      durationMs: Number(index),
      startedAt: Date.now() + Number(index),
      traceId: randomBytes(16).toString('hex'),
    });
  }
  await writer.flush();
  const bytes = Number(await redis().hget(redisKeys.callLogSize, 'bytes'));
  expect((bytes / 5000) * 360_000).toBeLessThan(64 << 20);
});
