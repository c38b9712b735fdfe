import type { Condition, Json, PatternText, Template } from '@toolplane/contracts';
import { RegexError } from '@toolplane/regex';
import type { Budget } from '../budget.ts';
import { compileTemplate } from '../compile-template.ts';
import type { EvaluateCondition } from '../evaluate.ts';
import { ExpressionError } from '../expression-error.ts';
import { falseOnFailure } from '../false-on-failure.ts';
import type { Scope } from '../scope.ts';
import { toText } from '../to-text.ts';
import { compileQuery } from './compile-query.ts';
import { createSearch, type Search } from './create-search.ts';
import { memoizeRecent } from './memoize-recent.ts';
import { compilePatternText } from './pattern-text.ts';

type RegexCondition = Extract<Condition, { kind: 'regex' }>;
type QueryCondition = Extract<Condition, { kind: 'query' }>;

/** Searches the text of a value; an object or a list is searched as JSON. */
export function compileRegexCriterion({ in: context, pattern, flags }: RegexCondition): EvaluateCondition {
  const toSearch = compileSearch(pattern, flags);
  return compileCriterion(context, (value, scope, budget) => toSearch(scope, budget)(toText(value, budget), budget));
}

export function compileQueryCriterion({ in: context, query }: QueryCondition): EvaluateCondition {
  return compileCriterion(context, compileQuery(query).holds);
}

function compileCriterion(
  context: Template,
  holds: (value: Json, scope: Scope, budget: Budget) => boolean,
): EvaluateCondition {
  const evaluate = compileTemplate(context);
  return falseOnFailure((scope, budget) => {
    const value = evaluate(scope, budget) ?? null;
    return value !== null && holds(value, scope, budget);
  });
}

/** The number of remembered patterns that contain values of the run. */
const RECENT_MAX = 8;

function compileSearch(pattern: PatternText, flags: string | undefined): (scope: Scope, budget: Budget) => Search {
  if (typeof pattern === 'string') {
    const search = createSearch(pattern, flags);
    return () => search;
  }
  const toPattern = compilePatternText(pattern, 'regex');
  const memoized = memoizeRecent(RECENT_MAX, (made) => createSearch(made, flags));
  return (scope, budget) => {
    const made = toPattern(scope, budget);
    try {
      return memoized(made);
    } catch (thrown) {
      if (!(thrown instanceof RegexError)) throw thrown;
      throw new ExpressionError('expression_failed', 'The values of this call do not form a valid regular expression');
    }
  };
}
