import type { Problems } from './problems.ts';

/** Every check has its own limits; this limit applies to everything that they allow together. */
export function reportTooComplex(problems: Problems, msMax: number): void {
  const message = `The document takes more than ${msMax / 1000} seconds to check`;
  problems.error('document_too_complex', '', message, 'Simplify or split the document.');
}
