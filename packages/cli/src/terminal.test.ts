import { expect, test } from '@jest/globals';
import { toPrintable } from './terminal.ts';

test('what would steer a terminal or begin a line of its own is shown, and tabs stay', () => {
  expect(toPrintable('a\u001b[2Jb\u009bc\u202ed\u2028\r\n\te')).toBe('a\\u001b[2Jb\\u009bc\\u202ed\\u2028\\r\\n\te');
});
