/** Text that may hold a number JavaScript cannot keep: many digits in a row, or a large exponent. */
const SUSPICIOUS_NUMBER = /[0-9]{16}|[0-9][eE][+]?[0-9]{3}/;

/**
 * `parsed` is what `JSON.parse` made of `text`; each number in it that was rounded is replaced by what `replace` gives
 * for its text. Fractions and exponents are approximate by nature; digits alone are an id, or something counted.
 * Text that cannot hold such a number is not looked at again.
 */
export function replaceInexactNumbers(text: string, parsed: unknown, replace: (source: string) => unknown): unknown {
  if (!SUSPICIOUS_NUMBER.test(text)) return parsed;
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined) return value;
    return isExactNumber(value, source) ? value : replace(source);
  });
}

/** Whether a number is what its text says; digits alone have to be kept one by one. */
export function isExactNumber(value: number, source: string): boolean {
  if (!/^-?\d+$/.test(source)) return Number.isFinite(value);
  return Number.isSafeInteger(value) || String(value) === source;
}
