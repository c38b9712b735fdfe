import { compileRegex, type Regex, RegexError, workOf } from '@toolplane/regex';
import { JsonSchemaError } from './json-schema-error.ts';
import type { Work } from './work.ts';

/** Of a search in no text at all. */
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

/** In the shape of `RegExp`; `toString` must differ per pattern, because the validator shares equal ones by it. */
export function createPattern(
  pattern: string,
  work: Work,
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
