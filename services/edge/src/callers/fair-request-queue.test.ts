import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createFairRequestQueue, type FairRequestQueue } from './fair-request-queue.ts';

/** Records the requests in the order in which they begin. */
function send(
  { enter }: FairRequestQueue,
  begun: string[],
  workspaceId: string,
  count: number,
  organizationId?: string,
): void {
  for (let n = 1; n <= count; n += 1) {
    const begins = enter({ workspaceId, ...(organizationId === undefined ? {} : { organizationId }) });
    if (begins === undefined) begun.push(`${workspaceId}${n}`);
    else void begins.then(() => begun.push(`${workspaceId}${n}`));
  }
}

test('a request begins at once while a workspace that sent many more waits for its turns (T22)', async () => {
  const queue = createFairRequestQueue(2);
  const begun: string[] = [];
  send(queue, begun, 'a', 5);
  send(queue, begun, 'b', 1);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  await nextTurn();
  send(queue, begun, 'b', 1);
  expect(begun.splice(3)).toEqual(['a3', 'a4', 'b1']);
  await nextTurn();
  expect(begun.splice(3)).toEqual(['a5']);
});

test('workspaces that wait share the turns, each in the order in which its requests came', async () => {
  const queue = createFairRequestQueue(2);
  const begun: string[] = [];
  send(queue, begun, 'a', 6);
  send(queue, begun, 'b', 3);
  begun.length = 0;
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  expect(begun).toEqual(['a3', 'b3', 'a4', 'a5', 'a6']);
});

test('what comes later waits behind what waits already', async () => {
  const queue = createFairRequestQueue(1);
  const begun: string[] = [];
  send(queue, begun, 'a', 3);
  await nextTurn();
  void queue.enter({ workspaceId: 'a' })?.then(() => begun.push('last'));
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  expect(begun).toEqual(['a1', 'a2', 'a3', 'last']);
  await nextTurn();
  expect(queue.enter({ workspaceId: 'a' })).toBeUndefined();
});

test('no more than a number of requests of a workspace wait, and those of others still may', async () => {
  const queue = createFairRequestQueue(1, 2);
  const begun: string[] = [];
  send(queue, begun, 'a', 3);
  expect(() => queue.enter({ workspaceId: 'a' })).toThrow('Too many requests of this organization at once');
  send(queue, begun, 'b', 2);
  for (let turn = 0; turn < 4; turn += 1) await nextTurn();
  expect(begun).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
});

test('an organization has one turn however many workspaces it has, and they share it (T38)', async () => {
  const queue = createFairRequestQueue(2);
  const begun: string[] = [];
  for (const workspaceId of ['a', 'b', 'c']) send(queue, begun, workspaceId, 2, 'many');
  expect(begun).toEqual(['a1', 'a2']);
  send(queue, begun, 'z', 3);
  expect(begun.splice(0)).toEqual(['a1', 'a2', 'z1', 'z2']);
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  expect(begun).toEqual(['b1', 'z3', 'c1', 'b2', 'c2']);
});
