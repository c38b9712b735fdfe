import { describe, expect, test } from '@jest/globals';
import { isHttpToken } from './http-token.ts';

describe('a token of HTTP', () => {
  test('has exactly the characters that RFC 9110 allows', () => {
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    expect(all.filter((it) => isHttpToken(it)).join('')).toBe(
      [..."!#$%&'*+-.^_`|~0123456789", ...letters].toSorted().join(''),
    );
  });

  test('is not empty, has no line break at its end, and keeps to the length that its use allows', () => {
    expect(isHttpToken('')).toBe(false);
    expect(isHttpToken('x-a\n')).toBe(false);
    expect(isHttpToken('abc', 3)).toBe(true);
    expect(isHttpToken('abcd', 3)).toBe(false);
  });
});
