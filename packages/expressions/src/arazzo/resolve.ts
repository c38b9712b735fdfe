import type { Json } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import type { RuntimeExpression } from './runtime-expression.ts';

/** The path to a value in the scope of a run, or the value itself if the document determines it. */
export type Resolved = { path: string[] } | { value: Json };

/**
 * The location of the `$` of an expression inside the parsed value: a JSON Pointer to its text, and the offset there.
 */
type ExpressionPosition = { pointer: string; offset: number };

/**
 * Throws `ExpressionSyntaxError` (offset 0 is the `$`) if the expression names something that may not be used or does
 * not exist.
 */
export type ResolveExpression = (expression: RuntimeExpression, place: ExpressionPosition) => Resolved;

/**
 * The callbacks through which a parser reports to the compiler; `pointer` and `offset` count inside the parsed value.
 */
export type ParseHooks = {
  resolve: ResolveExpression;
  onError(error: ExpressionSyntaxError): void;
  onWarning(warning: { message: string; pointer: string; offset: number }): void;
};

/** Returns the hooks for a member of the value. */
export function hooksAt(pointer: string, hooks: ParseHooks): ParseHooks {
  return {
    resolve: (expression, place) => hooks.resolve(expression, { ...place, pointer: pointer + place.pointer }),
    onError: ({ message, offset, pointer: inside }) => {
      hooks.onError(new ExpressionSyntaxError(message, offset, pointer + inside));
    },
    onWarning: (warning) => hooks.onWarning({ ...warning, pointer: pointer + warning.pointer }),
  };
}

/** Returns the hooks for a text that begins at `start` of the outer text. */
export function hooksFrom(start: number, hooks: ParseHooks): ParseHooks {
  return {
    resolve: (expression, place) => hooks.resolve(expression, { ...place, offset: start + place.offset }),
    onError: ({ message, offset, pointer }) =>
      hooks.onError(new ExpressionSyntaxError(message, start + offset, pointer)),
    onWarning: (warning) => hooks.onWarning({ ...warning, offset: start + warning.offset }),
  };
}

/** Resolves an expression and reports its leniency. Returns undefined if an error was reported. */
export function resolveAt(offset: number, expression: RuntimeExpression, hooks: ParseHooks): Resolved | undefined {
  if (expression.leniency !== undefined) warn(hooks, expression.leniency, offset);
  return reporting(hooks, offset, () => hooks.resolve(expression, { pointer: '', offset }));
}

/** Resolves an expression whose value is used unchanged, where a list has no length. */
export function resolveValueAt(offset: number, expression: RuntimeExpression, hooks: ParseHooks): Resolved | undefined {
  const resolved = resolveAt(offset, expression, hooks);
  if (resolved !== undefined && 'path' in resolved && asksForLength(expression, resolved.path)) {
    const message = 'The length of a list is known only in conditions: here this names only a member "length"';
    warn(hooks, message, offset);
  }
  return resolved;
}

function asksForLength({ text }: RuntimeExpression, path: string[]): boolean {
  if (!text.endsWith('.length') || path[1] === 'headers') return false;
  const isOfOther = path[0] === 'steps' || path[0] === 'workflows';
  // An input or an output may itself be named `length`.
  return path.length > (isOfOther ? 4 : 2);
}

/** Reports a syntax error, with its offset counted from `offset`, instead of throwing it. */
export function reporting<Value>(hooks: ParseHooks, offset: number, parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    hooks.onError(new ExpressionSyntaxError(thrown.message, offset + thrown.offset, thrown.pointer));
    return undefined;
  }
}

export function warn(hooks: ParseHooks, message: string, offset = 0): void {
  hooks.onWarning({ message, pointer: '', offset });
}
