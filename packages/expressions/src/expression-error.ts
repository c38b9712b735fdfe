import { AppError } from '@toolplane/contracts';

/** A string of a document that is not a valid expression. `offset` counts UTF-16 units inside that string. */
export class ExpressionSyntaxError extends Error {
  readonly offset: number;
  /** The JSON Pointer to the string inside the parsed value. */
  readonly pointer: string;
  /** How to fix the error, if that is known. */
  readonly hint: string | undefined;

  constructor(message: string, offset: number, pointer = '', hint?: string) {
    super(message);
    this.name = 'ExpressionSyntaxError';
    this.offset = offset;
    this.pointer = pointer;
    this.hint = hint;
  }
}

/** An expression that cannot be evaluated with the values of this call. Its message never quotes a value. */
export class ExpressionError extends AppError {
  constructor(code: 'expression_failed' | 'invalid_upstream_request', message: string) {
    super(code, message);
  }
}
