import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { ApprovalWish } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import { createApprovalWishNotes, createApprovalWishReader } from '../src/approval-wishes.ts';
import { keys as redisKeys } from '../src/keys.ts';
import { useOwnRedis } from './use-own-redis.ts';

/* The tests of secret uses check how notes get from one side to the other. */

const someKeys = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
const keys = someKeys();

const { url, redis, stack } = useOwnRedis();

const openNotes = async (own = keys) =>
  stack.adopt(await createApprovalWishNotes({ redisUrl: url(), keys: own, flushMs: 1_000_000 }), (it) => it.close());

async function collect(): Promise<ApprovalWish[]> {
  await using opened = new AsyncDisposableStack();
  const reader = opened.adopt(await createApprovalWishReader({ redisUrl: url(), keys }), (it) => it.close());
  const collected: ApprovalWish[] = [];
  await reader.collect(async (wishes) => void collected.push(...wishes));
  return collected;
}

const wish: Omit<ApprovalWish, 'at'> = {
  workspaceId: 'ws_1',
  serverId: 'srv_1',
  tool: 'pay',
  ruleId: 'big',
  requestDigest: 'd'.repeat(43),
  caller: { kind: 'key', keyId: 'key0000001', username: 'canary' },
  argumentNames: ['amount'],
  validSeconds: 60,
};

test('a call that waits for approval reaches the control plane once, and again when its approval is used up', async () => {
  const notes = await openNotes();
  for (const each of [wish, wish, { ...wish, workspaceId: 'ws_2' }]) notes.note(each);
  await notes.flush();
  const collected = await collect();
  expect(collected.map(({ workspaceId }) => workspaceId).toSorted()).toEqual(['ws_1', 'ws_2']);
  expect(collected).toContainEqual({ ...wish, at: expect.any(Number) });
  notes.note(wish);
  await notes.flush();
  expect(await collect()).toEqual([]);
  notes.note({ ...wish, usedApprovalId: 'apr_1' });
  await notes.flush();
  expect(await collect()).toMatchObject([{ usedApprovalId: 'apr_1' }]);
});

test('Redis holds nothing readable of a waiting call, and what a writer of Redis forges is dropped (T33)', async () => {
  const [notes, stranger] = [await openNotes(), await openNotes(someKeys())];
  notes.note(wish);
  stranger.note({ ...wish, requestDigest: 'e'.repeat(43) });
  await Promise.all([notes.flush(), stranger.flush()]);
  expect(JSON.stringify(await redis().hgetall(redisKeys.approvalWishes))).not.toContain('canary');
  await redis().hset(redisKeys.approvalWishes, 'made-up', JSON.stringify({ ...wish, at: Date.now() }));
  expect((await collect()).map(({ requestDigest }) => requestDigest)).toEqual([wish.requestDigest]);
});
