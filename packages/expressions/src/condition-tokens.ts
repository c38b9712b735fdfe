import { isExactNumber } from '@toolplane/contracts';
import { ExpressionSyntaxError } from './expression-error.ts';
import { parsePath, REFERENCE } from './reference.ts';
import { skipBlanks } from './skip-blanks.ts';

export type ConditionToken = { text: string; offset: number } & (
  | { kind: 'operator'; operator: string }
  | { kind: 'literal'; value: null | boolean | number | string }
  | { kind: 'reference'; path: string[] }
);

const TOKEN = new RegExp(
  [
    String.raw`(?<operator>==|!=|<=|>=|<|>|\(|\)|!|&&|\|\||(?:AND|OR)(?!\w))`,
    String.raw`(?<constant>(?:true|false|null)(?!\w))`,
    String.raw`(?<number>-?\d+(?:\.\d+)?(?![\w.]))`,
    String.raw`(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`,
    String.raw`(?<reference>${REFERENCE})(?![\w.[-])`,
  ].join('|'),
  'sy',
);

const operators = new Map([
  ['&&', 'and'],
  ['AND', 'and'],
  ['||', 'or'],
  ['OR', 'or'],
]);

/** Throws `ExpressionSyntaxError` at the first character that does not begin a token. */
export function readConditionTokens(text: string): ConditionToken[] {
  const tokens: ConditionToken[] = [];
  const pattern = new RegExp(TOKEN);
  for (let offset = skipBlanks(text, 0); offset < text.length; offset = skipBlanks(text, pattern.lastIndex)) {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match === null) throw new ExpressionSyntaxError(explain(text.slice(offset)), offset);
    tokens.push(toToken(match, offset));
  }
  return tokens;
}

function toToken({ 0: text, groups = {} }: RegExpExecArray, offset: number): ConditionToken {
  const { operator, constant, number, quoted } = groups;
  if (operator !== undefined) {
    return { kind: 'operator', operator: operators.get(operator) ?? operator, text, offset };
  }
  if (constant !== undefined) return { kind: 'literal', value: JSON.parse(constant) as null | boolean, text, offset };
  if (number !== undefined) return { kind: 'literal', value: toExactLiteral(number, offset), text, offset };
  if (quoted !== undefined) {
    return { kind: 'literal', value: quoted.slice(1, -1).replace(/\\(.)/gs, '$1'), text, offset };
  }
  return { kind: 'reference', path: parsePath(text), text, offset };
}

/** Refuses an id with more digits than a number keeps, because it would be compared as a different id. */
function toExactLiteral(text: string, offset: number): number {
  const value = Number(text);
  if (!isExactNumber(value, text)) {
    throw new ExpressionSyntaxError('This number is too large to be kept exactly: write it in quotes', offset);
  }
  return value;
}

function explain(rest: string): string {
  if (/^=(?!=)/.test(rest)) return 'A single "=" compares nothing: write "=="';
  if (/^(?:and|or|not)\b/i.test(rest)) return 'Write AND (&&), OR (||), and ! for "not"';
  if (/^['"]/.test(rest)) return 'A quote is not closed';
  if (new RegExp(String.raw`^${REFERENCE}\[`).test(rest)) return 'Brackets (JMESPath) are not allowed in a condition';
  if (rest.startsWith('$')) return 'This "$" does not begin a known reference';
  if (/^\w+\s*\(/.test(rest)) return 'Function calls are not allowed in a condition';
  return /^[\w-]/.test(rest) ? 'Text in a condition must be in quotes' : 'This character is not expected here';
}
