import type { PatternText } from '@toolplane/contracts';
import { type Budget, spendUnits } from '../budget.ts';
import { compileLookup } from '../lookup.ts';
import type { Scope } from '../scope.ts';
import { toStrictText } from '../to-text.ts';
import { escapeValue, type PatternLanguage, type ValueContext } from './escape-value.ts';

type Part = Exclude<PatternText, string>[number];

/**
 * Builds a pattern or query from values of the run. The returned function throws `ExpressionError` if a value is
 * missing.
 */
export function compilePatternText(parts: Part[], language: PatternLanguage): (scope: Scope, budget: Budget) => string {
  const [first] = parts;
  const isFragment = typeof first === 'string' && first.startsWith('#');
  const compiled = parts.map((part) => {
    if (typeof part === 'string') return part;
    const place = { language, quote: part.inside, isAlone: parts.length === 1, isFragment };
    return compileValue(part.path, place);
  });
  return (scope, budget) => {
    let text = '';
    for (const part of compiled) {
      const written = typeof part === 'string' ? part : part(scope, budget);
      spendUnits(budget, written.length);
      text += written;
    }
    return text;
  };
}

function compileValue(path: string[], place: ValueContext): (scope: Scope, budget: Budget) => string {
  const find = compileLookup(path);
  return (scope, budget) => {
    const value = find(scope);
    return escapeValue(value ?? null, toStrictText(value, budget, path), place);
  };
}
