import type { Template } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { checkJmespath } from './check-jmespath.ts';
import { EXPRESSION_LENGTH_MAX } from './parse-jmespath.ts';

const QUOTED_OR_ODD = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|[$'"`]/gs;

/**
 * Parses plain JMESPath that can read only one value of the scope: a `$` outside quotes would name the whole scope.
 * `path` consists only of names. Throws `ExpressionSyntaxError`.
 */
export function parsePicked(text: string, path: readonly string[]): Template {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`An expression has at most ${EXPRESSION_LENGTH_MAX} characters`, 0);
  }
  for (const { 0: found, index } of text.matchAll(QUOTED_OR_ODD)) {
    if (found === '$')
      throw new ExpressionSyntaxError('"$" cannot be used here: begin with a name in the value', index);
    if (found.length === 1) throw new ExpressionSyntaxError(`A quote (${found}) is not closed`, index);
  }
  // A pipe has the lowest precedence, so nothing in the text can reach what precedes this one.
  const expression = `$.${path.map((name) => `"${name}"`).join('.')} | ${text.trim()}`;
  checkJmespath(expression, text);
  return { kind: 'jmespath', expression };
}
