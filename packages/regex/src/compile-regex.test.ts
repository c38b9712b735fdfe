import { expect, test } from '@jest/globals';
import { compileRegex, RegexError } from './compile-regex.ts';

test('a pattern is searched for, not matched as a whole', () => {
  expect(compileRegex('b+').test('abbc')).toBe(true);
});

test.each([
  ['i', 'ABC', true],
  ['', 'ABC', false],
])('the flag "%s" decides about case', (flags, text, found) => {
  expect(compileRegex('abc', flags).test(text)).toBe(found);
});

test('m and s change what ^ and . mean', () => {
  expect(compileRegex('^b', 'm').test('a\nb')).toBe(true);
  expect(compileRegex('a.b', 's').test('a\nb')).toBe(true);
});

test('B060: nested repetition on 50 000 characters takes linear time', () => {
  expect(compileRegex('^(a+)+$').test(`${'a'.repeat(50_000)}!`)).toBe(false);
});

test.each([
  ['(?=a)', 'look-ahead'],
  ['(?<=a)b', 'look-behind'],
  ['(a)\\1', 'back-references'],
  ['(?<n>a)\\k<n>', 'back-references'],
])('B061: %s is refused by the name of its construct', (pattern, construct) => {
  expect(() => compileRegex(pattern)).toThrow(construct);
});

test('B061: nested repetitions that multiply are refused as too large', () => {
  expect(() => compileRegex('((a{100}){100}){100}')).toThrow(RegexError);
});

test('an unknown flag is named', () => {
  expect(() => compileRegex('a', 'g')).toThrow('"g"');
});
