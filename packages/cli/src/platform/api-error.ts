import type { Diagnostic } from '@toolplane/contracts';
import { CliError } from '../cli-error.ts';

/** One violation in a request: its location (`body.name`), the rule, and what may have been meant. */
export type ReportedViolation = { path: string; message: string; suggestions?: readonly string[] | undefined };

type Refused = {
  status: number;
  code: string;
  violations: readonly ReportedViolation[];
  diagnostics: readonly Diagnostic[];
  /** What the user can do about the error. */
  hint?: string | undefined;
};

/** An error answer of the API, with the violations that it reports. */
export class ApiError extends CliError {
  readonly status: number;
  readonly violations: readonly ReportedViolation[];
  /** The problems of a document that was sent. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, { status, code, violations, diagnostics, hint }: Refused) {
    super(message, { code, details: [...violations.map(toLine), ...(hint === undefined ? [] : [hint])] });
    this.name = 'ApiError';
    this.status = status;
    this.violations = violations;
    this.diagnostics = diagnostics;
  }

  override toJson(): Record<string, unknown> {
    const { code, message, status, violations, diagnostics } = this;
    return {
      code,
      message,
      status,
      ...(violations.length === 0 ? {} : { violations }),
      ...(diagnostics.length === 0 ? {} : { diagnostics }),
    };
  }
}

/** The part of the request (`body`, `query`, `params`) does not matter to people. */
function toLine({ path, message, suggestions = [] }: ReportedViolation): string {
  const line = `${path.replace(/^(?:body|query|params)[./]/, '')} ${message}`;
  return suggestions.length === 0 ? line : `${line}. Did you mean ${suggestions.join(' or ')}?`;
}
