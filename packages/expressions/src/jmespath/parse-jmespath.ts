import { ExpressionSyntaxError } from '../expression-error.ts';
import { type FoundReference, parsePath, REFERENCE } from '../reference.ts';
import { checkJmespath } from './check-jmespath.ts';
import { listCookiePaths } from './compile-jmespath.ts';
import { valueFunctions } from './functions.ts';

/** Longer expressions are refused: nobody can read them, and they burden the data plane. */
export const EXPRESSION_LENGTH_MAX = 8192;

/**
 * The functions that a string can call as a whole. All others can be called only inside an expression that begins with
 * a reference.
 */
export const outerFunctions: readonly string[] = [
  ...['abs', 'avg', 'ceil', 'floor', 'sum', 'length', 'keys', 'values', 'sort', 'sort_by', 'max', 'max_by', 'min'],
  ...['min_by', 'reverse', 'flatten', 'to_array', 'to_string', 'to_number', 'type'],
];
export const innerFunctions: readonly string[] = [...valueFunctions.keys()].filter(
  (name) => !outerFunctions.includes(name),
);

const FIRST_FUNCTION = new RegExp(String.raw`^(?:${outerFunctions.join('|')})\(`);
const FIRST_REFERENCE = new RegExp(String.raw`^${REFERENCE}\[`);

/**
 * Returns true if the string as a whole is a reference followed by a bracket, or a function call. Only then is it
 * JMESPath.
 */
export function isJmespath(text: string): boolean {
  const trimmed = text.trim();
  return FIRST_REFERENCE.test(trimmed) || (FIRST_FUNCTION.test(trimmed) && trimmed.endsWith(')'));
}

/** Returns true if the text begins with a call of an existing function, whatever follows it. */
export function beginsWithCall(text: string): boolean {
  return FIRST_FUNCTION.test(text.trim());
}

type Reference = Omit<FoundReference, 'pointer'>;

/**
 * Rewrites references into JMESPath: `$steps.a-b.0` becomes `$."steps"."a-b"[0]`, which starts at the scope wherever it
 * stands, even inside a filter. References in quotes stay text, and any other `$` is refused, so the returned
 * references are all that the expression can read.
 */
export function parseJmespath(text: string): { expression: string; references: Reference[] } {
  const start = text.length - text.trimStart().length;
  if (text.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`An expression has at most ${EXPRESSION_LENGTH_MAX} characters`, start);
  }
  const references: Reference[] = [];
  const token = new RegExp(
    String.raw`(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|${'`'}(?:[^${'`'}\\]|\\.)*${'`'})|(?<reference>${REFERENCE})|[$'"${'`'}]`,
    'gs',
  );
  const expression = text.replace(token, (matched: string, ...rest: unknown[]) => {
    const { quoted, reference } = rest.at(-1) as { quoted?: string; reference?: string };
    const offset = rest.at(-3) as number;
    if (quoted !== undefined) return quoted;
    if (reference === undefined) throw new ExpressionSyntaxError(unexpectedText(matched), offset);
    const path = parsePath(reference);
    references.push({ path, offset, text: reference, isJmespath: true });
    // The id of a step may look like an index.
    const isIndex = (key: string, at: number) => /^\d+$/.test(key) && !(at === 1 && path[0] === 'steps');
    return `$${path.map((key, at) => (isIndex(key, at) ? `[${Number(key)}]` : `."${key}"`)).join('')}`;
  });
  checkJmespath(expression, text);
  return { expression: expression.trim(), references: [...references, ...findCookies(expression, references)] };
}

/**
 * Quotes and brackets after a reference can name more than the reference itself. This matters only for cookies, the
 * only part that not every expression may read.
 */
function findCookies(expression: string, references: readonly Reference[]): Reference[] {
  const startsWith = (path: readonly string[], start: readonly string[]) => start.every((key, at) => path[at] === key);
  return listCookiePaths(expression).flatMap((path) => {
    if (references.some((reference) => startsWith(reference.path, path))) return [];
    const container = references.find((reference) => startsWith(path, reference.path));
    return container === undefined ? [] : [{ ...container, path: [...path] }];
  });
}

function unexpectedText(text: string): string {
  return text === '$' ? 'This "$" does not begin a reference' : `A quote (${text}) is not closed`;
}
