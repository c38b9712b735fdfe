import type { Span } from '@opentelemetry/api';
import { AppError, attributes, type ErrorCode, planLimits, toAppError } from '@toolplane/contracts';
import type { Budget, Scope } from '@toolplane/expressions';
import { UpstreamError } from '../egress/upstream-error.ts';
import { yieldToEventLoop } from '../yield-to-event-loop.ts';
import { inSpan, recordDecision, recordWait, startStepSpan } from './call-spans.ts';
import { chooseAction } from './choose-action.ts';
import { describeFailure } from './describe-failure.ts';
import { conditionBudget } from './evaluation-budget.ts';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import { readRetryAfterMs } from './retry-after.ts';
import { emptyOutputs, type WorkflowRun } from './run.ts';
import { runStep, type WithinTry } from './run-step.ts';
import type { StepTry } from './step-events.ts';
import { startVisit, type Visit } from './visit.ts';

/** Runs one attempt of a step and chooses the action after it. Throws if the workflow fails with the step. */
export function tryStep(workflowRun: WorkflowRun, step: PreparedStep, visit: Visit): Promise<StepTry> {
  const { run } = workflowRun;
  const attempt = 1 + [...visit.retriesUsed.values()].reduce((sum, used) => sum + used, 0);
  return within(workflowRun, step, attempt, async (scope, span) => {
    visit.hasLost = false;
    const failure = await attemptStep(workflowRun, step, { scope, span, visit });
    const hasFailed = failure !== undefined;
    run.trace?.tryOf(scope)?.decide(workflowRun, step, { scope, hasFailed, visit });
    const action = choose(step, scope, failure, { visit, budget: conditionBudget(span), span });
    const waitMs = waitOf(action, scope, run.services.clock.now());
    span.setAttribute(attributes.action, action.do);
    if (action.do === 'retry') {
      span.setAttribute(attributes.waitMs, waitMs);
      recordWait(span, waitMs);
    }
    const { path, workflow } = workflowRun;
    return { step, path, workflow, attempt, scope, action, waitMs };
  });
}

/** Keeps the results of an attempt for later expressions, and reports the attempt. */
export function keepTry(workflowRun: WorkflowRun, tried: StepTry): void {
  const { outputs, request, response } = tried.scope;
  Object.assign(workflowRun.scope, { outputs, request, response });
  workflowRun.status = response?.status ?? workflowRun.status;
  workflowRun.run.reportStep?.(tried);
}

/** Runs a step for its results only: its actions are ignored, and it may fail. */
export async function runAside(workflowRun: WorkflowRun, step: PreparedStep): Promise<void> {
  await within(workflowRun, step, 1, async (scope, span) => {
    await attemptStep(workflowRun, step, { scope, span, visit: startVisit(workflowRun, step) });
    return undefined;
  });
}

/**
 * Returns whether an error is a failure of a step, which a document may handle; all other errors are failures of the
 * call.
 */
export function isStepFailure({ code }: AppError): boolean {
  return stepFailures.has(code);
}

const stepFailures: ReadonlySet<ErrorCode> = new Set([
  'step_failed',
  'upstream_unreachable',
  'upstream_busy',
  'upstream_paused',
  'upstream_timeout',
  'upstream_bad_response',
  'redirect_refused',
  'response_too_large',
  'invalid_upstream_request',
  'expression_failed',
]);

/** Runs the work in a span and a scope of its own. An error that passes here for the first time arose in this step. */
function within<Result extends StepTry | undefined>(
  workflowRun: WorkflowRun,
  step: PreparedStep,
  attempt: number,
  work: (scope: Scope, span: Span) => Promise<Result>,
): Promise<Result> {
  const { run, path } = workflowRun;
  const stepId = path + step.id;
  const span = startStepSpan(run.call.span, stepId, attempt);
  const { request: _request, response: _response, child: _child, ...shared } = workflowRun.scope;
  const scope: Scope = { ...shared, outputs: emptyOutputs() };
  const trying = run.trace?.startTry({ path, stepId: step.id, attempt, scope });
  return inSpan(span, async () => {
    try {
      run.call.signal.throwIfAborted();
      countStep(workflowRun);
      const tried = await work(scope, span);
      trying?.end(scope.outputs, tried);
      return tried;
    } catch (thrown) {
      trying?.fail(thrown);
      const { response } = scope;
      const status = thrown instanceof UpstreamError ? thrown.status : response?.status;
      if (thrown instanceof Error && !run.failedSteps.has(thrown)) {
        run.failedSteps.set(thrown, { stepId, status, response });
      }
      throw thrown;
    }
  });
}

function countStep({ run }: WorkflowRun): void {
  const { stepsRunMax = planLimits.stepsRunMax } = run.prepared.plan;
  if (run.stepsRun === stepsRunMax) {
    throw new AppError('loop_limit', `The tool ran ${stepsRunMax} steps without finishing`);
  }
  run.stepsRun += 1;
}

/** Returns the failure of a step that has rules for failures. */
async function attemptStep(
  workflowRun: WorkflowRun,
  step: PreparedStep,
  within: WithinTry,
): Promise<AppError | undefined> {
  const failure = await findFailure(workflowRun, step, within);
  if (failure === undefined) workflowRun.succeeded.add(step.index);
  else workflowRun.succeeded.delete(step.index);
  return failure;
}

async function findFailure(
  workflowRun: WorkflowRun,
  step: PreparedStep,
  within: WithinTry,
): Promise<AppError | undefined> {
  const { scope, span } = within;
  try {
    await runStep(workflowRun, step, within);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (step.failure === undefined || !isStepFailure(error)) throw thrown;
    return error;
  }
  if (step.failure === undefined) return undefined;
  const since = performance.now();
  const isSuccess = step.failure.succeeds(scope, conditionBudget(span));
  const failure = isSuccess ? undefined : describeFailure(workflowRun.run, step.failure, scope);
  await yieldToEventLoop(since);
  return failure;
}

function choose(
  { actions, failure: rules }: PreparedStep,
  scope: Scope,
  failure: AppError | undefined,
  { visit, budget, span }: { visit: Visit; budget: Budget; span: Span },
): PreparedAction {
  if (failure !== undefined) {
    const choices = rules?.actions ?? [];
    const action = chooseAction(choices, scope, visit, budget);
    recordDecision(span, 'failure', choices, action);
    if (action === undefined || action.do === 'fail') throw failure;
    return action;
  }
  if (actions.length === 0) return GO_ON;
  const action = chooseAction(actions, scope, visit, budget);
  recordDecision(span, 'success', actions, action);
  if (action !== undefined) return action;
  const status = scope.response?.status;
  throw new AppError(
    'no_action_matched',
    `The upstream answered with status ${status}, and the tool has no action for this answer`,
  );
}

const GO_ON: PreparedAction = { do: 'next', matches: () => true };

function waitOf(action: PreparedAction, { response }: Scope, nowMs: number): number {
  if (action.do !== 'retry') return 0;
  const { waitMs, retryAfterMsMax } = action;
  if (retryAfterMsMax === undefined || response === undefined) return waitMs;
  return Math.min(readRetryAfterMs(response, nowMs) ?? waitMs, retryAfterMsMax);
}
