type Reported = {
  /** For programs. If the platform refused a request, this is the code of the platform. */
  code?: string;
  /** Lines to print below the message. */
  details?: readonly string[];
};

/** A problem that the person who typed the command can fix. Printed without a stack; the exit code is 1. */
export class CliError extends Error {
  readonly code: string;
  readonly details: readonly string[];

  constructor(message: string, { code = 'refused', details = [] }: Reported = {}) {
    super(message);
    this.name = 'CliError';
    this.code = code;
    this.details = details;
  }

  /** The form that programs read. */
  toJson(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      ...(this.details.length === 0 ? {} : { details: this.details }),
    };
  }
}
