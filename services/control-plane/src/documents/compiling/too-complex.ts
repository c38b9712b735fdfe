import type { Diagnostic } from '@toolplane/contracts';

/** The code that the compiler uses for what exceeds its own limits. */
export function tooComplex(message: string): Diagnostic {
  return {
    severity: 'error',
    code: 'document_too_complex',
    message,
    hint: 'Simplify or split the document.',
    pointer: '',
    line: 1,
    column: 1,
  };
}
