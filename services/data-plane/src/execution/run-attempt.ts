import type { Span } from '@opentelemetry/api';
import { AppError, attributes, type ErrorCode, planLimits, toAppError } from '@toolplane/contracts';
import type { Budget, Scope, StepScope } from '@toolplane/expressions';
import { UpstreamError } from '../egress/upstream-error.ts';
import { yieldToEventLoop } from '../yield-to-event-loop.ts';
import { buildOutputs } from './build-outputs.ts';
import { inSpan, recordDecision, recordWait, startStepSpan } from './call-spans.ts';
import { callFromStep } from './call-workflow.ts';
import { chooseAction } from './choose-action.ts';
import { describeFailure } from './describe-failure.ts';
import { budgetFor, conditionBudget } from './evaluation-budget.ts';
import { estimateBytes, keepBytes } from './kept-bytes.ts';
import type { PreparedAction, PreparedStep } from './prepare-plan.ts';
import { sendsRequest } from './request-step.ts';
import { readRetryAfterMs } from './retry-after.ts';
import { emptyOutputs, type WorkflowRun } from './run.ts';
import { runRequest } from './run-request.ts';
import type { EndedAttempt } from './step-events.ts';
import { type Attempt, startVisit, type Visit } from './visit.ts';

/** Runs one attempt of a step and chooses the action after it. Throws if the workflow fails with the step. */
export function runAttempt(workflowRun: WorkflowRun, step: PreparedStep, visit: Visit): Promise<EndedAttempt> {
  const number = 1 + [...visit.retriesUsed.values()].reduce((sum, used) => sum + used, 0);
  return inAttempt(workflowRun, step, { visit, number }, async (attempt) => {
    visit.hasLost = false;
    const failure = await perform(workflowRun, step, attempt);
    return decide(workflowRun, step, attempt, failure);
  });
}

/** Runs a step for its results only: its actions are ignored, and it may fail. */
export async function runWithoutActions(workflowRun: WorkflowRun, step: PreparedStep): Promise<void> {
  const visit = startVisit(workflowRun, step);
  await inAttempt(workflowRun, step, { visit, number: 1 }, async (attempt) => {
    await perform(workflowRun, step, attempt);
    return undefined;
  });
}

/** Keeps the results of an attempt for later expressions, and reports the attempt. */
export function keepAttempt(workflowRun: WorkflowRun, ended: EndedAttempt): void {
  const { outputs, request, response } = ended.scope;
  Object.assign(workflowRun.scope, { outputs, request, response });
  workflowRun.status = response?.status ?? workflowRun.status;
  workflowRun.run.reportStep?.(ended);
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

/** Gives the work a span and a scope of its own. An error that passes here for the first time arose in this step. */
function inAttempt<Result extends EndedAttempt | undefined>(
  workflowRun: WorkflowRun,
  step: PreparedStep,
  { visit, number }: Pick<Attempt, 'visit' | 'number'>,
  work: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const { run, path } = workflowRun;
  const stepId = path + step.id;
  const span = startStepSpan(run.call.span, stepId, number);
  const { request: _request, response: _response, child: _child, ...shared } = workflowRun.scope;
  const scope: Scope = { ...shared, outputs: emptyOutputs() };
  const traced = run.trace?.startAttempt({ path, stepId: step.id, attempt: number, scope });
  return inSpan(span, async () => {
    try {
      run.call.signal.throwIfAborted();
      countStep(workflowRun);
      const ended = await work({ visit, number, scope, span });
      traced?.end(scope.outputs, ended);
      return ended;
    } catch (thrown) {
      traced?.fail(thrown);
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

/**
 * Sends the request or calls the workflow, keeps the outputs and applies the success criteria; the scope then contains everything
 * that expressions can name. Returns the failure of a step that has rules for failures.
 */
async function perform(workflowRun: WorkflowRun, step: PreparedStep, attempt: Attempt): Promise<AppError | undefined> {
  let failure: AppError | undefined;
  try {
    requireDependencies(workflowRun, step);
    const answerBytes = sendsRequest(step)
      ? await runRequest(workflowRun, step, attempt)
      : await callFromStep(workflowRun, step, attempt);
    await keepOutputs(workflowRun, step, attempt, answerBytes);
  } catch (thrown) {
    failure = toAppError(thrown);
    if (step.failure === undefined || !isStepFailure(failure)) throw thrown;
  }
  if (step.failure !== undefined) failure ??= await findFailure(workflowRun, step.failure, attempt);
  if (failure === undefined) workflowRun.succeeded.add(step.index);
  else workflowRun.succeeded.delete(step.index);
  return failure;
}

function requireDependencies({ succeeded, workflow }: WorkflowRun, { dependsOn }: PreparedStep): void {
  const missing = dependsOn.find((index) => !succeeded.has(index));
  if (missing === undefined) return;
  const id = workflow.steps[missing]?.id;
  throw new AppError('step_failed', `The step depends on the step ${id}, which has not succeeded`);
}

/** `answerBytes` are the bytes of the response that are kept. */
async function keepOutputs(
  { run, path, scope: { steps } }: WorkflowRun,
  step: PreparedStep,
  { scope }: Attempt,
  answerBytes: number,
): Promise<void> {
  const { outputs, response, request } = scope;
  const { leavesOutAbsent } = run.prepared;
  const since = performance.now();
  // The outputs are built into the scope, so that an output can use the outputs before it.
  buildOutputs(step.outputs, scope, outputsBudget(), { leavesOutAbsent, outputs });
  await yieldToEventLoop(since);
  const kept: StepScope = { outputs };
  if (step.keepsRequest && request !== undefined) kept.request = request;
  keepBytes(run.keptBytes, path + step.id, answerBytes + estimateBytes(kept));
  if (step.keepsResponse && response !== undefined) kept.response = response;
  steps[step.id] = kept;
}

function outputsBudget(): Budget {
  return budgetFor(
    'response_too_large',
    'The values that the outputs of this step compute from its answer are far too large',
  );
}

/** Returns the failure of a step whose result does not meet its success criteria. */
async function findFailure(
  { run }: WorkflowRun,
  rules: NonNullable<PreparedStep['failure']>,
  { scope, span }: Attempt,
): Promise<AppError | undefined> {
  const since = performance.now();
  const failure = rules.succeeds(scope, conditionBudget(span)) ? undefined : describeFailure(run, rules, scope);
  await yieldToEventLoop(since);
  return failure;
}

/** Chooses what happens next. Throws if the step has no action for its result. */
function decide(
  workflowRun: WorkflowRun,
  step: PreparedStep,
  { number: attempt, scope, span, visit }: Attempt,
  failure: AppError | undefined,
): EndedAttempt {
  const { run, path, workflow } = workflowRun;
  run.trace?.attemptOf(scope)?.decide(workflowRun, step, { scope, hasFailed: failure !== undefined, visit });
  const action = choose(step, scope, failure, { visit, budget: conditionBudget(span), span });
  const waitMs = waitOf(action, scope, run.services.clock.now());
  span.setAttribute(attributes.action, action.do);
  if (action.do === 'retry') {
    span.setAttribute(attributes.waitMs, waitMs);
    recordWait(span, waitMs);
  }
  return { step, path, workflow, attempt, scope, action, waitMs };
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
  if (actions.length === 0) return NEXT;
  const action = chooseAction(actions, scope, visit, budget);
  recordDecision(span, 'success', actions, action);
  if (action !== undefined) return action;
  const status = scope.response?.status;
  throw new AppError(
    'no_action_matched',
    `The upstream answered with status ${status}, and the tool has no action for this answer`,
  );
}

const NEXT: PreparedAction = { do: 'next', matches: () => true };

function waitOf(action: PreparedAction, { response }: Scope, nowMs: number): number {
  if (action.do !== 'retry') return 0;
  const { waitMs, retryAfterMsMax } = action;
  if (retryAfterMsMax === undefined || response === undefined) return waitMs;
  return Math.min(readRetryAfterMs(response, nowMs) ?? waitMs, retryAfterMsMax);
}
