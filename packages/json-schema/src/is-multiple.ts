/**
 * By decimal digits, as both are written (JSON Schema 2020-12, validation §6.2.1): 19.99 is a multiple of 0.01, although
 * the doubles nearest to them do not divide so. `divisor` is above 0.
 */
export function isMultiple(value: number, divisor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(divisor)) return value % divisor === 0;
  const [dividend, by] = [toDecimal(value), toDecimal(divisor)];
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
