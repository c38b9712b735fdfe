import type { PlanStep } from '@toolplane/contracts';
import type { StepContext, WorkflowContext } from './context.ts';
import { stepsNamedIn } from './steps-named-in.ts';

/** `needed` contains the indexes and ids of the steps for which this one must wait. */
type Ready = { step: StepContext; needed: ReadonlySet<number | string> };

/**
 * Finds the steps that run at the same time as the preceding one: neighbours that request it, by `x-parallel` of their
 * workflow or by a `dependsOn` of their own, that decide nothing about what comes next and do not depend on each other.
 * `compiled` has the same steps in the same order. Returns their indexes.
 */
export function findParallel(
  { workflow, steps }: Pick<WorkflowContext, 'workflow' | 'steps'>,
  compiled: readonly PlanStep[],
): Set<number> {
  const parallel = new Set<number>();
  let group: Ready[] = [];
  for (const step of steps) {
    const plan = compiled[step.index];
    if (plan === undefined || !asksForIt(step, workflow.isParallel) || !decidesNothing(step)) {
      group = [];
      continue;
    }
    const ready: Ready = { step, needed: new Set([...(plan.dependsOn ?? []), ...stepsNamedIn(plan)]) };
    const isFree = group.every((other) => !needs(ready, other) && !needs(other, ready));
    if (isFree && group.length > 0) parallel.add(step.index);
    group = isFree ? [...group, ready] : [ready];
  }
  return parallel;
}

function asksForIt({ step }: StepContext, isParallel: boolean): boolean {
  return isParallel || step.dependsOn.length > 0;
}

/** A called workflow has its own steps and actions. */
function decidesNothing({ onSuccess, onFailure, target }: StepContext): boolean {
  return onSuccess.length === 0 && onFailure.length === 0 && target?.kind === 'operation';
}

function needs({ needed }: Ready, { step: { step, index } }: Ready): boolean {
  return needed.has(index) || needed.has(step.id);
}
