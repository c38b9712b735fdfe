import type { Json, Template } from '@toolplane/contracts';
import { isSelector, parseSelector } from './parse-selector.ts';
import { parseTextTemplate } from './parse-text-template.ts';
import type { ParseHooks } from './resolve.ts';
import { walkValue } from './walk-value.ts';

/**
 * A value of a document: every string in it is an expression, a text with expressions in braces, or literal; keys are
 * left alone. With `selectors`, a Selector Object becomes what it finds. With `sparse`, members that name nothing are
 * left out. Errors are reported and what has one is taken literally; it throws none.
 */
export function parseArazzoValue(
  value: Json,
  hooks: ParseHooks,
  { selectors = false, sparse = false }: { selectors?: boolean; sparse?: boolean } = {},
): Template {
  return walkValue(value, hooks, {
    sparse,
    parseText: parseTextTemplate,
    parseObject: (object, inside) => (selectors && isSelector(object) ? parseSelector(object, inside) : undefined),
  });
}
