import type { Json } from '@toolplane/contracts';
import { ExpressionError } from './expression-error.ts';

/** How a value reads inside a text: null and missing are empty, objects and lists compact JSON. */
export function toText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? stringify(value) : String(value);
}

/** An upstream may answer with nesting that is too deep for the stack. */
function stringify(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new ExpressionError('expression_failed', 'A value is too deep or too large to be written as text');
  }
}
