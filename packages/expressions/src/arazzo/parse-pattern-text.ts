import type { PatternText } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { escapeValue, type PatternLanguage, type Quote } from '../queries/escape-value.ts';
import { toLiteralText } from './parse-text-template.ts';
import { type ParseHooks, reporting } from './resolve.ts';
import { splitText, type TextPiece } from './split-text.ts';

type Part = Exclude<PatternText, string>[number];

/**
 * Parses a pattern or query with expressions in braces. Arazzo inserts their values before the pattern is read; here, a
 * value cannot become anything more than a value: `escapeValue` defines how each is written. Errors are reported.
 */
export function parsePatternText(text: string, hooks: ParseHooks, language: PatternLanguage): PatternText {
  const pieces = splitText(text, hooks);
  const parsed = reporting(hooks, 0, () => toParts(pieces, language)) ?? [text];
  return parsed.every((part) => typeof part === 'string') ? parsed.join('') : parsed;
}

function toParts(pieces: TextPiece[], language: PatternLanguage): Part[] {
  let quote: Quote | undefined;
  const [first] = pieces;
  const isFragment = typeof first === 'string' && first.startsWith('#');
  return pieces.map((piece, index) => {
    if (typeof piece === 'string') {
      quote = readQuotes(piece, quote, language, index < pieces.length - 1);
      return piece;
    }
    if ('path' in piece) return { path: piece.path, ...(quote === undefined ? {} : { inside: quote }) };
    const place = { language, quote, isAlone: pieces.length === 1, isFragment };
    return escapeValue(piece.value, toLiteralText(piece.value), place);
  });
}

/**
 * Returns the quote that is open after a literal text. Throws for text that would let a following value end a quote.
 */
function readQuotes(
  text: string,
  open: Quote | undefined,
  language: PatternLanguage,
  isFollowed: boolean,
): Quote | undefined {
  if (language === 'jsonpointer') return undefined;
  if (language === 'xpath' && isFollowed && text.includes('(:')) {
    throw new ExpressionSyntaxError('A comment (: … :) cannot precede an expression', 0);
  }
  let quote = open;
  let isEscaped = false;
  for (const character of text) {
    if (isEscaped) isEscaped = false;
    else if (character === '\\' && (language === 'regex' || (language === 'jsonpath' && quote !== undefined)))
      isEscaped = true;
    else if (language === 'regex') continue;
    else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === "'" || character === '"')) quote = character;
  }
  if (isEscaped && isFollowed) throw new ExpressionSyntaxError('A backslash cannot directly precede an expression', 0);
  return quote;
}
