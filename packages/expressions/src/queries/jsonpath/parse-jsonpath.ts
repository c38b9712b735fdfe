import { JSONPathEnvironment, JSONPathError, type JSONPathQuery } from 'json-p3';
import { ExpressionSyntaxError } from '../../expression-error.ts';

const TEXT_LENGTH_MAX = 4096;

const environment = new JSONPathEnvironment();

/**
 * Parses JSONPath (RFC 9535). The library only parses; `readJsonPath` runs the query. Throws `ExpressionSyntaxError`.
 */
export function parseJsonPath(text: string): JSONPathQuery {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`A JSONPath query has at most ${TEXT_LENGTH_MAX} characters`, 0);
  }
  try {
    return environment.compile(text);
  } catch (thrown) {
    if (thrown instanceof JSONPathError) {
      throw new ExpressionSyntaxError(`Not a valid JSONPath query: ${thrown.message}`, thrown.token.index);
    }
    // Deep nesting overflows the library's parser.
    if (thrown instanceof RangeError) throw new ExpressionSyntaxError('A JSONPath query is nested too deeply', 0);
    throw thrown;
  }
}
