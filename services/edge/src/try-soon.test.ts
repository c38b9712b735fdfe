import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { retryInBackground } from './retry-in-background.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('is over with the first try, and leaves no timer', async () => {
  await retryInBackground(async () => {});
  expect(jest.getTimerCount()).toBe(0);
});

test('does not wait long for a Redis that hangs', async () => {
  let isOver = false;
  const tried = retryInBackground(() => new Promise(() => {})).then(() => {
    isOver = true;
  });
  await jest.advanceTimersByTimeAsync(49);
  expect(isOver).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  await tried;
});

test('a first try that fails late is followed by others', async () => {
  jest.useRealTimers();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const tries = [first.promise, Promise.resolve()];
  const attempt = async () => {
    if (tries.length === 1) second.resolve();
    await tries.shift();
  };
  await retryInBackground(attempt);
  expect(tries).toHaveLength(1);
  first.reject(new Error('no answer'));
  await second.promise;
});
