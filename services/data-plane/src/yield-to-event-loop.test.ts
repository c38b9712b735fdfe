import { expect, test } from '@jest/globals';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

test('long work yields a turn of the event loop, in which other work continues', async () => {
  const since = performance.now();
  let others = 0;
  setImmediate(() => {
    others += 1;
  });
  while (performance.now() - since < 30);
  await yieldToEventLoop(since);
  expect(others).toBe(1);
});

test('short work continues at once', () => {
  expect(yieldToEventLoop(performance.now())).toBeUndefined();
});
