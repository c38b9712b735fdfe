/**
 * Matches text that may contain a number that JavaScript cannot represent: many digits in a row, or a large exponent.
 */
const SUSPICIOUS_NUMBER = /[0-9]{16}|[0-9][eE][+]?[0-9]{3}/;
/** The length of `1e999`. */
const SUSPICIOUS_LENGTH_MIN = 5;

/**
 * `parsed` is the result of `JSON.parse(text)`. Each number in it that was rounded is replaced by the result of
 * `replace` for its text. Fractions and numbers with exponents are approximate by nature; a number with digits alone is
 * an id or a count. Text that cannot contain such a number is not scanned a second time. A reviver is called for every
 * value, and would take many times as long if few of the values are such numbers.
 */
export function replaceInexactNumbers(text: string, parsed: unknown, replace: (source: string) => string): unknown {
  if (!SUSPICIOUS_NUMBER.test(text)) return parsed;
  const pieces: string[] = [];
  let copiedTo = 0;
  for (const [start, source] of findInexactNumbers(text)) {
    pieces.push(text.slice(copiedTo, start), JSON.stringify(replace(source)));
    copiedTo = start + source.length;
  }
  return pieces.length === 0 ? parsed : JSON.parse(pieces.join('') + text.slice(copiedTo));
}

/**
 * Returns whether a number equals its text. Only digits alone, or followed by nothing but zeros, have to be preserved
 * exactly.
 */
export function isExactNumber(value: number, source: string): boolean {
  const [, digits] = /^(-?\d+)(?:\.0+)?$/.exec(source) ?? [];
  if (digits === undefined) return Number.isFinite(value);
  return Number.isSafeInteger(value) || String(value) === digits;
}

/** The text is known to be JSON: outside strings, anything that begins with a digit or a minus is a number. */
function* findInexactNumbers(text: string): Generator<[start: number, source: string]> {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') at = endOfString(text, at);
    else if (isDigit(text, at) || text[at] === '-') {
      const end = endOfNumber(text, at);
      const source = end - at < SUSPICIOUS_LENGTH_MIN ? '' : text.slice(at, end);
      if (SUSPICIOUS_NUMBER.test(source) && !isExactNumber(Number(source), source)) yield [at, source];
      at = end - 1;
    }
  }
}

function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (isDigit(text, end) || IN_NUMBERS.has(text[end] ?? '')) end += 1;
  return end;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

const IN_NUMBERS: ReadonlySet<string> = new Set(['.', 'e', 'E', '+', '-']);
