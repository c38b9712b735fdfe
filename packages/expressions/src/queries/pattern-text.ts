import type { PatternText } from '@toolplane/contracts';
import { type Budget, spendUnits } from '../budget.ts';
import { compileLookup } from '../lookup.ts';
import type { Scope } from '../scope.ts';
import { toStrictText } from '../to-text.ts';
import { escapeInside, type PatternLanguage } from './escape-value.ts';

/** A pattern or query made of values of the run. The function throws `ExpressionError` when one is missing. */
export function compilePatternText(
  parts: Exclude<PatternText, string>,
  language: PatternLanguage,
): (scope: Scope, budget: Budget) => string {
  const compiled = parts.map((part) =>
    typeof part === 'string' ? part : { find: compileLookup(part.path), inside: part.inside },
  );
  return (scope, budget) => {
    let text = '';
    for (const part of compiled) {
      const written =
        typeof part === 'string' ? part : escapeInside(toStrictText(part.find(scope), budget), part.inside, language);
      spendUnits(budget, written.length);
      text += written;
    }
    return text;
  };
}
