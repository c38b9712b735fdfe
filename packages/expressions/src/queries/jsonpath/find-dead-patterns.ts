import { type JSONPathQuery, jsonpath } from 'json-p3';
import { isSearchable } from './compile-filter.ts';

type Expression = InstanceType<typeof jsonpath.expressions.FilterExpression>;

const { FilterQuery, FunctionExtension, InfixExpression, LogicalExpression, PrefixExpression, StringLiteral } =
  jsonpath.expressions;

/**
 * Returns the patterns of `match` and `search` that are not I-Regexps, such as `\d`: they are valid in a query but
 * never found.
 */
export function findDeadPatterns({ segments }: JSONPathQuery): string[] {
  return segments
    .flatMap(({ selectors }) => selectors)
    .flatMap((selector) =>
      selector instanceof jsonpath.selectors.FilterSelector ? findInExpression(selector.expression) : [],
    );
}

function findInExpression(expression: Expression): string[] {
  if (expression instanceof LogicalExpression) return findInExpression(expression.expression);
  if (expression instanceof PrefixExpression) return findInExpression(expression.right);
  if (expression instanceof InfixExpression) {
    return [...findInExpression(expression.left), ...findInExpression(expression.right)];
  }
  if (expression instanceof FilterQuery) return findDeadPatterns(expression.path);
  if (!(expression instanceof FunctionExtension)) return [];
  const [, pattern] = expression.args;
  const isDead = pattern instanceof StringLiteral && !isSearchable(pattern.value);
  return isDead ? [pattern.value] : expression.args.flatMap(findInExpression);
}
