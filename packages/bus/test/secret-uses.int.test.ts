import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { keys as redisKeys } from '../src/keys.ts';
import { createSecretUseNotes, createSecretUseReader, type SecretUse } from '../src/secret-uses.ts';
import { until } from './until.ts';

const commandKeys = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
const keys = commandKeys();
const HASH = redisKeys.secretUses();
const refOf = (name: string, version = 1) => ({ workspaceId: 'ws', serverId: 'srv', name, version });

let server: TestRedis;
let redis: Redis;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  server = stack.use(await startTestRedis());
  redis = stack.adopt(new Redis(server.url, { maxRetriesPerRequest: null }), (it) => it.disconnect());
  redis.on('error', () => {});
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  await redis.flushall();
});

/** Opens both ends. Notes are written only when a test does so. */
async function open(options: { keys?: typeof keys } = {}) {
  const common = { redisUrl: server.url, keys, ...options };
  const notes = stack.adopt(await createSecretUseNotes({ ...common, flushMs: 1_000_000 }), (it) => it.close());
  const reader = stack.adopt(await createSecretUseReader(common), (it) => it.close());
  const collect = async () => {
    const collected: SecretUse[] = [];
    await reader.collect(async (uses) => void collected.push(...uses));
    return collected;
  };
  return { notes, reader, collect };
}

test('the notes of data planes reach the control plane once, by version', async () => {
  const { notes, collect } = await open();
  const since = Date.now();
  for (const ref of [refOf('KEY'), refOf('KEY', 2), refOf('KEY'), refOf('OTHER')]) notes.note(ref);
  await notes.flush();
  const uses = await collect();
  expect(uses.map(({ ref }) => `${ref.name}@${ref.version}`).toSorted()).toEqual(['KEY@1', 'KEY@2', 'OTHER@1']);
  for (const { at } of uses) expect(at).toBeGreaterThanOrEqual(since);
  expect(await collect()).toEqual([]);
});

test('Redis holds neither the name of a secret nor of its server', async () => {
  const { notes } = await open();
  notes.note({ workspaceId: 'ws_canary', serverId: 'srv_canary', name: 'CANARY', version: 1 });
  await notes.flush();
  expect(JSON.stringify(await redis.hgetall(HASH))).not.toMatch(/canary/i);
});

test('whatever a writer of Redis forges, moves or seals with other keys is dropped (T33)', async () => {
  const [{ notes, collect }, stranger] = [await open(), await open({ keys: commandKeys() })];
  notes.note(refOf('KEY'));
  stranger.notes.note(refOf('FORGED'));
  await Promise.all([notes.flush(), stranger.notes.flush()]);
  const [sealed = ''] = await redis.hvals(HASH);
  await redis.hset(HASH, 'moved', sealed, 'made up', JSON.stringify({ ref: refOf('MADE_UP'), at: Date.now() }));
  expect((await collect()).map(({ ref }) => ref.name)).toEqual(['KEY']);
  expect(await redis.exists(HASH)).toBe(0);
});

test('what could not be saved is delivered the next time', async () => {
  const { notes, reader, collect } = await open();
  notes.note(refOf('KEY'));
  await notes.flush();
  const away = new Error('the database is away');
  await expect(reader.collect(() => Promise.reject(away))).rejects.toBe(away);
  expect(await collect()).toHaveLength(1);
});

test('what is noted during a save is kept for the next time', async () => {
  const { notes, reader, collect } = await open();
  notes.note(refOf('KEY'));
  await notes.flush();
  await reader.collect(async () => {
    notes.note(refOf('KEY'));
    await notes.flush();
  });
  expect(await collect()).toHaveLength(1);
});

test('what is noted while Redis is away is written when it is back', async () => {
  const { notes, collect } = await open();
  await server.kill();
  notes.note(refOf('KEY'));
  await notes.flush();
  await server.start();
  await until(async () => {
    await notes.flush();
    return (await collect().catch(() => [])).length === 1;
  });
});

test('closing writes what was noted', async () => {
  const { notes, collect } = await open();
  notes.note(refOf('KEY'));
  await notes.close();
  expect(await collect()).toHaveLength(1);
});
