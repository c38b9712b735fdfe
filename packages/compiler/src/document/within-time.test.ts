import { expect, test } from '@jest/globals';
import { withinTime } from './within-time.ts';

test('returns the result of the work', () => {
  expect(withinTime(1000, () => 1)).toBe(1);
});

test('stops work that does not end', () => {
  expect(
    withinTime(20, () => {
      for (;;);
    }),
  ).toBeUndefined();
});

test('gives a second try to work that a busy machine delayed', () => {
  // Waiting uses no CPU time.
  const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
  let tries = 0;
  const work = () => {
    tries += 1;
    for (let waits = 0; tries === 1 && waits < 200; waits += 1) wait();
    return 'done';
  };
  expect(withinTime(100, work)).toBe('done');
  expect(tries).toBe(2);
});

test('passes on errors of the work', () => {
  expect(() => withinTime(1000, () => JSON.parse('{'))).toThrow(SyntaxError);
});
