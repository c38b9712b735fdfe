import type { Diagnostic } from '@toolplane/contracts';

/** The code that the compiler uses for what exceeds its own limits. */
export function tooComplex(message: string, hint = 'Simplify or split the document.'): Diagnostic {
  return {
    severity: 'error',
    code: 'document_too_complex',
    message,
    hint,
    pointer: '',
    line: 1,
    column: 1,
  };
}
