import { compileRegex, workOf } from '@toolplane/regex';
import { type Budget, spendUnits, UNITS_PER_MS } from '../budget.ts';
import { withinBudget } from '../within-budget.ts';

/** The number of instructions that can take 20 ms if the text is crafted for it. */
const BRIEF_WORK = 1_000_000;

export type Search = (text: string, budget: Budget) => boolean;

/**
 * Searches a text for a pattern. The search is charged by its measured time, because its upper bound is some forty
 * times what most searches need; a search that may be long runs with a time limit. Throws `RegexError`.
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
      // A regular expression learns while it searches. If it is stopped in the middle, it could return wrong results
      // from then on.
      regex = compileRegex(pattern, flags);
      throw thrown;
    }
  }
}
