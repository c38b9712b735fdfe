import { RE2JS } from 're2js';

const PATTERN_LENGTH_MAX = 1024;
const PROGRAM_SIZE_MAX = 4000;

export type Regex = Pick<RE2JS, 'test' | 'programSize' | 'split' | 'matcher'>;

/** The message says what is wrong with the pattern, for its author. */
export class RegexError extends Error {}

/**
 * Compiles a user's regular expression, in ECMAScript syntax. It runs in time linear in the text, whatever the pattern.
 * `test` searches. Flags: `i`, `m`, `s`. Throws `RegexError`, also for what a linear engine cannot do: look-around and
 * back-references.
 */
export function compileRegex(pattern: string, flags = ''): Regex {
  if (pattern.length > PATTERN_LENGTH_MAX) {
    throw new RegexError(`A pattern has at most ${PATTERN_LENGTH_MAX} characters`);
  }
  const compiled = compileLinear(pattern, flags);
  if (compiled.programSize() > PROGRAM_SIZE_MAX) {
    throw new RegexError('The pattern is too large: its repetitions multiply');
  }
  return compiled;
}

/** The maximum cost of a search in this text, in instructions; RE2JS executes about 10⁸ a second. */
export function workOf(regex: Regex, text: string): number {
  return text.length * regex.programSize();
}

function compileLinear(pattern: string, flags: string): RE2JS {
  // RE2JS would read `\k<name>` as the letters that follow the backslash.
  if (/\\k</.test(pattern)) throw new RegexError(unsupported('back-references'));
  const bits = [...flags].reduce((sum, flag) => sum | flagBit(flag), 0);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), bits);
  } catch (thrown) {
    const construct = constructs.find(([mark]) => mark.test(pattern));
    const reason = (thrown as Error).message.replace('error parsing regexp: ', '');
    throw new RegexError(
      construct === undefined ? `The pattern is not supported: ${reason}` : unsupported(construct[1]),
    );
  }
}

function flagBit(flag: string): number {
  const bit = flagBits.get(flag);
  if (bit === undefined) throw new RegexError(`The flag "${flag}" is not supported: use i, m or s`);
  return bit;
}

const flagBits = new Map([
  ['i', RE2JS.CASE_INSENSITIVE],
  ['m', RE2JS.MULTILINE],
  ['s', RE2JS.DOTALL],
]);

const constructs: [RegExp, string][] = [
  [/\(\?<[=!]/, 'look-behind'],
  [/\(\?[=!]/, 'look-ahead'],
  [/\(\?>/, 'atomic groups'],
  [/\\[1-9]/, 'back-references'],
  [/\\p\{\w+=/i, 'Unicode properties with a value'],
];

function unsupported(construct: string): string {
  return `The pattern uses ${construct}, which the linear-time engine does not support`;
}
