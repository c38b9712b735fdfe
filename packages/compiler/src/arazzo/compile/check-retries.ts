import type { PlanStep } from '@toolplane/contracts';
import { canBeDoneTwice, isOnlyAfterRefusal, RETRY_HINT } from '../../control-flow/retry-advice.ts';
import { actionsOf } from '../check/actions-of.ts';
import type { WorkflowEntry } from './context.ts';
import { type CompiledWorkflow, listReachable } from './link-plan.ts';

/** Warns of retries that may do something twice, in their step or in the workflow that the step calls. */
export function checkRetries(entries: Iterable<WorkflowEntry>, compiled: readonly CompiledWorkflow[]): void {
  const known = new Map<number, string | undefined>();

  /** Finds such a step in the workflow that a step calls. */
  function findIn(workflowIndex: number): string | undefined {
    if (!known.has(workflowIndex)) known.set(workflowIndex, findStep(workflowIndex, compiled));
    return known.get(workflowIndex);
  }

  for (const { index, workflow, context } of entries) {
    const planSteps = new Map(compiled[index]?.workflow.steps.map((step) => [step.id, step]));
    for (const step of workflow.steps) {
      const planStep = planSteps.get(step.id);
      const { onFailure } = actionsOf(step, workflow, context.document.settings);
      const retries = onFailure.filter(({ type }) => type === 'retry');
      if (planStep === undefined || retries.length === 0) continue;
      const { request, call } = planStep;
      const inside = call === undefined ? undefined : findIn(call.workflowIndex);
      const repeated = request !== undefined && canBeDoneTwice(request) ? step.id : inside;
      if (repeated === undefined) continue;
      for (const [place, isSafe] of listRetries(planStep).entries()) {
        // The status of a called workflow is that of its last response and does not reveal those before.
        const part = retries[place]?.part;
        if (part === undefined || (isSafe && request !== undefined)) continue;
        const message = `This retry may do twice what step "${repeated}" requests`;
        context.report('warn', part, 'retry_without_key', message, RETRY_HINT);
      }
    }
  }
}

/** Returns for each retry, in order, whether it never happens or happens only after a refusal. */
function listRetries({ failure }: PlanStep): boolean[] {
  return (failure?.actions ?? []).flatMap((action) =>
    action.do === 'retry' ? [action.retriesMax === 0 || isOnlyAfterRefusal(action.when)] : [],
  );
}

function findStep(workflowIndex: number, compiled: readonly CompiledWorkflow[]): string | undefined {
  const main = compiled[workflowIndex];
  if (main === undefined) return undefined;
  const reached = new Set([workflowIndex, ...listReachable(main, compiled)]);
  for (const index of reached) {
    const found = compiled[index]?.workflow.steps.find(
      ({ request }) => request !== undefined && canBeDoneTwice(request),
    );
    if (found !== undefined) return found.id;
  }
  return undefined;
}
