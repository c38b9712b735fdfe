import type { ComparisonOperator, Condition } from '@toolplane/contracts';
import { comparisonOperators } from '@toolplane/contracts';
import { type ConditionToken, readConditionTokens } from './condition-tokens.ts';
import { ExpressionSyntaxError } from './expression-error.ts';
import { EXPRESSION_LENGTH_MAX } from './jmespath/parse-jmespath.ts';
import type { FoundReference } from './reference.ts';

const DEPTH_MAX = 32;
const OPERANDS_MAX = 200;

/** Parses a condition: `!` binds tighter than a comparison, then AND, then OR. Throws `ExpressionSyntaxError`. */
export function parseCondition(text: string): { condition: Condition; references: FoundReference[] } {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`A condition has at most ${EXPRESSION_LENGTH_MAX} characters`, 0);
  }
  const tokens = readConditionTokens(text);
  const references: FoundReference[] = [];
  let position = 0;
  let depth = 0;
  let operands = 0;
  const condition = parseAny();
  const rest = tokens[position];
  if (rest !== undefined) throw new ExpressionSyntaxError(`"${rest.text}" is not expected here`, rest.offset);
  return { condition, references };

  function parseAny(): Condition {
    return parseJoined('or', () => parseJoined('and', parseComparison));
  }

  function parseJoined(kind: 'and' | 'or', parseOperand: () => Condition): Condition {
    const first = parseOperand();
    const of = [first];
    while (takeOperator(kind)) of.push(parseOperand());
    return of.length === 1 ? first : { kind, of };
  }

  function parseComparison(): Condition {
    const left = parseNegation();
    const operator = comparisonOperators.find((candidate) => takeOperator(candidate));
    return operator === undefined ? left : toComparison(operator, left, parseNegation());
  }

  function parseNegation(): Condition {
    return takeOperator('!') ? nested(() => ({ kind: 'not', of: parseNegation() })) : parseOperand();
  }

  function parseOperand(): Condition {
    if (takeOperator('(')) {
      const inside = nested(parseAny);
      if (!takeOperator(')')) throw unexpected('A ")" is missing');
      return inside;
    }
    const token = tokens[position];
    if (token === undefined || token.kind === 'operator') throw unexpected('A value or a reference is missing');
    position += 1;
    operands += 1;
    if (operands > OPERANDS_MAX) {
      throw new ExpressionSyntaxError(`A condition has at most ${OPERANDS_MAX} values`, token.offset);
    }
    if (token.kind === 'literal') return { kind: 'literal', value: token.value };
    const { path, offset, text: written } = token;
    references.push({ path, offset, text: written, pointer: '', isJmespath: false });
    return { kind: 'reference', path };
  }

  function nested(parse: () => Condition): Condition {
    depth += 1;
    if (depth > DEPTH_MAX) throw unexpected(`A condition nests at most ${DEPTH_MAX} levels`);
    const inside = parse();
    depth -= 1;
    return inside;
  }

  function takeOperator(operator: ConditionToken['text']): boolean {
    const token = tokens[position];
    if (token?.kind !== 'operator' || token.operator !== operator) return false;
    position += 1;
    return true;
  }

  function unexpected(message: string): ExpressionSyntaxError {
    return new ExpressionSyntaxError(message, tokens[position]?.offset ?? text.trimEnd().length);
  }
}

function toComparison(operator: ComparisonOperator, left: Condition, right: Condition): Condition {
  return { kind: 'compare', operator, left, right };
}
