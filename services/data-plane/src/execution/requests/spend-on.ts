import { type Budget, spendUnits } from '@toolplane/expressions';

/** For each copy of a text; one more for the separator. */
export function spendOn(text: string, budget: Budget): string {
  spendUnits(budget, text.length + 1);
  return text;
}
