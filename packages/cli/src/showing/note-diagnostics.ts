import { ApiError } from '../platform/api-error.ts';
import type { Terminal } from '../terminal.ts';
import { toDiagnosticLines } from './diagnostics.ts';

/**
 * Handles errors of the API: first prints what is wrong with the document that was sent. With `--json`, the error
 * contains it.
 */
export function noteDiagnostics(terminal: Terminal, document: string): (error: unknown) => never {
  return (error) => {
    const found = error instanceof ApiError && !terminal.speaksJson ? error.diagnostics : [];
    for (const line of toDiagnosticLines(found, document, new Map())) terminal.note(line);
    throw error;
  };
}
