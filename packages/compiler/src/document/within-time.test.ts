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

test('work that a busy machine kept from its time gets a second try', () => {
  // What waits uses no time of the processor.
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

test('lets errors of the work through', () => {
  expect(() => withinTime(1000, () => JSON.parse('{'))).toThrow(SyntaxError);
});
