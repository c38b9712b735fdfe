import type { WorkBudget } from './work.ts';

/**
 * Below this limit, every decimal has its own double. With at most `EXACT_DIGITS_MAX` digits, a power of ten is exact.
 */
const EXACT_MAX = 1e15;
const EXACT_DIGITS_MAX = 22;
/** The units charged for numbers of any length. */
const UNITS = 1500;

/**
 * Compares decimal digits, as both numbers are written (JSON Schema 2020-12, validation §6.2.1): 19.99 is a multiple of
 * 0.01, although division of the nearest doubles leaves a remainder. `divisor` is greater than 0.
 */
export function toIsMultiple(divisor: number, work: WorkBudget): (value: number) => boolean {
  const by = toDecimal(divisor);
  const fractionDigits = Math.max(0, -by.exponent);
  const power = Number(`1e${fractionDigits}`);
  const whole = Number(scale(by, -fractionDigits));
  const isExact = fractionDigits <= EXACT_DIGITS_MAX && whole < EXACT_MAX;
  return (value) => {
    const scaled = Math.round(value * power);
    if (isExact && Math.abs(scaled) < EXACT_MAX) return scaled / power === value && scaled % whole === 0;
    work.spend(UNITS);
    return isMultiple(toDecimal(value), by);
  };
}

function isMultiple(dividend: Decimal, by: Decimal): boolean {
  const exponent = Math.min(dividend.exponent, by.exponent);
  return scale(dividend, exponent) % scale(by, exponent) === 0n;
}

/** `digits` times ten to the power of `exponent`. */
type Decimal = { digits: bigint; exponent: number };

function toDecimal(value: number): Decimal {
  const [mantissa = '', exponent] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function scale({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}
