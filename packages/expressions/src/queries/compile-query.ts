import type { Json, Query } from '@toolplane/contracts';
import type { Budget } from '../budget.ts';
import { ExpressionError, ExpressionSyntaxError } from '../expression-error.ts';
import type { Scope } from '../scope.ts';
import { readJsonPath } from './jsonpath/read-jsonpath.ts';
import { memoizeRecent } from './memoize-recent.ts';
import { compilePatternText } from './pattern-text.ts';
import { readPointer } from './read-pointer.ts';
import type { ReadQuery, ReplaceOptions } from './read-query.ts';
import { readXPath } from './xpath/read-xpath.ts';

/** A query of a plan. All methods throw `ExpressionError` for a value or a text on which the query cannot run. */
export type CompiledQuery = {
  find(value: Json, scope: Scope, budget: Budget): Json[];
  holds(value: Json, scope: Scope, budget: Budget): boolean;
  /** Changes the value, which must be a copy, and returns the value to continue with. */
  replace(value: Json, scope: Scope, options: ReplaceOptions): Json;
};

/** Compiles a query once per plan. A text that contains values of the run is parsed when these values are known. */
export function compileQuery(query: Query): CompiledQuery {
  const read = compileRead(query);
  return {
    find: (value, scope, budget) => read(scope, budget).find(value, budget),
    holds: (value, scope, budget) => read(scope, budget).holds(value, budget),
    replace: (value, scope, options) => read(scope, options.budget).replace(value, options),
  };
}

function compileRead({ language, text, on }: Query): (scope: Scope, budget: Budget) => ReadQuery {
  if (typeof text === 'string') {
    const fixed = readQuery(language, text, on, true);
    return () => fixed;
  }
  const toQueryText = compilePatternText(text, language);
  const memoized = memoizeRecent(RECENT_MAX, (made) => readQuery(language, made, on, false));
  return (scope, budget) => {
    const made = toQueryText(scope, budget);
    try {
      return memoized(made);
    } catch (thrown) {
      // The original message quotes the values.
      if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
      throw new ExpressionError('expression_failed', `The values of this call do not form a valid ${language} query`);
    }
  };
}

/** The number of remembered texts per query of a plan: a loop often runs the same query again. */
const RECENT_MAX = 8;

function readQuery(language: Query['language'], text: string, on: Query['on'], isFixed: boolean): ReadQuery {
  if (language === 'jsonpath') return readJsonPath(text, on);
  return language === 'xpath' ? readXPath(text, { isFixed }) : readPointer(text);
}
