import type { PatternText, Query } from '@toolplane/contracts';
import { type JSONPathQuery, jsonpath, TokenKind } from 'json-p3';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { findDeadPatterns } from './jsonpath/find-dead-patterns.ts';
import { parseJsonPath } from './jsonpath/parse-jsonpath.ts';
import { readPointer } from './read-pointer.ts';
import { checkXPath } from './xpath/check-xpath.ts';

/** A JSONPath query of a document, converted to a query of the plan, with a warning for its author. */
export type PublishedQuery = Pick<Query, 'text' | 'on'> & { warning?: string };

/**
 * Converts a JSONPath query. With `compat`, a query that begins with a filter runs on a list that contains the value,
 * unless the value is a list, and text that is not a query but the condition of a filter (`$.ok == true`) becomes a
 * query. In both cases, `.length` of a list or a text is its length. Throws `ExpressionSyntaxError`.
 */
export function toJsonPathQuery(text: PatternText, { compat }: { compat: boolean }): PublishedQuery {
  const example = toExample(text);
  const condition = `$[?${example}]`;
  if (compat && !isQuery(example) && isQuery(condition)) {
    return {
      text: typeof text === 'string' ? condition : ['$[?', ...text, ']'],
      on: 'list',
      warning: `"${example}" is not a JSONPath query (RFC 9535): it is read as the condition of a filter, ${condition}`,
    };
  }
  const query = parseJsonPath(example);
  const [dead] = findDeadPatterns(query);
  return {
    text,
    ...(compat && beginsWithFilter(query) ? { on: 'list-unless-list' } : {}),
    ...(dead === undefined ? {} : { warning: `"${dead}" is never found: JSONPath has only I-Regexp (RFC 9485)` }),
  };
}

/** Throws `ExpressionSyntaxError`. */
export function checkQuery(language: Query['language'], text: PatternText): void {
  const example = toExample(text);
  if (language === 'jsonpath') parseJsonPath(example);
  else if (language === 'xpath') checkXPath(example);
  else readPointer(example);
}

function beginsWithFilter({ segments: [first] }: JSONPathQuery): boolean {
  if (first === undefined || first.token.kind === TokenKind.DDOT) return false;
  return first.selectors.every((selector) => selector instanceof jsonpath.selectors.FilterSelector);
}

function isQuery(text: string): boolean {
  try {
    parseJsonPath(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof ExpressionSyntaxError) return false;
    throw thrown;
  }
}

/** The values of a run are not known yet: a number represents each. */
function toExample(text: PatternText): string {
  return typeof text === 'string' ? text : text.map((part) => (typeof part === 'string' ? part : '1')).join('');
}
