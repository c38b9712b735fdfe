import { compileRegex, workOf } from '@toolplane/regex';
import { type Budget, spendUnits, UNITS_PER_MS } from '../budget.ts';
import { withinBudget } from '../within-budget.ts';

/** Instructions that can take 20 ms, if the text is made for it. */
const BRIEF_WORK = 1_000_000;

export type Search = (text: string, budget: Budget) => boolean;

/**
 * Whether a pattern is found in a text. The time it takes is measured, because its upper bound is some forty times what
 * most searches need; one that may be long is watched. Throws `RegexError`.
 */
export function createSearch(pattern: string, flags?: string): Search {
  let regex = compileRegex(pattern, flags);
  return (text, budget) => (workOf(regex, text) > BRIEF_WORK ? searchWatched(text, budget) : search(text, budget));

  function search(text: string, budget: Budget): boolean {
    const startMs = performance.now();
    const isFound = regex.test(text);
    spendUnits(budget, (performance.now() - startMs) * UNITS_PER_MS);
    return isFound;
  }

  function searchWatched(text: string, budget: Budget): boolean {
    try {
      return withinBudget(budget, () => regex.test(text));
    } catch (thrown) {
      // It learns while it searches; stopped in the middle of that, it could find something else from now on.
      regex = compileRegex(pattern, flags);
      throw thrown;
    }
  }
}
