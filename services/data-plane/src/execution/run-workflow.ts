import { AppError } from '@toolplane/contracts';
import { callWorkflow, startOther } from './call-workflow.ts';
import type { PreparedCall, PreparedStep } from './prepare-plan.ts';
import type { WorkflowRun } from './run.ts';
import { keepAttempt, runAttempt } from './run-attempt.ts';
import { runStep } from './run-step.ts';
import { pathBehind, pathOfDependency, startVisit } from './visit.ts';

/**
 * Runs the steps. Returns the workflow run that ended: a different one if a step passed control to another workflow for
 * good.
 */
export async function runWorkflow(workflowRun: WorkflowRun): Promise<WorkflowRun> {
  const { steps, dependsOn } = workflowRun.workflow;
  for (const dependency of dependsOn) await runDependency(workflowRun, dependency);
  let index = 0;
  for (let step = steps[index]; step !== undefined; step = steps[index]) {
    const end = endOfTogether(steps, index);
    if (end > index + 1) {
      await runTogether(workflowRun, steps.slice(index, end));
      index = end;
      continue;
    }
    const { action, scope } = await runStep(workflowRun, step);
    if (action.do === 'end') break;
    if (action.do === 'transfer') {
      // The other workflow replaces this one.
      return runWorkflow(
        startOther(workflowRun, action.to, scope, { ...workflowRun, visitPath: pathBehind(workflowRun) }),
      );
    }
    index = action.do === 'goto' ? action.stepIndex : index + 1;
  }
  return workflowRun;
}

/**
 * A dependency runs once per call, however many workflows depend on it; it runs again only if it failed and the failure
 * was handled.
 */
async function runDependency(workflowRun: WorkflowRun, dependency: PreparedCall): Promise<void> {
  const { run, scope } = workflowRun;
  if (run.completed.has(dependency.workflowIndex)) return;
  const stepId = run.prepared.workflows[dependency.workflowIndex]?.id ?? '';
  const visitPath = pathOfDependency(workflowRun, dependency.workflowIndex);
  await callWorkflow(workflowRun, dependency, { scope, stepId, visitPath });
}

function endOfTogether(steps: readonly PreparedStep[], start: number): number {
  let end = start + 1;
  while (steps[end]?.isParallel) end += 1;
  return end;
}

/**
 * Waits for all steps, so that nothing of a call is in progress when the call is answered. The first failure in
 * document order counts, so the state that remains does not depend on which step was faster.
 */
async function runTogether(workflowRun: WorkflowRun, steps: readonly PreparedStep[]): Promise<void> {
  const tries = await Promise.allSettled(
    steps.map((step) => runAttempt(workflowRun, step, startVisit(workflowRun, step))),
  );
  for (const tried of tries) {
    if (tried.status === 'rejected') throw tried.reason;
    if (tried.value.action.do !== 'next') throw new AppError('internal', 'A parallel step of the plan has an action');
    keepAttempt(workflowRun, tried.value);
  }
}
