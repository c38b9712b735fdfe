import { yieldToEventLoop } from '../yield-to-event-loop.ts';
import { keepBytes } from './kept-bytes.ts';
import { maskedResponse, setMaskedBody } from './masked-response.ts';
import type { PreparedPagination } from './pages/prepare-pagination.ts';
import { runPages } from './pages/run-pages.ts';
import { type BodyReading, parseBody } from './parse-body.ts';
import type { RequestStep } from './request-step.ts';
import { toRequestScope } from './requests/build-request.ts';
import { echoRedactorOf, redactorOf, type WorkflowRun } from './run.ts';
import { createSend } from './send-request.ts';
import type { Attempt } from './visit.ts';

/** Returns the bytes of the response that are kept. */
export async function runRequest(workflowRun: WorkflowRun, step: RequestStep, attempt: Attempt): Promise<number> {
  if (step.pagination !== undefined) return runPaged(workflowRun, step, step.pagination, attempt);
  const { run } = workflowRun;
  const { scope } = attempt;
  const { request, response } = await createSend(workflowRun, step, attempt)();
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
  return step.readsBody || (prepared.connection !== undefined && isUsed) ? 'strict' : semantics;
}

async function runPaged(
  workflowRun: WorkflowRun,
  step: RequestStep,
  pagination: PreparedPagination,
  attempt: Attempt,
): Promise<number> {
  const { run, path } = workflowRun;
  const { scope } = attempt;
  const send = createSend(workflowRun, step, attempt);
  const { parts, answerBytes } = await runPages(run, pagination, scope, send);
  const keptBytes = step.keepsResponse ? answerBytes : 0;
  keepBytes(run.keptBytes, path + step.id, keptBytes);
  if (run.prepared.isRequestSeen) scope.request = toRequestScope(step.request, parts, redactorOf(run));
  return keptBytes;
}
