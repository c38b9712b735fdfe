import type { StepContext, WorkflowContext } from './context.ts';
import { stepsNamedBy } from './step-references.ts';

/**
 * Which steps run at the same time as the one before: neighbours that ask for it, by `x-parallel` of their workflow or
 * by a `dependsOn` of their own, that decide nothing about what comes next and need nothing of each other.
 */
export function findParallel({ workflow, steps }: Pick<WorkflowContext, 'workflow' | 'steps'>): Set<StepContext> {
  const parallel = new Set<StepContext>();
  let group: StepContext[] = [];
  for (const step of steps) {
    const canJoin = asksForIt(step, workflow.isParallel) && decidesNothing(step);
    if (canJoin && group.length > 0 && !needsOneOf(step, group)) parallel.add(step);
    else group = [];
    if (canJoin) group.push(step);
  }
  return parallel;
}

function asksForIt({ step }: StepContext, isParallel: boolean): boolean {
  return isParallel || step.dependsOn.length > 0;
}

/** A workflow that is called has steps and actions of its own. */
function decidesNothing({ onSuccess, onFailure, target }: StepContext): boolean {
  return onSuccess.length === 0 && onFailure.length === 0 && target?.kind === 'operation';
}

function needsOneOf({ step }: StepContext, group: StepContext[]): boolean {
  const needed = stepsNamedBy(step);
  for (const { value } of step.dependsOn) needed.add(String(value));
  return group.some(({ step: { id } }) => needed.has(id));
}
