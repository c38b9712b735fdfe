import type { Json } from '@toolplane/contracts';
import { type Budget, sizeUpTo, spendUnits } from './budget.ts';
import { ExpressionError } from './expression-error.ts';
import { writePath } from './write-path.ts';

/** Converts a value to text: null and missing values become empty, objects and lists compact JSON. */
export function toText(value: Json | undefined, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? stringify(value, budget) : String(value);
}

/**
 * Converts a value to text where the text requires one: null becomes `null`, and a missing value throws an
 * `ExpressionError` that names it.
 */
export function toStrictText(value: Json | undefined, budget: Budget, path: readonly string[]): string {
  if (value === undefined) throw new ExpressionError('expression_failed', `\`${writePath(path)}\` has no value`);
  return value === null ? 'null' : toText(value, budget);
}

/**
 * Throws `ExpressionError` if the value cannot be written as text, since an upstream may return nesting that is too
 * deep for the stack.
 */
function stringify(value: Json, budget: Budget): string {
  let text: string | undefined;
  try {
    if (sizeUpTo(value, budget.unitsLeft) <= budget.unitsLeft) text = JSON.stringify(value);
  } catch {
    throw new ExpressionError('expression_failed', 'A value is too deep or too large to be written as text');
  }
  spendUnits(budget, text?.length ?? Number.POSITIVE_INFINITY);
  return text ?? '';
}
