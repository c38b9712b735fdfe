import { expect, test } from '@jest/globals';
import { withinTime } from './within-time.ts';

test('gives what the work gives', () => {
  expect(withinTime(1000, () => 1)).toBe(1);
});

test('stops work that does not end', () => {
  expect(
    withinTime(20, () => {
      for (;;);
    }),
  ).toBeUndefined();
});

test('lets errors of the work through', () => {
  expect(() => withinTime(1000, () => JSON.parse('{'))).toThrow(SyntaxError);
});
