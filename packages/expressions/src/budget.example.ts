import type { Budget } from './budget.ts';

/** Returns a budget that is sufficient for every test that is not about the budget. */
export function exampleBudget(unitsLeft = 20_000_000): Budget {
  return { unitsLeft, createError: () => new Error('the budget is used up') };
}
