import { ExpressionSyntaxError } from '../expression-error.ts';
import { compileJmespath, JmespathError } from './compile-jmespath.ts';

const QUOTED = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;
const JSON_LITERAL = String.raw`${'`'}(?<json>(?:[^${'`'}\\]|\\.)*)${'`'}`;
/** A number after an operator or as an argument. In brackets of its own, a number is an index. */
const NUMBER = String.raw`(?<=[=!<>&|(,]\s{0,9})(?<number>-?\d+(?:\.\d+)?)(?![\w-])`;

/** Longer text in backticks is not repeated in the message. */
const SHOWN_LENGTH_MAX = 40;

/** Checks `expression`, which is compiled for `text`. Throws `ExpressionSyntaxError` with the offset in `text`. */
export function checkJmespath(expression: string, text: string): void {
  try {
    compileJmespath(expression);
  } catch (thrown) {
    if (thrown instanceof JmespathError) throw explain(thrown.reason, text);
    if (thrown instanceof ExpressionSyntaxError) throw new ExpressionSyntaxError(thrown.message, startOf(text));
    throw thrown;
  }
}

/**
 * The library does not report where an error is, and its messages do not explain the two most frequent ones: how
 * numbers and how texts are written.
 */
function explain(reason: string, text: string): ExpressionSyntaxError {
  for (const { index, groups } of text.matchAll(new RegExp(`${QUOTED}|${JSON_LITERAL}|${NUMBER}`, 'gs'))) {
    const { json, number } = groups ?? {};
    if (number !== undefined) {
      return fault(`the number ${number} is not in backticks`, index, `Write numbers in backticks: \`${number}\`.`);
    }
    if (json !== undefined && !isJson(json)) {
      const shown = json.length > SHOWN_LENGTH_MAX || json.includes("'") ? 'b' : json;
      return fault('what is in backticks is not JSON', index, `Write text as '${shown}'.`);
    }
  }
  const start = startOf(text);
  if (!/\bEOF\b/.test(reason)) return fault(reason.replace(/^Syntax error[:,] /, ''), start);
  return fault('it ends too early', start, 'Close what is open, or remove what comes last.');
}

function fault(reason: string, offset: number, hint?: string): ExpressionSyntaxError {
  return new ExpressionSyntaxError(`Not a valid JMESPath expression: ${reason}`, offset, '', hint);
}

function startOf(text: string): number {
  return text.length - text.trimStart().length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replaceAll('\\`', '`'));
    return true;
  } catch {
    return false;
  }
}
