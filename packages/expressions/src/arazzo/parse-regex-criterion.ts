import type { PatternText } from '@toolplane/contracts';
import { compileRegex, RegexError } from '@toolplane/regex';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { parsePatternText } from './parse-pattern-text.ts';
import { hooksFrom, type ParseHooks, warn } from './resolve.ts';

/**
 * Parses a pattern, which may be written as `/pattern/flags`. A pattern without expressions is compiled to check that
 * it is valid; any other pattern fails when it runs. Errors are reported.
 */
export function parseRegexCriterion(text: string, hooks: ParseHooks): { pattern: PatternText; flags?: string } {
  const written = /^\/(?<pattern>.+)\/(?<letters>[a-z]*)$/s.exec(text)?.groups;
  if (written !== undefined)
    warn(hooks, 'Write the pattern without slashes: /pattern/flags is not in the specification');
  const pattern = parsePatternText(
    written?.['pattern'] ?? text,
    written === undefined ? hooks : hooksFrom(1, hooks),
    'regex',
  );
  // Neither `g` (all matches) nor `u` (whole characters) changes whether a match exists.
  const flags = (written?.['letters'] ?? '').replace(/[gu]/g, '');
  try {
    compileRegex(typeof pattern === 'string' ? pattern : '', flags);
  } catch (thrown) {
    if (!(thrown instanceof RegexError)) throw thrown;
    hooks.onError(new ExpressionSyntaxError(thrown.message, 0));
  }
  return { pattern, ...(flags === '' ? {} : { flags }) };
}
