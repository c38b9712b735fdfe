import type { Json } from '@toolplane/contracts';
import type { ExpressionError } from './expression-error.ts';

/**
 * What one evaluation may make. The answer of an upstream has a limit, but a document can name it many times, so what
 * is made from it needs its own limit, checked while it grows.
 */
export type Budget = {
  /** About one for each character, each member and each step of JMESPath; time is worth `UNITS_PER_MS`. */
  unitsLeft: number;
  createError(): Error;
  /** Gets each value that an expression gave, before it is put in its place; a literal of the document never. */
  admit?(value: Json): Json;
  /** Hears why a criterion of Arazzo could not be evaluated, which counts as false. */
  onFailedCriterion?(error: ExpressionError): void;
};

/** So the units that a process gives for what is made in one go are about a tenth of a second. */
export const UNITS_PER_MS = 200_000;

export function spendUnits(budget: Budget, units: number): void {
  budget.unitsLeft -= units;
  if (budget.unitsLeft < 0) throw budget.createError();
}

/**
 * At most the length of the value as JSON, which escapes and quotes only make longer. Counts shared parts as often as
 * they appear, and no further than just above the limit.
 */
export function sizeUpTo(value: Json, limit: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  if (Array.isArray(value)) {
    for (const item of value) {
      size += sizeUpTo(item, limit - size);
      if (size > limit) break;
    }
    return size;
  }
  // Without a list of the keys, which would cost more than all the rest.
  for (const key in value) {
    size += key.length + sizeUpTo(value[key] ?? null, limit - size);
    if (size > limit) break;
  }
  return size;
}
