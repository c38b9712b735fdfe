import type { JsonObject } from '@toolplane/contracts';
import { type Budget, ExpressionError, type Scope } from '@toolplane/expressions';
import type { NamedTemplate } from './named-template.ts';

/**
 * Builds the outputs in the order of the document. An expression that names nothing yields null or, with
 * `leavesOutAbsent`, is left out; then an expression that cannot be evaluated is left out as well.
 */
export function buildOutputs(
  templates: readonly NamedTemplate[],
  scope: Scope,
  budget: Budget,
  { leavesOutAbsent, outputs = Object.create(null) }: { leavesOutAbsent: boolean; outputs?: JsonObject },
): JsonObject {
  for (const [name, evaluate] of templates) {
    const value = leavesOutAbsent ? evaluateIfPossible(evaluate, scope, budget) : (evaluate(scope, budget) ?? null);
    if (value !== undefined) outputs[name] = value;
  }
  return outputs;
}

function evaluateIfPossible(evaluate: NamedTemplate[1], scope: Scope, budget: Budget) {
  try {
    return evaluate(scope, budget);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
