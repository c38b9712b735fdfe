import { type ComparisonOperator, type Condition, comparisonOperators } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { EXPRESSION_LENGTH_MAX } from '../jmespath/parse-jmespath.ts';
import { type ParseHooks, reporting, resolveAt, warn } from './resolve.ts';
import { readSimpleTokens, type SimpleToken } from './simple-tokens.ts';

const DEPTH_MAX = 32;
const OPERANDS_MAX = 200;

/**
 * Parses a simple condition: `||` over `&&` over a comparison of two values, a value, or a group; `!` stands before a
 * value or a group. Errors are reported, and the condition then never holds.
 */
export function parseSimpleCriterion(text: string, hooks: ParseHooks): Condition {
  const of = reporting(hooks, 0, () => parseSimple(text, hooks));
  return { kind: 'simple', of: of ?? { kind: 'literal', value: false } };
}

function parseSimple(text: string, hooks: ParseHooks): Condition {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`A condition has at most ${EXPRESSION_LENGTH_MAX} characters`, 0);
  }
  const tokens = readSimpleTokens(text);
  let position = 0;
  let depth = 0;
  let operands = 0;
  const condition = parseAny();
  const rest = tokens[position];
  if (rest !== undefined) throw new ExpressionSyntaxError(explainRest(rest), rest.offset);
  return condition;

  function parseAny(): Condition {
    return parseJoined('or', '||', () => parseJoined('and', '&&', parseTerm));
  }

  function parseJoined(kind: 'and' | 'or', operator: string, parseOne: () => Condition): Condition {
    const first = parseOne();
    const of = [first];
    while (takeOperator(operator)) of.push(parseOne());
    return of.length === 1 ? first : { kind, of };
  }

  function parseTerm(): Condition {
    if (takeOperator('!')) return { kind: 'not', of: isOperator('(') ? parseGroup() : parseAlone() };
    return isOperator('(') ? parseGroup() : parseComparison();
  }

  function parseGroup(): Condition {
    depth += 1;
    if (depth > DEPTH_MAX) throw unexpected(`A condition nests at most ${DEPTH_MAX} levels`);
    position += 1;
    const inside = parseAny();
    if (!takeOperator(')')) throw unexpected('A ")" is missing');
    depth -= 1;
    return inside;
  }

  function parseComparison(): Condition {
    const operator = findComparison(tokens[position + 1]);
    if (operator === undefined) return parseAlone();
    const left = parseOperand();
    position += 1;
    return { kind: 'compare', operator, left, right: parseOperand() };
  }

  function parseAlone(): Condition {
    const token = tokens[position];
    if (token?.kind === 'word') throw unexpected('Text must be in single quotes and be compared with something');
    if (token?.kind === 'literal') {
      const message = `${token.text} alone always has the same result: compare something with it, $statusCode == 201`;
      warn(hooks, message, token.offset);
    }
    return parseOperand();
  }

  function parseOperand(): Condition {
    const token = tokens[position];
    if (token === undefined || token.kind === 'operator') throw unexpected('A value or an expression is missing');
    position += 1;
    operands += 1;
    if (operands > OPERANDS_MAX) {
      throw new ExpressionSyntaxError(`A condition has at most ${OPERANDS_MAX} values`, token.offset);
    }
    if (token.leniency !== undefined) warn(hooks, token.leniency, token.offset);
    if (token.kind === 'word') return { kind: 'literal', value: token.text };
    return token.kind === 'literal' ? { kind: 'literal', value: token.value } : resolveOperand(token);
  }

  function resolveOperand({ expression, offset }: Extract<SimpleToken, { kind: 'expression' }>): Condition {
    const resolved = resolveAt(offset, expression, hooks);
    if (resolved === undefined) return { kind: 'literal', value: null };
    if ('path' in resolved) return { kind: 'reference', path: resolved.path };
    const { value } = resolved;
    if (typeof value === 'object' && value !== null) {
      throw new ExpressionSyntaxError('A condition cannot compare lists or objects of the document', offset);
    }
    return { kind: 'literal', value };
  }

  function isOperator(operator: string): boolean {
    const token = tokens[position];
    return token?.kind === 'operator' && token.text === operator;
  }

  function takeOperator(operator: string): boolean {
    if (!isOperator(operator)) return false;
    position += 1;
    return true;
  }

  function unexpected(message: string): ExpressionSyntaxError {
    return new ExpressionSyntaxError(message, tokens[position]?.offset ?? text.trimEnd().length);
  }
}

function findComparison(token: SimpleToken | undefined): ComparisonOperator | undefined {
  return token?.kind === 'operator' ? comparisonOperators.find((operator) => operator === token.text) : undefined;
}

function explainRest(token: SimpleToken): string {
  const isComparison = findComparison(token) !== undefined;
  if (isComparison) return 'A comparison has two values: join comparisons by &&, and negate one as !(a == b)';
  return token.kind === 'word' ? 'Text must be in single quotes' : `"${token.text}" is not expected here`;
}
