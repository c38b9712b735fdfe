import { expect, test } from '@jest/globals';
import { toPrintable } from './terminal.ts';

test('what would steer a terminal is shown, and lines and tabs stay', () => {
  expect(toPrintable('a\u001b[2Jb\u009bc\u202ed\r\n\te')).toBe('a\\u001b[2Jb\\u009bc\\u202ed\\u000d\n\te');
});
