import { describe, expect, test } from '@jest/globals';
import { toDisplayName } from './display-name.ts';

describe('a name is shown', () => {
  test.each([
    ['without what reverses the text around it', 'Gmail\u202eliamG', 'Gmail liamG'],
    ['without invisible characters', 'A\u200b\u0000\u{e0041} B', 'A B'],
    ['without variation selectors, which can carry a message', 'A\ufe01\u{e0142}\u{e0143}B', 'AB'],
    ['on one line', ' A\n\n B\t\u2028', 'A B'],
    ['cut', 'x'.repeat(200), 'x'.repeat(80)],
    ['not at all, when nothing of it is visible', ' \u200b ', undefined],
    ['not at all, when it is not text', 5, undefined],
  ])('%s', (_name, given, shown) => {
    expect(toDisplayName(given)).toBe(shown);
  });
});
