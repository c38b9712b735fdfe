import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { failed } from '@toolplane/contracts';
import { call, startTestEdge, type TestEdge } from './test-edge.ts';

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());

test('a call whose worker is lost stays unknown although its second start is refused (F5)', async () => {
  let starts = 0;
  edge.handle = async () => {
    starts += 1;
    return starts === 1
      ? failed('unknown', 'worker_lost', 'The worker of the call was lost')
      : failed('not_started', 'shutting_down', 'The service is shutting down');
  };
  const { result } = (await edge.post(call({ text: 'a' }))).body;
  expect(starts).toBe(2);
  expect(result.structuredContent).toMatchObject({ outcome: 'unknown', code: 'worker_lost' });
});
