import type { Json, Template } from '@toolplane/contracts';
import { isSelector, parseSelector } from './parse-selector.ts';
import { parseTextTemplate } from './parse-text-template.ts';
import type { ParseHooks } from './resolve.ts';
import { walkValue } from './walk-value.ts';

/**
 * Parses a value of a document: every string in it is an expression, a text with expressions in braces, or literal;
 * keys are left unchanged. With `selectors`, a Selector Object becomes the result of its query. With `sparse`, members
 * that name nothing are omitted. Errors are reported and not thrown, and the faulty string is used literally.
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
