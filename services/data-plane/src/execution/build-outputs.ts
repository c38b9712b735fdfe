import type { JsonObject } from '@toolplane/contracts';
import type { Budget, Scope } from '@toolplane/expressions';
import type { NamedTemplate } from './prepare-plan.ts';

/** In the order of the document; what names nothing is null. */
export function buildOutputs(
  templates: readonly NamedTemplate[],
  scope: Scope,
  budget: Budget,
  outputs: JsonObject = Object.create(null),
): JsonObject {
  for (const [name, evaluate] of templates) outputs[name] = evaluate(scope, budget) ?? null;
  return outputs;
}
