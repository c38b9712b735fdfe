import { expect, test } from '@jest/globals';
import { toPrintable } from './terminal.ts';

test('characters that would control a terminal or start a new line are escaped, and tabs stay', () => {
  expect(toPrintable('a\u001b[2Jb\u009bc\u202ed\u2028\r\n\te')).toBe('a\\u001b[2Jb\\u009bc\\u202ed\\u2028\\r\\n\te');
});
