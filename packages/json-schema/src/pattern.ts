import { RE2JS } from 're2js';
import { JsonSchemaError } from './json-schema-error.ts';

const PATTERN_LENGTH_MAX = 1024;
const PROGRAM_SIZE_MAX = 4000;

/** Characters times instructions that one validation may spend on patterns: about half a second at worst. */
const WORK_MAX = 50_000_000;

/** A validation that ran out of `WORK_MAX`. */
export class TooMuchWork extends Error {}

/** RE2JS runs in time linear to the text, whatever the pattern. Throws `JsonSchemaError`. */
export function compilePattern(pattern: string, pointer: string): RE2JS {
  if (pattern.length > PATTERN_LENGTH_MAX) {
    throw new JsonSchemaError(`A pattern has at most ${PATTERN_LENGTH_MAX} characters`, pointer);
  }
  const compiled = compileLinear(pattern, pointer);
  if (compiled.programSize() > PROGRAM_SIZE_MAX) {
    throw new JsonSchemaError('The pattern is too large: its repetitions multiply', pointer);
  }
  return compiled;
}

function compileLinear(pattern: string, pointer: string): RE2JS {
  // RE2JS would read `\k<name>` as the letters that follow the backslash.
  if (/\\k</.test(pattern)) throw new JsonSchemaError(unsupported('back-references'), pointer);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (thrown) {
    const construct = constructs.find(([mark]) => mark.test(pattern));
    const reason = (thrown as Error).message.replace('error parsing regexp: ', '');
    const message = construct === undefined ? `The pattern is not supported: ${reason}` : unsupported(construct[1]);
    throw new JsonSchemaError(message, pointer);
  }
}

const constructs: [RegExp, string][] = [
  [/\(\?<[=!]/, 'look-behind'],
  [/\(\?[=!]/, 'look-ahead'],
  [/\(\?>/, 'atomic groups'],
  [/\\[1-9]/, 'back-references'],
  [/\\p\{\w+=/i, 'Unicode properties with a value'],
];

function unsupported(construct: string): string {
  return `The pattern uses ${construct}, which the linear-time engine does not support`;
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
    const size = compiled.programSize();
    return {
      test: (text) => {
        this.#workLeft -= text.length * size;
        if (this.#workLeft < 0) throw new TooMuchWork();
        return compiled.test(text);
      },
      toString: () => `/${pattern}/`,
    };
  }
}
