/*
 * The only executor: every tool, however it was declared, is a plan that runs here. Errors are thrown up to `runPlan`
 * and leave it as an outcome, which states correctly what the upstreams may have received.
 */
import {
  type AppError,
  type Failure,
  failed,
  type Json,
  type Outcome,
  succeeded,
  toAppError,
} from '@toolplane/contracts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { askQuestions } from './ask-questions.ts';
import { buildAnalytics } from './build-analytics.ts';
import { buildAnswer } from './build-answer.ts';
import { RateLimitError } from './connections/rate-limits.ts';
import { reportConnection } from './connections/report-connection.ts';
import { runExternal } from './external/run-external.ts';
import { readCursor } from './page-outputs.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import { findRetryAfterMs } from './retry-after.ts';
import {
  type FailedStep,
  type PlanCall,
  type Run,
  type RunServices,
  redactorOf,
  startRun,
  startWorkflow,
  type WorkflowRun,
} from './run.ts';
import { runWorkflow } from './run-workflow.ts';

export async function runPlan(prepared: PreparedPlan, call: PlanCall, services: RunServices): Promise<Outcome> {
  const run = startRun(prepared, call, services);
  run.trace?.begin(run);
  try {
    if (prepared.plan.reports === 'connection') return succeeded((await reportConnection(run)) as Json);
    if (prepared.plan.pagedOutput !== undefined) readCursor(call);
    const main = startWorkflow(run, prepared.main, call.arguments);
    const asked = prepared.questions.length === 0 ? undefined : askQuestions(main);
    if (asked !== undefined) return asked;
    if (prepared.external !== undefined) return await runExternal(run, prepared.external);
    return await runMain(main);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'internal') services.onInternalError(thrown, call);
    return toFailure(run, error, run.failedSteps.get(thrown as Error));
  }
}

/** The values that a document declares to be kept are reported for a failed call, too. */
async function runMain(main: WorkflowRun): Promise<Outcome> {
  try {
    return buildAnswer(await runWorkflow(main));
  } finally {
    const analytics = buildAnalytics(main);
    if (analytics !== undefined) main.run.call.report.analytics = analytics;
  }
}

/** `failedStep` is missing for a failure outside of any step. */
function toFailure(run: Run, error: AppError, failedStep: FailedStep | undefined): Failure {
  const { status } = failedStep ?? {};
  const stepId = isOneRequest(run.prepared) ? undefined : failedStep?.stepId;
  const retryAfterMs = retryAfterOf(run, error, failedStep);
  return failed(outcomeOf(run), error.code, redactorOf(run).redactText(error.message), {
    ...(stepId === undefined ? {} : { stepId }),
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    // Details contain names of the document and of the protocol, never a value of the run; a mask would make them
    // unreadable.
    ...(error.details === undefined ? {} : { details: error.details as Json }),
  });
}

/** The name of the only step of a connector's tool is of no use to its caller. */
function isOneRequest({ plan: { connection, steps }, external }: PreparedPlan): boolean {
  if (external !== undefined) return true;
  return connection !== undefined && steps.length === 1;
}

function retryAfterOf(run: Run, error: AppError, failedStep: FailedStep | undefined): number | undefined {
  // A caller that learns when to retry repeats the whole call.
  if (run.hasTakenEffect) return undefined;
  if (error instanceof RateLimitError || error instanceof UpstreamError) return error.retryAfterMs;
  // A response for which the tool has no action may say when to retry.
  const isRefusal = error.code === 'no_action_matched' || error.code === 'step_failed';
  if (!isRefusal || failedStep?.response === undefined) return undefined;
  return findRetryAfterMs(failedStep.response, run.services.clock.now());
}

function outcomeOf({ isAnythingSent, isAnythingUnanswered }: Run): Failure['outcome'] {
  if (isAnythingUnanswered) return 'unknown';
  return isAnythingSent ? 'done' : 'not_started';
}
