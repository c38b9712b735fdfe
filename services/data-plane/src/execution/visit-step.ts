import { AppError, toAppError } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { type Asking, callWorkflow } from './call-workflow.ts';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import type { WorkflowRun } from './run.ts';
import type { StepTry } from './step-events.ts';
import { isStepFailure, keepTry, runAside, tryStep } from './try-step.ts';
import { pathBefore, startVisit } from './visit.ts';
import { waitInCall } from './wait-in-call.ts';

type Retry = Extract<PreparedAction, { do: 'retry' }>;

/** Repeats a step until its action is not a retry. The returned scope is that of the last attempt. */
export async function visitStep(
  workflowRun: WorkflowRun,
  step: PreparedStep,
): Promise<{ action: Exclude<PreparedAction, { do: 'retry' }>; scope: Scope }> {
  const visit = startVisit(workflowRun, step);
  for (;;) {
    const tried = await tryStep(workflowRun, step, visit);
    keepTry(workflowRun, tried);
    const { action, scope } = tried;
    if (action.do !== 'retry') return { action, scope };
    await waitForRetry(workflowRun, tried);
    const visitPath = pathBefore(visit, tried.attempt);
    await runFirst(workflowRun, { scope, stepId: step.id, visitPath }, action.first);
  }
}

/** A call that ends during the wait ends in this step, and its failure includes the last response of the upstream. */
async function waitForRetry(workflowRun: WorkflowRun, { step, scope: { response }, waitMs }: StepTry): Promise<void> {
  const { run, path, deadline } = workflowRun;
  try {
    await waitInCall(workflowRun, waitMs);
    if (deadline > run.services.clock.now()) return;
    throw new AppError('deadline_exceeded', 'The deadline of the call left no time for another try');
  } catch (thrown) {
    run.failedSteps.set(thrown as Error, { stepId: path + step.id, status: response?.status, response });
    throw thrown;
  }
}

async function runFirst(workflowRun: WorkflowRun, asking: Asking, first: Retry['first']): Promise<void> {
  if (first === undefined) return;
  try {
    if ('workflowIndex' in first) await callWorkflow(workflowRun, first, asking);
    else await runAside(workflowRun, stepAt(workflowRun, first.stepIndex));
  } catch (thrown) {
    if (!isStepFailure(toAppError(thrown))) throw thrown;
  }
}

function stepAt({ workflow }: WorkflowRun, index: number): PreparedStep {
  const step = workflow.steps[index];
  if (step === undefined) throw new AppError('internal', 'The plan names a step that it does not contain');
  return step;
}
