import { type Budget, spendUnits } from '@toolplane/expressions';

/** Charges the budget for a copy of a text, with one more unit for the separator. */
export function spendOn(text: string, budget: Budget): string {
  spendUnits(budget, text.length + 1);
  return text;
}
