import { compileRegex, type Regex, RegexError, workOf } from '@toolplane/regex';
import { JsonSchemaError } from './json-schema-error.ts';

/** Characters times instructions that one validation may spend on patterns: about half a second at worst. */
const WORK_MAX = 50_000_000;

/** A validation that ran out of `WORK_MAX`. */
export class TooMuchWork extends Error {}

/** Throws `JsonSchemaError`. */
export function compilePattern(pattern: string, pointer: string): Regex {
  try {
    return compileRegex(pattern);
  } catch (thrown) {
    if (thrown instanceof RegexError) throw new JsonSchemaError(thrown.message, pointer);
    throw thrown;
  }
}

/** The regular expressions of one schema, with a common budget per validation. */
export class PatternEngine {
  #workLeft = WORK_MAX;

  startValidation(): void {
    this.#workLeft = WORK_MAX;
  }

  /** In the shape of `RegExp`; `toString` must differ per pattern, because the validator shares equal ones by it. */
  create(pattern: string): { test: (text: string) => boolean; toString: () => string } {
    const compiled = compilePattern(pattern, '');
    return {
      test: (text) => {
        this.#workLeft -= workOf(compiled, text);
        if (this.#workLeft < 0) throw new TooMuchWork();
        return compiled.test(text);
      },
      toString: () => `/${pattern}/`,
    };
  }
}
