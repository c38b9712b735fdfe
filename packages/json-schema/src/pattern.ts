import { compileRegex, type Regex, RegexError, workOf } from '@toolplane/regex';
import { JsonSchemaError } from './json-schema-error.ts';
import type { WorkBudget } from './work.ts';

/** The units charged for a search in an empty text. */
const UNITS = 200;

/** Throws `JsonSchemaError`. */
export function compilePattern(pattern: string, pointer: string): Regex {
  try {
    return compileRegex(pattern);
  } catch (thrown) {
    if (thrown instanceof RegexError) throw new JsonSchemaError(thrown.message, pointer);
    throw thrown;
  }
}

/**
 * Returns an object with the shape of `RegExp`. `toString` must differ per pattern, because the validator uses it to
 * share equal patterns.
 */
export function createPattern(
  pattern: string,
  work: WorkBudget,
): { test: (text: string) => boolean; toString: () => string } {
  const compiled = compilePattern(pattern, '');
  return {
    test: (text) => {
      work.spend(UNITS + workOf(compiled, text));
      return compiled.test(text);
    },
    toString: () => `/${pattern}/`,
  };
}
