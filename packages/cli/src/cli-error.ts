type Told = {
  /** For programs. Of what the platform refuses it is the code of the platform. */
  code?: string;
  /** Lines to print below the message. */
  details?: readonly string[];
};

/** A problem that the person who typed the command can fix: printed without a stack, exit code 1. */
export class CliError extends Error {
  readonly code: string;
  readonly details: readonly string[];

  constructor(message: string, { code = 'refused', details = [] }: Told = {}) {
    super(message);
    this.name = 'CliError';
    this.code = code;
    this.details = details;
  }

  /** As programs read it. */
  toJson(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      ...(this.details.length === 0 ? {} : { details: this.details }),
    };
  }
}
