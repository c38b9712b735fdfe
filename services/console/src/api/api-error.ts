/** One violation in a request: its location and the rule that is broken. */
export type FormViolation = { path: string; message: string };

/** An error answer of the API. */
export class ApiError extends Error {
  /** The HTTP status of the answer, or 0 if there was none. */
  readonly status: number;
  readonly code: string;
  /** The details that the API returns: violations in a form, diagnostics of a document, or a list of texts. */
  readonly details: readonly unknown[];

  constructor(status: number, { code, message, details }: { code: string; message: string; details?: unknown }) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.details = Array.isArray(details) ? details : [];
  }
}

/** The message of the API for people, with the locations that it reports. */
export function toSentences(error: unknown): string[] {
  if (!(error instanceof ApiError)) return ['The request failed. Reload the page and try again.'];
  const violations = violationsOf(error).map(({ path, message }) => `${toField(path)} ${message}`);
  return violations.length > 0 ? violations : [error.message];
}

/** The violations in a form. Empty if the error is about something else. */
export function violationsOf(error: unknown): FormViolation[] {
  return error instanceof ApiError ? error.details.filter(isViolation) : [];
}

function isViolation(detail: unknown): detail is FormViolation {
  const { path, message } = (detail ?? {}) as Partial<FormViolation>;
  return typeof path === 'string' && typeof message === 'string';
}

/** `body.name` → `name`: people do not need to know which part of the request it was. */
function toField(path: string): string {
  return path.replace(/^(?:body|query|params)[./]/, '').replace(/^\//, '') || 'The request';
}
