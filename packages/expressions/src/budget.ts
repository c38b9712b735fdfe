import type { Json } from '@toolplane/contracts';
import type { ExpressionError } from './expression-error.ts';

/**
 * The limits of one evaluation. The response of an upstream is limited in size, but a document can name it many times,
 * so what is made from it needs its own limit, checked while it grows.
 */
export type Budget = {
  /** About one unit for each character, each member and each step of JMESPath. Time costs `UNITS_PER_MS`. */
  unitsLeft: number;
  createError(): Error;
  /**
   * Called with each value that an expression returned, before the value is inserted. Never called for a literal of the
   * document.
   */
  admit?(value: Json): Json;
  /** Called with the reason why a criterion of Arazzo could not be evaluated; the criterion then counts as false. */
  onFailedCriterion?(error: ExpressionError): void;
};

/** At this rate, the units that a process allows for one evaluation last about a tenth of a second. */
export const UNITS_PER_MS = 200_000;

export function spendUnits(budget: Budget, units: number): void {
  budget.unitsLeft -= units;
  if (budget.unitsLeft < 0) throw budget.createError();
}

/**
 * Returns at most the length of the value as JSON: escapes and quotes only make it longer. Counts shared parts as often
 * as they appear, and stops counting just above the limit.
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
  // This loop avoids a list of the keys, which would cost more than everything else.
  for (const key in value) {
    size += key.length + sizeUpTo(value[key] ?? null, limit - size);
    if (size > limit) break;
  }
  return size;
}
