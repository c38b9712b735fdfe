type Told = {
  /** For programs. Of what the platform refuses it is the code of the platform. */
  code?: string;
  /** What stands below the message, a line each. */
  details?: readonly string[];
};

/** Something that whoever typed the command can put right: told without a stack, exit code 1. */
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
