/*
 * The path of a step, from the outside in: `runStep` repeats attempts until an action ends the step; `runAttempt` sends
 * the request or calls the workflow, keeps the outputs, applies the success criteria and chooses the action; `createSend` sends
 * one request with its credentials.
 */
import { AppError, toAppError } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { type CallSite, callWorkflow } from './call-workflow.ts';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import type { WorkflowRun } from './run.ts';
import { isStepFailure, keepAttempt, runAttempt, runWithoutActions } from './run-attempt.ts';
import type { EndedAttempt } from './step-events.ts';
import { pathBefore, startVisit } from './visit.ts';
import { waitInCall } from './wait-in-call.ts';

type Retry = Extract<PreparedAction, { do: 'retry' }>;

/** Repeats a step until its action is not a retry. The returned scope is that of the last attempt. */
export async function runStep(
  workflowRun: WorkflowRun,
  step: PreparedStep,
): Promise<{ action: Exclude<PreparedAction, { do: 'retry' }>; scope: Scope }> {
  const visit = startVisit(workflowRun, step);
  for (;;) {
    const ended = await runAttempt(workflowRun, step, visit);
    keepAttempt(workflowRun, ended);
    const { action, scope } = ended;
    if (action.do !== 'retry') return { action, scope };
    await waitForRetry(workflowRun, ended);
    const visitPath = pathBefore(visit, ended.attempt);
    await runBeforeRetry(workflowRun, { scope, stepId: step.id, visitPath }, action.first);
  }
}

/** A call that ends during the wait ends in this step, and its failure includes the last response of the upstream. */
async function waitForRetry(workflowRun: WorkflowRun, { step, scope, waitMs }: EndedAttempt): Promise<void> {
  const { run, path, deadline } = workflowRun;
  const { response } = scope;
  try {
    await waitInCall(workflowRun, waitMs);
    if (deadline > run.services.clock.now()) return;
    throw new AppError('deadline_exceeded', 'The deadline of the call left no time for another try');
  } catch (thrown) {
    run.failedSteps.set(thrown as Error, { stepId: path + step.id, status: response?.status, response });
    throw thrown;
  }
}

/** Runs the workflow or step that a retry names. If it fails, the retry takes place all the same. */
async function runBeforeRetry(workflowRun: WorkflowRun, site: CallSite, first: Retry['first']): Promise<void> {
  if (first === undefined) return;
  try {
    if ('workflowIndex' in first) await callWorkflow(workflowRun, first, site);
    else await runWithoutActions(workflowRun, stepAt(workflowRun, first.stepIndex));
  } catch (thrown) {
    if (!isStepFailure(toAppError(thrown))) throw thrown;
  }
}

function stepAt({ workflow }: WorkflowRun, index: number): PreparedStep {
  const step = workflow.steps[index];
  if (step === undefined) throw new AppError('internal', 'The plan names a step that it does not contain');
  return step;
}
