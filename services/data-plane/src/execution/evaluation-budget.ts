import type { Span } from '@opentelemetry/api';
import { AppError, attributes, type ErrorCode } from '@toolplane/contracts';
import { type Budget, sizeUpTo, spendUnits } from '@toolplane/expressions';
import type { Redactor } from './redact.ts';

/**
 * The limit of what is built at once: a few times the size of an upstream's response, but far below the memory of a
 * process.
 */
const EVALUATED_UNITS_MAX = 20 * 1024 * 1024;

export function budgetFor(code: ErrorCode, message: string, unitsMax: number = EVALUATED_UNITS_MAX): Budget {
  return budgetOf(() => new AppError(code, message), unitsMax);
}

export function budgetOf(createError: () => Error, unitsMax: number = EVALUATED_UNITS_MAX): Budget {
  return { unitsLeft: unitsMax, createError };
}

/**
 * The budget for the conditions of a step: the reason why one could not be evaluated is recorded on the span of the
 * step, in words that quote no value.
 */
export function conditionBudget(span: Span): Budget {
  const budget = budgetFor('expression_failed', 'The conditions of this step compare values that are far too large');
  return { ...budget, onFailedCriterion: ({ message }) => span.setAttribute(attributes.criterionError, message) };
}

export type MaskingBudget = Budget & Required<Pick<Budget, 'admit'>>;

/**
 * The budget for everything that leaves the run: every value is measured, so that none is copied many times, and then
 * masked.
 */
export function maskingBudgetOf({ redact }: Redactor, createError: () => Error, unitsMax?: number): MaskingBudget {
  const budget: MaskingBudget = {
    ...budgetOf(createError, unitsMax),
    admit(value) {
      spendUnits(budget, sizeUpTo(value, budget.unitsLeft));
      return redact(value);
    },
  };
  return budget;
}
