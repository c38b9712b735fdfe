import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { ApprovalRequest } from '@toolplane/contracts';
import { parseCallKeys } from '@toolplane/sealing';
import { createApprovalRequestNotes, createApprovalRequestReader } from '../src/approval-requests.ts';
import { keys as redisKeys } from '../src/keys.ts';
import { useOwnRedis } from './use-own-redis.ts';

/* The tests of secret uses check how notes get from one side to the other. */

const someKeys = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
const keys = someKeys();

const { url, redis, stack } = useOwnRedis();

const openNotes = async (own = keys) =>
  stack.adopt(await createApprovalRequestNotes({ redisUrl: url(), keys: own, flushMs: 1_000_000 }), (it) => it.close());

async function collect(): Promise<ApprovalRequest[]> {
  await using opened = new AsyncDisposableStack();
  const reader = opened.adopt(await createApprovalRequestReader({ redisUrl: url(), keys }), (it) => it.close());
  const collected: ApprovalRequest[] = [];
  await reader.collect(async (approvalRequests) => void collected.push(...approvalRequests));
  return collected;
}

const approvalRequest: Omit<ApprovalRequest, 'at'> = {
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
  for (const each of [approvalRequest, approvalRequest, { ...approvalRequest, workspaceId: 'ws_2' }]) notes.note(each);
  await notes.flush();
  const collected = await collect();
  expect(collected.map(({ workspaceId }) => workspaceId).toSorted()).toEqual(['ws_1', 'ws_2']);
  expect(collected).toContainEqual({ ...approvalRequest, at: expect.any(Number) });
  notes.note(approvalRequest);
  await notes.flush();
  expect(await collect()).toEqual([]);
  notes.note({ ...approvalRequest, usedApprovalId: 'apr_1' });
  await notes.flush();
  expect(await collect()).toMatchObject([{ usedApprovalId: 'apr_1' }]);
});

test('Redis holds nothing readable of a waiting call, and what a writer of Redis forges is dropped (T33)', async () => {
  const [notes, stranger] = [await openNotes(), await openNotes(someKeys())];
  notes.note(approvalRequest);
  stranger.note({ ...approvalRequest, requestDigest: 'e'.repeat(43) });
  await Promise.all([notes.flush(), stranger.flush()]);
  expect(JSON.stringify(await redis().hgetall(redisKeys.approvalRequests))).not.toContain('canary');
  await redis().hset(redisKeys.approvalRequests, 'made-up', JSON.stringify({ ...approvalRequest, at: Date.now() }));
  expect((await collect()).map(({ requestDigest }) => requestDigest)).toEqual([approvalRequest.requestDigest]);
});
