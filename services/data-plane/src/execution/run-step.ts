import type { Span } from '@opentelemetry/api';
import { AppError, toAppError } from '@toolplane/contracts';
import type { Budget, Scope, StepScope } from '@toolplane/expressions';
import { yieldToEventLoop } from '../yield-to-event-loop.ts';
import { buildOutputs } from './build-outputs.ts';
import { callWorkflow } from './call-workflow.ts';
import { createConnectedSend } from './connections/send-connected.ts';
import { budgetFor } from './evaluation-budget.ts';
import { estimateBytes, keepBytes } from './kept-bytes.ts';
import { maskedResponse, setMaskedBody } from './masked-response.ts';
import type { PreparedPagination } from './pages/prepare-pagination.ts';
import { runPages } from './pages/run-pages.ts';
import { type BodyReading, parseBody } from './parse-body.ts';
import type { PreparedCall, PreparedStep } from './prepare-plan.ts';
import { toRequestScope } from './requests/build-request.ts';
import { echoRedactorOf, redactorOf, type WorkflowRun } from './run.ts';
import { createSend, type RequestStep, type Send } from './send-request.ts';
import { pathInside, type Visit } from './visit.ts';

/**
 * Runs one attempt: a request or the call of a workflow, then the outputs. Leaves in the scope everything that
 * expressions can name.
 */
export async function runStep(workflowRun: WorkflowRun, step: PreparedStep, within: WithinTry): Promise<void> {
  checkDependencies(workflowRun, step);
  const { run, path } = workflowRun;
  const { scope } = within;
  const key = path + step.id;
  const answerBytes = sendsRequest(step)
    ? await runRequest(workflowRun, step, within)
    : await runCall(workflowRun, step, within);
  const { outputs, response, request } = scope;
  // The outputs are built into the scope, so that an output can use the outputs before it.
  const { leavesOutAbsent } = run.prepared;
  const since = performance.now();
  buildOutputs(step.outputs, scope, stepBudget(), { leavesOutAbsent, outputs });
  await yieldToEventLoop(since);
  const kept: StepScope = { outputs };
  if (step.keepsRequest && request !== undefined) kept.request = request;
  keepBytes(run.keptBytes, key, answerBytes + estimateBytes(kept));
  if (step.keepsResponse && response !== undefined) kept.response = response;
  workflowRun.scope.steps[step.id] = kept;
}

/** The state of one attempt. */
export type WithinTry = { scope: Scope; span: Span; visit: Visit };

function sendsRequest(step: PreparedStep): step is RequestStep {
  return step.request !== undefined;
}

function checkDependencies({ succeeded, workflow }: WorkflowRun, { dependsOn }: PreparedStep): void {
  const missing = dependsOn.find((index) => !succeeded.has(index));
  if (missing === undefined) return;
  const id = workflow.steps[missing]?.id;
  throw new AppError('step_failed', `The step depends on the step ${id}, which has not succeeded`);
}

/** Returns the bytes of the response that are kept. */
async function runRequest(workflowRun: WorkflowRun, step: RequestStep, within: WithinTry): Promise<number> {
  if (step.pagination !== undefined) return runPaged(workflowRun, step, step.pagination, within);
  const { run } = workflowRun;
  const { scope } = within;
  const { request, response } = await openSend(workflowRun, step, within)();
  // This is set before the body is read, so that the error for an unreadable body can include it.
  const redactor = echoRedactorOf(run);
  scope.response = maskedResponse(response, redactor);
  const answerBytes = step.keepsResponse ? response.body.length : 0;
  keepBytes(run.keptBytes, workflowRun.path + step.id, answerBytes);
  if (run.prepared.isRequestSeen) scope.request = toRequestScope(step.request, request.shown.parts, redactorOf(run));
  const since = performance.now();
  const reading = readingOf(workflowRun, step, response.status);
  const body = parseBody(response.body, response.headers['content-type'], reading);
  if (body !== undefined) setMaskedBody(scope.response, body, response.body.length, redactor);
  await yieldToEventLoop(since);
  return answerBytes;
}

/**
 * Returns how the body is read: strictly only if it is used. For an error of an API, and for a response that nothing
 * uses, only the status matters. In Arazzo, the success criteria decide about a body that cannot be read.
 */
function readingOf({ run: { prepared } }: WorkflowRun, step: RequestStep, status: number): BodyReading {
  const { semantics } = prepared.plan;
  if (semantics === 'arazzo' || status < 200 || status > 299) return semantics;
  const isUsed = step.keepsResponse || step.outputs.length > 0;
  return step.looksIntoBody || (prepared.connection !== undefined && isUsed) ? 'strict' : semantics;
}

function openSend(workflowRun: WorkflowRun, step: RequestStep, within: WithinTry): Send {
  const { connection } = workflowRun.run.prepared;
  return connection === undefined
    ? createSend(workflowRun, step, within)
    : createConnectedSend(connection, workflowRun, step, within);
}

async function runPaged(
  workflowRun: WorkflowRun,
  step: RequestStep,
  pagination: PreparedPagination,
  within: WithinTry,
): Promise<number> {
  const { run, path } = workflowRun;
  const { scope } = within;
  const send = openSend(workflowRun, step, within);
  const { parts, answerBytes } = await runPages(run, pagination, scope, send);
  const keptBytes = step.keepsResponse ? answerBytes : 0;
  keepBytes(run.keptBytes, path + step.id, keptBytes);
  if (run.prepared.isRequestSeen) scope.request = toRequestScope(step.request, parts, redactorOf(run));
  return keptBytes;
}

/**
 * Documents judge a workflow by the status of its last response, although they receive nothing else of that response.
 */
async function runCall(workflowRun: WorkflowRun, step: PreparedStep, within: WithinTry): Promise<number> {
  const { scope } = within;
  const { outputs, status } = await callInTime(workflowRun, step, within);
  if (status !== undefined) scope.response = { status, headers: {} };
  scope.child = outputs;
  if (step.outputs.length === 0) Object.assign(scope.outputs, outputs);
  return 0;
}

/**
 * If a step has less time than its caller, running out of time is a timeout of the step, which a document can handle.
 * The rules for a failure see the status of the inner step that failed.
 */
async function callInTime(workflowRun: WorkflowRun, step: PreparedStep, { scope, visit }: WithinTry) {
  const { run } = workflowRun;
  const deadline = Math.min(workflowRun.deadline, run.services.clock.now() + step.timeoutMs);
  try {
    const asking = { scope, stepId: step.id, visitPath: pathInside(visit), visit, deadline };
    return await callWorkflow(workflowRun, callOf(step), asking);
  } catch (thrown) {
    const { status } = run.failedSteps.get(thrown as Error) ?? {};
    if (status !== undefined) scope.response = { status, headers: {} };
    const isOurs = deadline < workflowRun.deadline && toAppError(thrown).code === 'deadline_exceeded';
    if (!isOurs) throw thrown;
    throw new AppError('upstream_timeout', 'The workflow took longer than the step allows', { cause: thrown });
  }
}

function callOf({ call }: PreparedStep): PreparedCall {
  if (call === undefined) throw new AppError('internal', 'A step of the plan does nothing');
  return call;
}

function stepBudget(): Budget {
  return budgetFor(
    'response_too_large',
    'The values that the outputs of this step compute from its answer are far too large',
  );
}
