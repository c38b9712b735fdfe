import { isExactNumber, type Json } from '@toolplane/contracts';

/**
 * Far more characters than any number needs. Longer texts are not parsed, because each comparison would parse them
 * again.
 */
const NUMBER_LENGTH_MAX = 1024;

/** Returns NaN, for which no ordering holds, unless the value is a number or a text that reads as a number. */
export function toNumber(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > NUMBER_LENGTH_MAX) return Number.NaN;
  return /^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(value) ? Number(value) : Number.NaN;
}

/**
 * Like `toNumber`, but for values that may be ids: also returns NaN for a text with more digits than a number keeps.
 */
export function toExactNumber(value: Json | undefined): number {
  const number = toNumber(value);
  if (typeof value !== 'string' || Number.isSafeInteger(number)) return number;
  return isExactNumber(number, value.trim().replace('+', '')) ? number : Number.NaN;
}
