import { type Json, replaceInexactNumbers, type Template } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { findDuplicateKeys } from './find-duplicate-keys.ts';
import { parseBare, toTemplate, toTextTemplate } from './parse-text-template.ts';
import { type ParseHooks, type Resolved, resolveValueAt, warn } from './resolve.ts';
import type { RuntimeExpression } from './runtime-expression.ts';
import { parseEmbedded, warnOfOtherBraces } from './split-text.ts';
import { walkValue } from './walk-value.ts';

/**
 * Parses JSON text with expressions in braces. An expression that is a whole value, with or without quotes, keeps the
 * type of its value; other expressions become part of their string. No value can therefore end a string or add a
 * member. A member whose value is absent is omitted. Returns undefined for a text that is not JSON. Errors in
 * expressions are reported.
 */
export function parseJsonTemplate(text: string, hooks: ParseHooks): Template | undefined {
  if (text.trimStart().startsWith('$')) return parseBare(text, hooks);
  const mark = findMark(text);
  if (mark === undefined) return undefined;
  const { marked, embedded, warnings } = markExpressions(text, mark);
  const value = parseJson(marked, warnings);
  // Any other text is left to another parser, which reports it.
  if (value === undefined && !/^\s*[{[]/.test(text)) return undefined;
  for (const { message, offset } of warnings) warn(hooks, message, offset);
  warnOfOtherBraces(text, hooks);
  if (value === undefined) return undefined;
  for (const key of findDuplicateKeys(marked)) {
    hooks.onError(new ExpressionSyntaxError(`Duplicate key "${key}" in one object`, 0));
  }
  const found = embedded.map(({ expression, offset }) => resolveValueAt(offset, expression, hooks) ?? { value: null });
  return walkValue(value, atRoot(text, hooks), {
    sparse: true,
    parseText: (leaf, leafHooks) => parseLeaf(leaf.split(mark), found, leafHooks),
    checkKey: (key, keyHooks) => {
      if (!key.includes(mark)) return;
      keyHooks.onError(new ExpressionSyntaxError('A key of a JSON template cannot contain an expression', 0));
    },
  });
}

/** Even positions contain literal text; odd positions contain indexes into `found`. */
function parseLeaf(split: string[], found: Resolved[], hooks: ParseHooks): Template {
  const bare = split.length === 1 ? parseBare(split.join(''), hooks) : undefined;
  if (bare !== undefined) {
    warn(hooks, 'Inside text, an expression must be in braces: {$inputs.name}');
    return bare;
  }
  const pieces = split.map((piece, at) => (at % 2 === 0 ? piece : (found[Number(piece)] ?? piece)));
  const [before, only, after] = pieces;
  if (pieces.length === 3 && before === '' && after === '' && typeof only === 'object') return toTemplate(only);
  return toTextTemplate(pieces.filter((piece) => piece !== ''));
}

type Embedded = { expression: RuntimeExpression; offset: number };
type Warning = { message: string; offset: number };

/** Replaces every expression by a string with a marked index; an expression outside quotes gets quotes of its own. */
function markExpressions(text: string, mark: string): { marked: string; embedded: Embedded[]; warnings: Warning[] } {
  const embedded: Embedded[] = [];
  const warnings: Warning[] = [];
  let marked = '';
  let isInside = false;
  for (let position = 0; position < text.length; ) {
    const token = readToken(text, position, isInside);
    const expression = token.startsWith('{$') ? parseToken(token, position + 1) : undefined;
    if (expression === undefined) {
      // Braces around anything else are ordinary text.
      const plain = token.startsWith('{$') ? '{' : token;
      if (plain === '"') isInside = !isInside;
      marked += plain;
      position += plain.length;
      continue;
    }
    const place = `${mark}${embedded.length}${mark}`;
    embedded.push({ expression, offset: position + 1 });
    marked += isInside ? place : `"${place}"`;
    position += token.length;
  }
  return { marked, embedded, warnings };

  function parseToken(token: string, offset: number): RuntimeExpression | undefined {
    const inside = token.slice(1, -1);
    return parseEmbedded(isInside ? unescapeJson(inside) : inside, offset, (warning) => warnings.push(warning));
  }
}

/** Reads an expression in braces, an escape, or a run of other characters. A quote inside a string ends that string. */
function readToken(text: string, position: number, isInside: boolean): string {
  const pattern = isInside ? /\{\$(?:[^{}"\\]|\\.){0,8192}\}|\\.|[^{"\\]+|./sy : /\{\$[^{}]*\}|[^{"]+|./sy;
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? '';
}

/** The text is one value of the document, so locations inside its JSON appear only in messages. */
function atRoot(text: string, hooks: ParseHooks): ParseHooks {
  return {
    // This is an expression without braces, which is a whole string.
    resolve: (expression) => {
      return hooks.resolve(expression, { pointer: '', offset: findString(text, expression.text) });
    },
    onError: ({ message, pointer }) => hooks.onError(new ExpressionSyntaxError(`${message} (at ${pointer})`, 0)),
    onWarning: ({ message, pointer }) => warn(hooks, `${message} (at ${pointer})`),
  };
}

/** Returns the offset of the content of a string that is not a key, or 0 if the string is written with escapes. */
function findString(json: string, content: string): number {
  const quoted = `"${content}"`;
  for (let at = json.indexOf(quoted); at >= 0; at = json.indexOf(quoted, at + 1)) {
    if (
      !json
        .slice(at + quoted.length)
        .trimStart()
        .startsWith(':')
    )
      return at + 1;
  }
  return 0;
}

function unescapeJson(text: string): string {
  try {
    return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
  } catch {
    return text;
  }
}

function parseJson(text: string, warnings: Warning[]): Json | undefined {
  try {
    return replaceInexactNumbers(text, JSON.parse(text), (source) => {
      warnings.push({ message: `The number ${source} would be rounded: it is sent as text`, offset: 0 });
      return source;
    }) as Json;
  } catch {
    return undefined;
  }
}

/** Returns a private-use character that the text does not contain, escaped or not. */
function findMark(text: string): string | undefined {
  const plain = text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const held = new Set(plain);
  return Array.from({ length: 1000 }, (_, at) => String.fromCharCode(0xe000 + at)).find((one) => !held.has(one));
}
