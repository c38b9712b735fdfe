import type { Diagnostic } from '@toolplane/contracts';

/** The problem has the code that the compiler uses for documents that exceed its own limits. */
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
