import { compile } from '@jmespath-community/jmespath';
import type { Json } from '@toolplane/contracts';
import { type Budget, spendUnits } from '../budget.ts';
import { ExpressionError, ExpressionSyntaxError } from '../expression-error.ts';
import type { Scope } from '../scope.ts';
import { type Context, compileNode } from './compile-node.ts';
import { findCookieFields } from './find-cookie-fields.ts';
import { type Evaluate, type JmespathRun, RESULT_UNITS_MAX, STEPS_MAX, spendOn } from './run.ts';

/**
 * Compiles JMESPath to a function over the scope. The library only parses: its interpreter reads inherited properties,
 * has no bound on work, and sorts numbers as text. A type error returns null here: outputs are built before the actions
 * check the status, so an error body must not fail the step.
 */
export function compileJmespath(expression: string): (scope: Scope, budget: Budget) => Json {
  const { evaluate, root } = compileChecked(expression);
  return (scope, budget) => {
    const run: JmespathRun = { scope: scope as unknown as Json, stepsLeft: STEPS_MAX };
    try {
      const result = evaluate(null, run);
      const made: JmespathRun = { scope: null, stepsLeft: RESULT_UNITS_MAX };
      if (root.canMultiply) spendOn(result, made);
      // Every other new member of the result has already cost one step.
      spendUnits(budget, STEPS_MAX - run.stepsLeft + (RESULT_UNITS_MAX - made.stepsLeft));
      return result;
    } catch (thrown) {
      // The stack is the only other limit: an upstream can nest its response deeper than the stack allows.
      if (thrown instanceof RangeError) {
        throw new ExpressionError('expression_failed', 'A value is nested too deeply for a JMESPath expression');
      }
      throw thrown;
    }
  };
}

/** Returns the paths in the scope at which the expression reads cookies. */
export function listCookiePaths(expression: string): (readonly string[])[] {
  return [...compileChecked(expression).root.cookieFields.values()];
}

function compileChecked(expression: string): { evaluate: Evaluate; root: Context['root'] } {
  try {
    const node = compile(expression);
    const root: Context['root'] = { canMultiply: false, cookieFields: findCookieFields(node) };
    return { evaluate: compileNode(node, { hasElement: false, isInFunction: false, root }), root };
  } catch (thrown) {
    if (thrown instanceof ExpressionSyntaxError) throw thrown;
    // Deep nesting overflows the library's parser; every other error is a syntax error with a usable message.
    const reason = thrown instanceof RangeError ? 'too deeply nested' : (thrown as Error).message;
    throw new JmespathError(reason);
  }
}

/** Thrown if the library refuses the text. */
export class JmespathError extends ExpressionSyntaxError {
  readonly reason: string;

  constructor(reason: string) {
    super(`Not a valid JMESPath expression: ${reason}`, 0);
    this.reason = reason;
  }
}
