import type { Diagnostic } from '@toolplane/contracts';
import { CliError } from '../cli-error.ts';

/** One thing that is wrong with the form of a request: `body.name`, and the rule. */
export type Violation = { path: string; message: string };

type Refused = { status: number; code: string; violations: readonly Violation[]; diagnostics: readonly Diagnostic[] };

/** What the API refuses. The message has the places that it names. */
export class ApiError extends CliError {
  readonly status: number;
  readonly code: string;
  /** Of a document that was sent. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, { status, code, violations, diagnostics }: Refused) {
    super([message, ...violations.map(toLine)].join('\n  '));
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.diagnostics = diagnostics;
  }
}

/** Which part of a request it was is no business of people. */
function toLine({ path, message }: Violation): string {
  return `${path.replace(/^(?:body|query|params)[./]/, '')} ${message}`;
}
