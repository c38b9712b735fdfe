import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { parseCallKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { keys as redisKeys } from '../src/keys.ts';
import { createSeenCallerNotes, createSeenCallerReader, type SeenCaller } from '../src/seen-callers.ts';

/* The tests of secret uses check how notes get from one side to the other. */

const keys = parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);

let server: TestRedis;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  server = stack.use(await startTestRedis());
});
afterAll(() => stack.disposeAsync());

test('keys and agents seen in requests reach the control plane sealed, once a minute per edge (T33)', async () => {
  const options = { redisUrl: server.url, keys };
  const notes = stack.adopt(await createSeenCallerNotes({ ...options, flushMs: 1_000_000 }), (it) => it.close());
  const reader = stack.adopt(await createSeenCallerReader(options), (it) => it.close());
  const redis = stack.adopt(new Redis(server.url), (it) => it.disconnect());
  const collect = async () => {
    const collected: SeenCaller[] = [];
    await reader.collect(async (callers) => void collected.push(...callers));
    return collected.map(({ kind, id }) => `${kind} ${id}`).sort();
  };
  for (const [kind, id] of [
    ['key', 'canary'],
    ['key', 'canary'],
    ['agent', 'canary'],
    ['key', 'other'],
  ] as const) {
    notes.note(kind, id);
  }
  await notes.flush();
  expect(JSON.stringify(await redis.hgetall(redisKeys.seenCallers))).not.toContain('canary');
  expect(await collect()).toEqual(['agent canary', 'key canary', 'key other']);
  notes.note('key', 'canary');
  await notes.flush();
  expect(await collect()).toEqual([]);
});
