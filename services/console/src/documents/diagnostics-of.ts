import type { Diagnostic } from '@toolplane/contracts';
import { ApiError } from '../api/api-error.ts';

/** What was said of the text that was refused. */
export function diagnosticsOf(error: unknown): Diagnostic[] {
  return error instanceof ApiError ? error.details.filter(isDiagnostic) : [];
}

function isDiagnostic(detail: unknown): detail is Diagnostic {
  const { pointer, line } = (detail ?? {}) as Partial<Diagnostic>;
  return typeof pointer === 'string' && typeof line === 'number';
}
