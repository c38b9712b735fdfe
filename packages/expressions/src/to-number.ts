import { isExactNumber, type Json } from '@toolplane/contracts';

/**
 * Far more than any number is written with. Longer texts are not looked through, which each comparison would do anew.
 */
const NUMBER_LENGTH_MAX = 1024;

/** NaN, which no order holds for, unless the value is a number or a text that reads as one. */
export function toNumber(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > NUMBER_LENGTH_MAX) return Number.NaN;
  return /^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(value) ? Number(value) : Number.NaN;
}

/** As `toNumber`, for comparing what may be ids: NaN as well for a text with more digits than a number keeps. */
export function toExactNumber(value: Json | undefined): number {
  const number = toNumber(value);
  if (typeof value !== 'string' || Number.isSafeInteger(number)) return number;
  return isExactNumber(number, value.trim().replace('+', '')) ? number : Number.NaN;
}
