import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toIsMultiple } from './is-multiple.ts';
import { WorkBudget } from './work.ts';

const isMultiple = (value: number, divisor: number) => toIsMultiple(divisor, new WorkBudget())(value);

test.each([
  [19.99, 0.01],
  [0.07, 0.01],
  [0.3, 0.1],
  [-4.35, 0.01],
  [123456789.01, 0.01],
  [1.1, 1.1],
  [7.5, 2.5],
  [0, 0.7],
  [-0, 0.7],
  [10, 0.5],
  [1e300, 1e-300],
  [9, 3],
])('%d is a multiple of %d', (value, divisor) => {
  expect(isMultiple(value, divisor)).toBe(true);
});

test.each([
  [19.995, 0.01],
  [0.35, 0.1],
  [10, 4],
  [1, 0.3],
  [1e21, 0.7],
  [5e-324, 1e-323],
])('%d is not a multiple of %d', (value, divisor) => {
  expect(isMultiple(value, divisor)).toBe(false);
});

test('a whole number of hundredths is a multiple of 0.01, however it is written', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), (cents) => {
      expect(isMultiple(Number(`${cents}e-2`), 0.01)).toBe(true);
    }),
  );
});

test('the decimal digits decide, however many there are', () => {
  const decimals = fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: -30, max: 30 }));
  fc.assert(
    fc.property(decimals, decimals, fc.boolean(), ([digits, exponent], [by, byExponent], isProduct) => {
      const factor = isProduct ? by : 1;
      const lowest = Math.min(exponent, byExponent);
      const scaled = (number: number, from: number) => BigInt(number) * 10n ** BigInt(from - lowest);
      const expected = (scaled(digits, exponent) * BigInt(factor)) % scaled(by, byExponent) === 0n;
      fc.pre(BigInt(digits) * BigInt(factor) < 10n ** 15n);
      const value = Number(`${BigInt(digits) * BigInt(factor)}e${exponent}`);
      expect(isMultiple(value, Number(`${by}e${byExponent}`))).toBe(expected);
    }),
  );
});
