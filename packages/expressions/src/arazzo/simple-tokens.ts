import { isExactNumber } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { skipBlanks } from '../skip-blanks.ts';
import { readRuntimeExpression } from './parse-runtime-expression.ts';
import type { RuntimeExpression } from './runtime-expression.ts';

/** `leniency` is the text of a warning about syntax that public documents use outside the grammar of conditions. */
export type SimpleToken = { text: string; offset: number; leniency?: string } & (
  | { kind: 'operator' }
  | { kind: 'literal'; value: null | boolean | number | string }
  /** Text without quotes. */
  | { kind: 'word' }
  | { kind: 'expression'; expression: RuntimeExpression }
);

const TOKEN = new RegExp(
  [
    String.raw`(?<operator>(?:==|!=)(?!=)|<=|>=|<|>|\(|\)|!(?!=)|&&|\|\|)`,
    String.raw`(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))`,
    "(?<string>'(?:[^']|'')*')",
    String.raw`(?<doubleQuoted>"(?:[^"\\]|\\.)*")`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_-]*(?![.(\w]))`,
    String.raw`(?<braced>\{\$[^{}]*\})`,
  ].join('|'),
  'suy',
);

/** Matches the longest run of characters that an operand can span. */
const RUN = /\$[^\s!&()<=>{|}]*/y;

const constants = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Throws `ExpressionSyntaxError` at the first character that does not begin a token. */
export function readSimpleTokens(text: string): SimpleToken[] {
  const tokens: SimpleToken[] = [];
  for (let offset = skipBlanks(text, 0); offset < text.length; ) {
    const token = text[offset] === '$' ? readOperand(text, offset) : readToken(text, offset);
    tokens.push(token);
    offset = skipBlanks(text, offset + token.text.length);
  }
  return tokens;
}

function readOperand(text: string, offset: number): SimpleToken {
  RUN.lastIndex = offset;
  const { expression } = readExpression(RUN.exec(text)?.[0] ?? '', offset);
  return { kind: 'expression', expression, ...lenient(expression), text: expression.text, offset };
}

function readExpression(run: string, offset: number): { expression: RuntimeExpression; end: number } {
  try {
    return readRuntimeExpression(run, { isOperand: true });
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    throw new ExpressionSyntaxError(thrown.message, offset + thrown.offset);
  }
}

function lenient({ text }: RuntimeExpression): { leniency?: string } {
  return text.endsWith('.length') ? { leniency: 'The length of a list is not in the grammar: use a JSONPath' } : {};
}

function readToken(text: string, offset: number): SimpleToken {
  TOKEN.lastIndex = offset;
  const match = TOKEN.exec(text);
  if (match === null) throw new ExpressionSyntaxError(explain(text.slice(offset)), offset);
  const place = { text: match[0], offset };
  const { number, string, doubleQuoted, word, braced } = match.groups ?? {};
  if (number !== undefined) return { kind: 'literal', value: toNumber(number, offset), ...place };
  if (string !== undefined) return { kind: 'literal', value: string.slice(1, -1).replaceAll("''", "'"), ...place };
  if (doubleQuoted !== undefined) {
    const value = doubleQuoted.slice(1, -1).replace(/\\(.)/gs, '$1');
    return { kind: 'literal', value, leniency: 'Text must be in single quotes', ...place };
  }
  if (word !== undefined) return toWord(place);
  if (braced !== undefined) return toBraced(place);
  return { kind: 'operator', ...place };
}

function toNumber(text: string, offset: number): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new ExpressionSyntaxError('This number is too large', offset);
  if (!isExactNumber(value, text)) {
    throw new ExpressionSyntaxError('This number is too large to be kept exactly: write it in single quotes', offset);
  }
  return value;
}

function toWord(place: { text: string; offset: number }): SimpleToken {
  const { text, offset } = place;
  if (/^(?:and|or|not)$/i.test(text))
    throw new ExpressionSyntaxError('Write &&, || and ! instead of "and", "or" and "not"', offset);
  const value = constants.get(text.toLowerCase());
  if (value === undefined) return { kind: 'word', leniency: 'Text must be in single quotes', ...place };
  const leniency = text === String(value) ? {} : { leniency: `Write ${value}` };
  return { kind: 'literal', value, ...leniency, ...place };
}

function toBraced(place: { text: string; offset: number }): SimpleToken {
  const inside = place.text.slice(1, -1);
  const { expression, end } = readExpression(inside, place.offset + 1);
  if (end < inside.length) throw new ExpressionSyntaxError('A "}" is missing', place.offset + 1 + end);
  return { kind: 'expression', expression, leniency: 'An expression in a condition cannot have braces', ...place };
}

function explain(rest: string): string {
  if (/^[=!]=?=/.test(rest)) return 'Write "==" or "!=": values of other types are never equal';
  if (rest.startsWith('=')) return 'A single "=" compares nothing: write "=="';
  if (/^[&|]/.test(rest)) return 'Write && and ||';
  if (/^[*/+%-]/.test(rest)) return 'A condition cannot calculate';
  if (/^['"]/.test(rest)) return 'A quote is not closed';
  if (/^[\p{L}_][\p{L}\p{N}_.-]*\s*\(/u.test(rest)) return 'A condition cannot call functions';
  if (/^[\p{L}\p{N}_]/u.test(rest)) return 'Text must be in single quotes';
  return 'This character is not expected here';
}
