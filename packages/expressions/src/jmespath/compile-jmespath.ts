import { compile } from '@jmespath-community/jmespath';
import type { Json } from '@toolplane/contracts';
import { type Budget, spendUnits } from '../budget.ts';
import { ExpressionError, ExpressionSyntaxError } from '../expression-error.ts';
import type { Scope } from '../scope.ts';
import { type Context, compileNode } from './compile-node.ts';
import { findCookieFields } from './find-cookie-fields.ts';
import { type Evaluate, RESULT_UNITS_MAX, type Run, STEPS_MAX, spendOn } from './run.ts';

/**
 * JMESPath as functions over the scope. The library parses; evaluation is ours, because the library's interpreter reads
 * inherited properties, has no bound on work, and sorts numbers as text. A type error gives null here: outputs are
 * built before the actions look at the status, so an error body must not fail the step.
 */
export function compileJmespath(expression: string): (scope: Scope, budget: Budget) => Json {
  const { evaluate, root } = compileChecked(expression);
  return (scope, budget) => {
    const run: Run = { scope: scope as unknown as Json, stepsLeft: STEPS_MAX };
    try {
      const result = evaluate(null, run);
      const made: Run = { scope: null, stepsLeft: RESULT_UNITS_MAX };
      if (root.canMultiply) spendOn(result, made);
      // Whatever else is new in the result took a step for each member.
      spendUnits(budget, STEPS_MAX - run.stepsLeft + (RESULT_UNITS_MAX - made.stepsLeft));
      return result;
    } catch (thrown) {
      // The stack is the only other limit: an upstream can nest its answer deeper than it reaches.
      if (thrown instanceof RangeError) {
        throw new ExpressionError('expression_failed', 'A value is nested too deeply for a JMESPath expression');
      }
      throw thrown;
    }
  };
}

/** Where in the scope the expression reads cookies, from the scope on. */
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
    // Deep nesting overflows the library's parser; everything else it throws is a syntax error with a usable text.
    const reason = thrown instanceof RangeError ? 'too deeply nested' : (thrown as Error).message;
    throw new JmespathFault(reason);
  }
}

/** The library refuses the text. */
export class JmespathFault extends ExpressionSyntaxError {
  readonly reason: string;

  constructor(reason: string) {
    super(`Not a valid JMESPath expression: ${reason}`, 0);
    this.reason = reason;
  }
}
