import { describe, expect, test } from '@jest/globals';
import { translateIRegexp } from './i-regexp.ts';

describe('a regular expression of RFC 9485', () => {
  test.each([
    ['', ''],
    ['a|b', 'a|b'],
    ['(a(b|c))+d?', '(a(b|c))+d?'],
    ['a.b', 'a[^\\n\\r]b'],
    ['[a-z-]{2,3}', '[a-z-]{2,3}'],
    ['[^\\]a\\-]*', '[^\\]a\\-]*'],
    ['[-a]', '[-a]'],
    ['\\p{Lu}\\P{N}', '\\p{Lu}\\P{N}'],
    ['[\\p{L}0-9]{3}', '[\\p{L}0-9]{3}'],
    ['a{2}b{2,}', 'a{2}b{2,}'],
    ['\\.\\n', '\\.\\n'],
    ['^a$', '^a$'],
    ['é😀', 'é😀'],
  ])('%j is %j for ECMAScript', (pattern, expected) => {
    expect(translateIRegexp(pattern, false)).toBe(expected);
  });

  test('matches the whole text or a part of it', () => {
    expect(translateIRegexp('a|b', true)).toBe('^(?:a|b)$');
  });

  test.each([
    '\\d',
    '\\b',
    '\\1',
    'a*?',
    'a**',
    '*a',
    '(*a)',
    '|+',
    '(?:a)',
    '(?i)a',
    '(a',
    'a)',
    ')(',
    '[]',
    '[a',
    'a]',
    'a{,3}',
    'a{',
    'a}',
    '[a-b-c]',
    '[[a]]',
    '\\p{Latin}',
    '\\p{Xx}',
    '\\',
    '\ud800',
  ])('%j is not one', (pattern) => {
    expect(translateIRegexp(pattern, false)).toBeUndefined();
  });
});
