import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseCallKeys } from '@toolplane/sealing';
import { keys as redisKeys } from '../src/keys.ts';
import { createSeenUserNotes, createSeenUserReader, type SeenUser } from '../src/seen-users.ts';
import { useOwnRedis } from './use-own-redis.ts';

/* The tests of secret uses check how notes get from one side to the other. */

const someKeys = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
const keys = someKeys();

const { url, redis, stack } = useOwnRedis();

const openNotes = async (own = keys) =>
  stack.adopt(await createSeenUserNotes({ redisUrl: url(), keys: own, flushMs: 1_000_000 }), (it) => it.close());

async function collect(): Promise<SeenUser[]> {
  await using opened = new AsyncDisposableStack();
  const reader = opened.adopt(await createSeenUserReader({ redisUrl: url(), keys }), (it) => it.close());
  const collected: SeenUser[] = [];
  await reader.collect(async (users) => void collected.push(...users));
  return collected;
}

const ada = { workspaceId: 'ws_1', username: 'ada' };

test('the users that were seen reach the control plane, at most once a minute per edge', async () => {
  const notes = await openNotes();
  for (const user of [ada, ada, { ...ada, username: 'Ada' }, { ...ada, workspaceId: 'ws_2' }]) notes.note(user);
  await notes.flush();
  const seen = (await collect()).map(({ workspaceId, username }) => `${workspaceId} ${username}`);
  expect(seen.toSorted()).toEqual(['ws_1 Ada', 'ws_1 ada', 'ws_2 ada']);
  notes.note(ada);
  await notes.flush();
  expect(await collect()).toEqual([]);
});

test('Redis holds no name of a user, and what a writer of Redis forges is dropped (T33)', async () => {
  const [notes, stranger] = [await openNotes(), await openNotes(someKeys())];
  notes.note({ ...ada, username: 'canary' });
  stranger.note({ ...ada, username: 'forged' });
  await Promise.all([notes.flush(), stranger.flush()]);
  await redis().hset(redisKeys.seenUsers, 'made-up', JSON.stringify({ ...ada, at: Date.now() }));
  expect(JSON.stringify(await redis().hgetall(redisKeys.seenUsers))).not.toContain('canary');
  expect((await collect()).map(({ username }) => username)).toEqual(['canary']);
});

test('while nobody collects them, their number stays bounded', async () => {
  const notes = await openNotes();
  const entries = Array.from({ length: 100_000 }, (_, index) => [`field-${index}`, '']).flat();
  for (let at = 0; at < entries.length; at += 20_000) {
    await redis().hset(redisKeys.seenUsers, ...entries.slice(at, at + 20_000));
  }
  notes.note(ada);
  await notes.flush();
  expect(await redis().hlen(redisKeys.seenUsers)).toBe(100_000);
});
