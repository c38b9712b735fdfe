import type { Json, Template } from '@toolplane/contracts';
import { type Escape, escapeText } from '../escape-text.ts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { createCdataReader } from './cdata.ts';
import { parseRuntimeExpression } from './parse-runtime-expression.ts';
import { type ParseHooks, type Resolved, resolveValueAt, warn } from './resolve.ts';
import { findMeantRoot, isMistyped } from './roots.ts';
import { splitText, type TextPiece } from './split-text.ts';

/**
 * A text that is one bare expression keeps the type of its value. Expressions in braces become part of the text, and
 * their values are escaped for `escape`. Everything else is literal. Errors are reported and not thrown.
 */
export function parseTextTemplate(text: string, hooks: ParseHooks, options: { escape?: Escape } = {}): Template {
  const bare = parseBare(text, hooks);
  if (bare !== undefined) return bare;
  const meant = findMeantRoot(text);
  if (meant !== undefined) warn(hooks, `Stays plain text: did you mean "$${meant}"?`);
  return toTextTemplate(splitText(text, hooks), options);
}

/** Returns undefined for a text that is not meant as one bare expression. */
export function parseBare(text: string, hooks: ParseHooks): Template | undefined {
  const bare = text.trim();
  if (!bare.startsWith('$')) return undefined;
  const start = text.indexOf('$');
  try {
    const expression = parseRuntimeExpression(bare);
    if (bare !== text) warn(hooks, 'The blanks around this expression are removed');
    const resolved = resolveValueAt(start, expression, hooks);
    return resolved === undefined ? { kind: 'literal', value: text } : toTemplate(resolved);
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    if (!isMistyped(bare)) return undefined;
    hooks.onError(new ExpressionSyntaxError(thrown.message, start + thrown.offset));
    return { kind: 'literal', value: text };
  }
}

/** Returns text into which references are inserted at run time; a reference that names nothing is an error then. */
export function toTextTemplate(pieces: TextPiece[], options: { escape?: Escape } = {}): Template {
  const parts: Extract<Template, { kind: 'text' }>['parts'] = [];
  const cdata = createCdataReader();
  for (const piece of pieces) {
    if (options.escape === 'xml' && typeof piece === 'string') cdata.read(piece);
    const part = toPart(piece, cdata.isInside() ? 'cdata' : options.escape);
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  }
  if (parts.every((part) => typeof part === 'string')) return { kind: 'literal', value: parts.join('') };
  return { kind: 'text', parts, strict: true, ...options };
}

function toPart(piece: TextPiece, where: Escape | 'cdata' | undefined): string | { path: string[]; inside?: 'cdata' } {
  if (typeof piece === 'string') return piece;
  if ('value' in piece) return escapeText(toLiteralText(piece.value), where);
  return { path: piece.path, ...(where === 'cdata' ? { inside: where } : {}) };
}

export function toTemplate(resolved: Resolved): Template {
  return 'path' in resolved ? { kind: 'reference', path: resolved.path } : { kind: 'literal', value: resolved.value };
}

export function toLiteralText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
