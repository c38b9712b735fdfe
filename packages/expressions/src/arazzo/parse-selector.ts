import { isJsonObject, type Json, type JsonObject, type Query, type Template } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { parseQuery } from './parse-query.ts';
import { parseRuntimeExpression } from './parse-runtime-expression.ts';
import { parseBare } from './parse-text-template.ts';
import { hooksAt, type ParseHooks } from './resolve.ts';
import { isMistyped } from './roots.ts';

const versions: Record<Query['language'], readonly string[]> = {
  jsonpath: ['rfc9535'],
  xpath: ['xpath-31', 'xpath-30', 'xpath-20', 'xpath-10'],
  jsonpointer: ['rfc6901'],
};

/** A Selector Object: context, selector and type, and nothing else. Any other object is an ordinary value. */
export type Selector = { context: string; selector: string; type: Json };

export function isSelector(object: JsonObject): object is Selector {
  const { context, selector, type } = object;
  if (Object.keys(object).length !== 3 || typeof context !== 'string' || typeof selector !== 'string') return false;
  return isExpression(context) && type !== undefined && languageOf(type) !== undefined;
}

/**
 * Parses a Selector Object. JSONPath is read strictly: the additions that public documents use are idioms of
 * conditions.
 */
export function parseSelector({ context, selector, type }: Selector, hooks: ParseHooks): Template {
  const language = languageOf(type) ?? 'jsonpointer';
  checkVersion(language, type, hooksAt('/type', hooks));
  const from = parseBare(context, hooksAt('/context', hooks)) ?? { kind: 'literal', value: context };
  return {
    kind: 'select',
    from,
    query: parseQuery(language, selector, hooksAt('/selector', hooks), { compat: false }),
  };
}

function languageOf(type: Json): Query['language'] | undefined {
  const name = isJsonObject(type) ? type['type'] : type;
  return name === 'jsonpath' || name === 'xpath' || name === 'jsonpointer' ? name : undefined;
}

function checkVersion(language: Query['language'], type: Json, hooks: ParseHooks): void {
  const version = isJsonObject(type) ? type['version'] : undefined;
  const known = versions[language];
  if (version === undefined || (typeof version === 'string' && known.includes(version))) return;
  hooks.onError(
    new ExpressionSyntaxError(`The version of ${language} must be one of ${known.join(', ')}`, 0, '/version'),
  );
}

function isExpression(text: string): boolean {
  try {
    parseRuntimeExpression(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof ExpressionSyntaxError) return isMistyped(text);
    throw thrown;
  }
}
