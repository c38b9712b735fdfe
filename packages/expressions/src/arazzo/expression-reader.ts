import { ExpressionSyntaxError } from '../expression-error.ts';

/** Reads the parts of one expression from a text, in one pass. */
export type ExpressionReader = {
  readonly text: string;
  /** True for an operand of a condition, where dots and brackets are operators. */
  readonly isOperand: boolean;
  position: number;
  /** The first part of the text that the grammar does not contain, if any. */
  leniency: string | undefined;
  warn(leniency: string): void;
  /** Returns undefined if the sticky pattern does not match here. */
  take(pattern: RegExp): string | undefined;
  fault(message: string): ExpressionSyntaxError;
  /** Reads a dot and a name. A name that only `wide` matches is accepted with a warning. */
  readName(after: string, strict: RegExp, wide?: RegExp): string;
  /** Reads a dot and a name of any characters, in which a backslash escapes as in JSON. */
  readCharacters(after: string, lengthMin: number): string;
};

export function createExpressionReader(text: string, isOperand: boolean): ExpressionReader {
  const reader: ExpressionReader = {
    text,
    isOperand,
    position: 0,
    leniency: undefined,
    warn,
    take,
    fault,
    readName,
    readCharacters,
  };
  return reader;

  function warn(leniency: string): void {
    reader.leniency ??= leniency;
  }

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = reader.position;
    const found = pattern.exec(text)?.[0];
    reader.position += found?.length ?? 0;
    return found;
  }

  function fault(message: string): ExpressionSyntaxError {
    return new ExpressionSyntaxError(message, reader.position);
  }

  function readName(after: string, strict: RegExp, wide = strict): string {
    if (take(/\./y) === undefined) throw fault(`A dot and a name are missing after ${after}`);
    const start = reader.position;
    const isStrict = take(strict) !== undefined;
    const end = reader.position;
    reader.position = start;
    const name = take(wide);
    if (name === undefined) throw fault(`A name is missing after ${after}`);
    if (!isStrict || reader.position > end) warn('A name can only have letters without accents, digits, "_" and "-"');
    return name;
  }

  function readCharacters(after: string, lengthMin: number): string {
    if (take(/\./y) === undefined) throw fault(`A dot and a name are missing after ${after}`);
    const name = take(/(?:[^"\\{}\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*/uy) ?? '';
    if (name.length < lengthMin) throw fault(`A name is missing after ${after}`);
    return name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name;
  }
}
