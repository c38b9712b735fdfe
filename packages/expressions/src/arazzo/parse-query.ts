import type { PatternText, Query } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { EXPRESSION_LENGTH_MAX } from '../jmespath/parse-jmespath.ts';
import { checkQuery, toJsonPathQuery } from '../queries/check-query.ts';
import { parsePatternText } from './parse-pattern-text.ts';
import { type ParseHooks, warn } from './resolve.ts';

/**
 * Parses a query with expressions in braces. `compat` accepts the JSONPath idioms of public documents. Errors are
 * reported.
 */
export function parseQuery(
  language: Query['language'],
  text: string,
  hooks: ParseHooks,
  { compat }: { compat: boolean },
): Query {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    hooks.onError(new ExpressionSyntaxError(`A query has at most ${EXPRESSION_LENGTH_MAX} characters`, 0));
    return { language, text };
  }
  const pattern = parsePatternText(text, hooks, language);
  try {
    return { language, ...check(language, pattern, hooks, compat) };
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    // With text in quotes as a value, the query may be valid.
    if (typeof pattern === 'string') hooks.onError(thrown);
    else
      warn(
        hooks,
        `Outside quotes, a value is a number or a quoted string, and with a number this is not valid: ${thrown.message}`,
      );
    return { language, text: pattern };
  }
}

function check(
  language: Query['language'],
  pattern: PatternText,
  hooks: ParseHooks,
  compat: boolean,
): Omit<Query, 'language'> {
  if (language !== 'jsonpath') {
    checkQuery(language, pattern);
    return { text: pattern };
  }
  const { warning, ...query } = toJsonPathQuery(pattern, { compat });
  if (warning !== undefined) warn(hooks, warning);
  return query;
}
