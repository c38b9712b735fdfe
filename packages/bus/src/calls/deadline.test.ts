import { expect, test } from '@jest/globals';
import { isDeadlineTooFar, isWorthStarting } from './deadline.ts';

const now = 1_000_000;

test.each([
  ['a long call with a second left', 50_000, 1000, true],
  ['a long call with less than a second left', 50_000, 999, false],
  ['a long call that waited for most of its time', 50_000, 5000, true],
  ['a call of 300 ms that was picked up at once', 300, 295, true],
  ['a call of 300 ms that waited for half of its time', 300, 149, false],
  ['a call of little more than a second that was picked up at once', 1001, 990, true],
  ['a call whose deadline has passed', 50_000, -1, false],
])('%s: is it worth starting?', (_name, budgetMs, leftMs, expected) => {
  const deadline = now + leftMs;
  expect(isWorthStarting({ deadline, queuedAt: deadline - budgetMs }, now)).toBe(expected);
});

test('a deadline may be 300 s ahead, plus 5 s for clock differences', () => {
  expect(isDeadlineTooFar(now + 305_000, now)).toBe(false);
  expect(isDeadlineTooFar(now + 305_001, now)).toBe(true);
});
