import { ExpressionSyntaxError } from '../expression-error.ts';
import { parseRuntimeExpression } from './parse-runtime-expression.ts';
import { type ParseHooks, type Resolved, resolveValueAt, warn } from './resolve.ts';
import { findMeantRoot, isMistyped, roots } from './roots.ts';
import type { RuntimeExpression } from './runtime-expression.ts';

/** Expressions contain no braces, so an embedded expression ends at the next brace. */
const EMBEDDED = /\{(\$[^{}]*)\}/g;
const SHELL_LIKE = new RegExp(String.raw`\$\{\$?(?:${roots.join('|')})\b`);
const UNBRACED = /(?<!\{)\$(?:inputs|outputs|steps|workflows|request|response)\.[A-Za-z]/;

export type TextPiece = string | Resolved;

/**
 * Returns literal text and, between it, what the embedded expressions resolve to. Braces around anything else stay
 * unchanged, and so does an expression with an error, which is reported.
 */
export function splitText(text: string, hooks: ParseHooks): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const { start, expression } of findEmbedded(text, hooks)) {
    const resolved = resolveValueAt(start + 1, expression, hooks);
    if (resolved === undefined) continue;
    if (start > end) pieces.push(text.slice(end, start));
    pieces.push(resolved);
    end = start + expression.text.length + 2;
  }
  if (end < text.length) pieces.push(text.slice(end));
  warnOfOtherBraces(text, hooks);
  const unbraced = text.search(UNBRACED);
  if (unbraced >= 0) warn(hooks, 'Inside text, an expression must be in braces: {$inputs.name}', unbraced);
  return pieces;
}

/** Warns of `${inputs.name}`, the syntax of other languages. */
export function warnOfOtherBraces(text: string, hooks: ParseHooks): void {
  const offset = text.search(SHELL_LIKE);
  if (offset >= 0)
    warn(hooks, 'Stays plain text: the $ of an expression belongs inside the braces, {$inputs.name}', offset);
}

/** Returns the embedded expressions, with the offset of their opening brace. */
function findEmbedded(text: string, hooks: ParseHooks): { start: number; expression: RuntimeExpression }[] {
  if (!text.includes('{$')) return [];
  return Array.from(text.matchAll(EMBEDDED)).flatMap(({ 1: inside = '', index: start }) => {
    const expression = parseEmbedded(inside, start + 1, ({ message, offset }) => warn(hooks, message, offset));
    return expression === undefined ? [] : [{ start, expression }];
  });
}

/**
 * Parses the expression between braces. Returns undefined for other text, with a warning if an expression was meant.
 */
export function parseEmbedded(
  inside: string,
  offset: number,
  onWarning: (warning: { message: string; offset: number }) => void,
): RuntimeExpression | undefined {
  try {
    return parseRuntimeExpression(inside);
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    if (!/^\$[A-Za-z_]/.test(inside)) return undefined;
    const meant = findMeantRoot(inside);
    const reason = isMistyped(inside) || meant === undefined ? thrown.message : `did you mean "$${meant}"?`;
    onWarning({ message: `Stays plain text, including the braces: ${reason}`, offset: offset + thrown.offset });
    return undefined;
  }
}
