import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseCallKeys } from '@toolplane/sealing';
import { createDecisionNotes, createDecisionReader, type Decision, type DecisionNotes } from '../src/decisions.ts';
import { keys as redisKeys } from '../src/keys.ts';
import { useOwnRedis } from './use-own-redis.ts';

const keys = parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);

const { url, redis, stack } = useOwnRedis();

const openNotes = async () =>
  stack.adopt(await createDecisionNotes({ redisUrl: url(), keys, flushMs: 1_000_000 }), (it) => it.close());

async function collect(): Promise<Decision[]> {
  await using opened = new AsyncDisposableStack();
  const reader = opened.adopt(await createDecisionReader({ redisUrl: url(), keys }), (it) => it.close());
  const collected: Decision[] = [];
  await reader.collect(async (decisions) => void collected.push(...decisions));
  return collected;
}

const denied: Parameters<DecisionNotes['note']>[0] = {
  workspaceId: 'ws_1',
  serverId: 'srv_1',
  tool: 'canary_tool',
  action: 'call.denied',
  rule: 'no-writes',
  caller: { kind: 'key', id: 'K' },
};

test('many similar refusals become one note per edge that counts them', async () => {
  const [one, other] = [await openNotes(), await openNotes()];
  for (let index = 0; index < 1000; index++) one.note(denied);
  other.note(denied);
  one.note({ ...denied, rule: 'another' });
  await Promise.all([one.flush(), other.flush()]);
  const counts = (await collect()).map(({ rule, count }) => `${rule} ${count}`);
  expect(counts.toSorted()).toEqual(['another 1', 'no-writes 1', 'no-writes 1000']);
  one.note(denied);
  await one.flush();
  expect((await collect()).map(({ count }) => count)).toEqual([1]);
});

test('Redis holds no name of a tool or caller (T33)', async () => {
  const notes = await openNotes();
  notes.note(denied);
  await notes.flush();
  expect(JSON.stringify(await redis().hgetall(redisKeys.decisions))).not.toContain('canary');
});

test('a caller that is refused under ever new names takes only a bounded amount of memory', async () => {
  const notes = await openNotes();
  for (let index = 0; index < 5000; index++) notes.note({ ...denied, tool: `t${index}` });
  await notes.flush();
  expect(await collect()).toHaveLength(1000);
});
