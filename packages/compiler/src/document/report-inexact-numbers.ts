import type { Problems } from './problems.ts';

/** Bounds cannot be written as text, and a slightly rounded bound does no harm. */
const BOUND =
  /^\/(?:(?:flows|workflows)\/\d+|components)\/inputs\/.*\/(?:minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf)$/;

/** An id of many digits would be sent as a different id. */
export function reportInexactNumbers(pointers: readonly string[], problems: Problems): void {
  for (const pointer of pointers) {
    if (BOUND.test(pointer)) continue;
    const message = 'This number has more digits than can be kept exactly';
    problems.error('invalid_number', pointer, message, 'Write it as text, in quotes.');
  }
}
