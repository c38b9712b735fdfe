import type { Diagnostic } from '@toolplane/contracts';
import { ApiError } from '../api/api-error.ts';

/** The diagnostics of a refused text. */
export function diagnosticsOf(error: unknown): Diagnostic[] {
  return error instanceof ApiError ? error.details.filter(isDiagnostic) : [];
}

function isDiagnostic(detail: unknown): detail is Diagnostic {
  const { pointer, line } = (detail ?? {}) as Partial<Diagnostic>;
  return typeof pointer === 'string' && typeof line === 'number';
}
