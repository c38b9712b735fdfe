import type { EvaluateCondition } from './evaluate.ts';
import { ExpressionError } from './expression-error.ts';

/** A criterion that cannot be evaluated does not hold. A used-up budget is different: its error is thrown. */
export function falseOnFailure(evaluate: EvaluateCondition): EvaluateCondition {
  return (scope, budget) => {
    try {
      return evaluate(scope, budget);
    } catch (thrown) {
      if (!(thrown instanceof ExpressionError)) throw thrown;
      budget.onFailedCriterion?.(thrown);
      return false;
    }
  };
}
