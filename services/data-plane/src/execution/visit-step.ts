import { AppError, toAppError } from '@toolplane/contracts';
import { callWorkflow } from './call-workflow.ts';
import type { RetriesUsed } from './choose-action.ts';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import type { WorkflowRun } from './run.ts';
import { isStepFailure, runAside, tryStep } from './try-step.ts';

/** A shorter wait is not worth giving a place away. */
const SLOT_WAIT_MS_MIN = 1000;

type Retry = Extract<PreparedAction, { do: 'retry' }>;

/** Tries a step until its action leads on. */
export async function visitStep(
  workflowRun: WorkflowRun,
  step: PreparedStep,
): Promise<Exclude<PreparedAction, { do: 'retry' }>> {
  const retriesUsed: RetriesUsed = new Map();
  for (;;) {
    const tried = await tryStep(workflowRun, step, retriesUsed);
    workflowRun.run.tellOfStep?.(tried);
    const { action } = tried;
    if (action.do !== 'retry') return action;
    await wait(workflowRun, tried.waitMs);
    await runFirst(workflowRun, step, action.first);
  }
}

/** The call goes on however full the worker is by then: it was admitted once. */
async function wait({ run: { tools, deadline, call } }: WorkflowRun, waitMs: number): Promise<void> {
  const leftMs = Math.max(0, Math.min(waitMs, deadline - tools.clock.now()));
  if (leftMs > SLOT_WAIT_MS_MIN) call.leaveSlot();
  await tools.clock.wait(leftMs, call.signal);
}

async function runFirst(workflowRun: WorkflowRun, step: PreparedStep, first: Retry['first']): Promise<void> {
  if (first === undefined) return;
  try {
    if ('workflowIndex' in first) await callWorkflow(workflowRun, first, step.id);
    else await runAside(workflowRun, stepAt(workflowRun, first.stepIndex));
  } catch (thrown) {
    if (!isStepFailure(toAppError(thrown))) throw thrown;
  }
}

function stepAt({ workflow }: WorkflowRun, index: number): PreparedStep {
  const step = workflow.steps[index];
  if (step === undefined) throw new AppError('internal', 'The plan names a step that it does not have');
  return step;
}
