import type { Json } from '@toolplane/contracts';
import { parseArazzoValue } from './parse-arazzo-value.ts';
import { parseJsonTemplate } from './parse-json-template.ts';
import type { ParseHooks } from './resolve.ts';
import type { RuntimeExpression } from './runtime-expression.ts';

/**
 * Returns all expressions that a value can be compiled to, whether as a value of the document or, if it is a text, as a
 * JSON template. The parsers themselves find them, so no escape hides one. Errors are not reported.
 */
export function findExpressions(value: Json): RuntimeExpression[] {
  const found: RuntimeExpression[] = [];
  const hooks: ParseHooks = {
    resolve(expression) {
      found.push(expression);
      return { value: null };
    },
    onError() {},
    onWarning() {},
  };
  parseArazzoValue(value, hooks, { selectors: true });
  if (typeof value === 'string') parseJsonTemplate(value, hooks);
  return found;
}
