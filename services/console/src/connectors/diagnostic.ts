import { ApiError } from '../api/api-error.ts';

/** `Diagnostic` of the API: one problem of a text, and where it is. */
export type Diagnostic = {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  hint: string;
  pointer: string;
  line: number;
  column: number;
};

/** What was said of the text that was refused. */
export function diagnosticsOf(error: unknown): Diagnostic[] {
  return error instanceof ApiError ? error.details.filter(isDiagnostic) : [];
}

function isDiagnostic(detail: unknown): detail is Diagnostic {
  const { pointer, line } = (detail ?? {}) as Partial<Diagnostic>;
  return typeof pointer === 'string' && typeof line === 'number';
}
