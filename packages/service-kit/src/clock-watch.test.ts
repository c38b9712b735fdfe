import { expect, test } from '@jest/globals';
import { createClockWatch } from './clock-watch.ts';
import { createLogger } from './logger.ts';

const watch = () => createClockWatch(createLogger('test', 'fatal'));

test.each<[number, number, string | undefined]>([
  [120_000, 1, '120 s ahead of the clock of Redis'],
  [-120_000, 1, '120 s behind the clock of Redis'],
  [5002, 1, '5 s ahead of the clock of Redis'],
  [4900, 1, undefined],
  // Redis answered after 12 s, which alone can account for the whole difference.
  [6000, 6000, undefined],
])('a process %d ms off its Redis, give or take %d ms, is not ready: %s (F12)', (offsetMs, errorMs, reason) => {
  const clock = watch();
  expect(clock.check()).toBeUndefined();
  expect(clock.note(offsetMs, errorMs)).toBe(reason === undefined);
  expect(clock.check()).toBe(reason);
  clock.note(0, 1);
  expect(clock.check()).toBeUndefined();
});
