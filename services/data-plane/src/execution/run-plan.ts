/*
 * The one executor: every tool, whatever it was declared with, is a plan that is run here. Errors are thrown up to
 * `runPlan` and leave it as an outcome, which says honestly what the upstreams may have seen.
 */
import {
  AppError,
  attributes,
  type Failure,
  failed,
  type Json,
  type Outcome,
  planLimits,
  toAppError,
} from '@toolplane/contracts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { askQuestions } from './ask-questions.ts';
import { buildAnswer } from './build-answer.ts';
import { inSpan, startStepSpan } from './call-spans.ts';
import { type ChosenAction, chooseAction, type RetriesUsed } from './choose-action.ts';
import { readCursor } from './page-outputs.ts';
import type { PreparedPlan, PreparedStep } from './prepare-plan.ts';
import { findRetryAfterMs } from './retry-after.ts';
import { type PlanCall, type Run, type RunTools, redactorOf, startRun } from './run.ts';
import { runStep } from './run-step.ts';

export async function runPlan(prepared: PreparedPlan, call: PlanCall, tools: RunTools): Promise<Outcome> {
  const run = startRun(prepared, call, tools);
  try {
    if (prepared.plan.pagedOutput !== undefined) readCursor(call);
    const asked = prepared.questions.length === 0 ? undefined : askQuestions(run);
    if (asked !== undefined) return asked;
    await runSteps(run);
    run.stepId = undefined;
    run.status = undefined;
    return buildAnswer(run);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'internal') tools.onInternalError(thrown);
    return toFailure(run, error);
  }
}

async function runSteps(run: Run): Promise<void> {
  const { steps } = run.prepared;
  let index = 0;
  let retriesUsed: RetriesUsed = new Map();
  // A goto may jump back, so the limit is of steps run, not of steps written.
  for (let stepsRun = 0; ; stepsRun += 1) {
    const step = steps[index];
    if (step === undefined) return;
    if (stepsRun === planLimits.stepsRunMax) {
      throw new AppError('loop_limit', `The tool ran ${planLimits.stepsRunMax} steps without coming to an end`);
    }
    const action = await tryStep(run, step, retriesUsed);
    if (action.do === 'end') return;
    if (action.do === 'retry') {
      await waitForRetry(run, action.waitMs);
      continue;
    }
    index = action.do === 'goto' ? action.stepIndex : index + 1;
    retriesUsed = new Map();
  }
}

function tryStep(run: Run, step: PreparedStep, retriesUsed: RetriesUsed): Promise<ChosenAction> {
  run.stepId = step.id;
  run.status = undefined;
  const attempt = 1 + [...retriesUsed.values()].reduce((sum, used) => sum + used, 0);
  const span = startStepSpan(run.call.span, step.id, attempt);
  return inSpan(span, async () => {
    run.call.signal.throwIfAborted();
    await runStep(run, step, span);
    const action = chooseAction(step.actions, run.scope, retriesUsed);
    if (action === undefined) {
      const message = `The upstream answered with status ${run.status}, and the tool has no action for this answer`;
      throw new AppError('no_action_matched', message);
    }
    span.setAttribute(attributes.action, action.do);
    if (action.do === 'retry') span.setAttribute(attributes.waitMs, action.waitMs);
    run.tellOfStep?.({ step, attempt, status: run.status, action });
    return action;
  });
}

function waitForRetry({ tools: { clock }, deadline, call }: Run, waitMs: number): Promise<void> {
  return clock.wait(Math.max(0, Math.min(waitMs, deadline - clock.now())), call.signal);
}

function toFailure(run: Run, error: AppError): Failure {
  if (error instanceof UpstreamError) {
    run.isAnythingSent ||= error.isSent;
    run.status = error.status;
  }
  const { stepId, status } = run;
  const redactor = redactorOf(run);
  const retryAfterMs = error.code === 'no_action_matched' ? retryAfterOf(run) : undefined;
  return failed(outcomeOf(run, error), error.code, redactor.redactText(error.message), {
    ...(stepId === undefined ? {} : { stepId }),
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    // Names of the document and of the protocol, never a value of the run; a mask would make them unreadable.
    ...(error.details === undefined ? {} : { details: error.details as Json }),
  });
}

function retryAfterOf({ scope: { response }, tools }: Run): number | undefined {
  return response === undefined ? undefined : findRetryAfterMs(response, tools.clock.now());
}

/** Open only when the last request was sent and its answer never came whole; all requests before it were answered. */
function outcomeOf(run: Run, error: AppError): Failure['outcome'] {
  if (!run.isAnythingSent) return 'not_started';
  return error instanceof UpstreamError && error.isSent && !error.isAnswered ? 'unknown' : 'done';
}
