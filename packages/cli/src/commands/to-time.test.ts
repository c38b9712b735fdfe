import { expect, test } from '@jest/globals';
import { InvalidArgumentError } from 'commander';
import { toTime } from './to-time.ts';

const now = Date.parse('2026-11-20T08:00:00Z');

test.each([
  ['90s', '2026-11-20T07:58:30.000Z'],
  ['15m', '2026-11-20T07:45:00.000Z'],
  ['2h', '2026-11-20T06:00:00.000Z'],
  ['7d', '2026-11-13T08:00:00.000Z'],
  ['2026-11-01T10:00:00+02:00', '2026-11-01T08:00:00.000Z'],
])('%s is %s', (text, time) => {
  expect(toTime(text, now)).toBe(time);
});

test.each(['yesterday', '', '2w', '-1h', '5', '99999d'])('%j is not a time', (text) => {
  expect(() => toTime(text, now)).toThrow(InvalidArgumentError);
});
