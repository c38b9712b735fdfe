import { AppError, attributes } from '@toolplane/contracts';
import type { UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { inSpan, startRequestSpan } from './call-spans.ts';
import { beginUpstream, countRequest, endUpstream } from './count-upstreams.ts';
import { type MadeRequest, redirectHostsOf } from './make-request.ts';
import type { RequestStep } from './request-step.ts';
import type { Run } from './run.ts';
import { type Attempt, markLost } from './visit.ts';

/** The part of a call's time that is reserved for the work after the last response. */
export const finishMs = (callMs: number) => Math.min(250, callMs / 20);

/**
 * `stepMs` is the time left for the step, and `deadline` the deadline of its workflow; `secretRefs` are recorded on the
 * span.
 */
export function sendInTime(
  run: Run,
  { request: prepared, responseBytesMax }: RequestStep,
  built: MadeRequest,
  { attempt: { scope, visit, span: parent }, deadline, stepMs, secretRefs }: SendOptions,
): Promise<UpstreamResponse> {
  const { url, headers, body } = built;
  const reservedMs = deadline === run.deadline ? finishMs(run.prepared.plan.deadlineMs) : 0;
  const leftMs = deadline - run.services.clock.now() - reservedMs;
  const timeoutMs = Math.min(stepMs, leftMs);
  if (leftMs <= 0) throw new AppError('deadline_exceeded', 'The deadline of the call left no time for this step');
  if (timeoutMs <= 0) throw outOfTime();
  const { method, returnsRedirects, isIdempotent, canBeTriedAgain } = prepared;
  const { plan } = run.prepared;
  const span = startRequestSpan(parent, prepared, url, secretRefs);
  return inSpan(span, async () => {
    countRequest(run);
    const { signal } = run.call;
    const { workspaceId } = plan;
    const traced = run.trace?.attemptOf(scope)?.startRequest(prepared, built.shown);
    const request = {
      workspaceId,
      url,
      method,
      headers,
      timeoutMs,
      signal,
      returnsRedirects,
      redirectHosts: redirectHostsOf(prepared, plan),
      responseBytesMax,
      refusedOrigins: run.call.environment?.left,
      position: traced?.position,
      onRedirect: () => countRequest(run),
    };
    beginUpstream(run);
    const response = await run.services.client
      .send(body === undefined ? request : { ...request, body })
      .catch((thrown: unknown) => {
        markSent(run, thrown);
        if (isUnanswered(thrown) && !canBeTriedAgain) markLost(visit);
        run.hasTakenEffect ||= thrown instanceof UpstreamError && thrown.isElsewhere && !isIdempotent;
        const error = timeoutMs === leftMs ? toDeadlineError(thrown) : thrown;
        traced?.failed(error);
        throw error;
      })
      .finally(() => endUpstream(run));
    run.isAnythingSent = true;
    // The redirected request was executed, whatever the redirect leads to.
    run.hasTakenEffect ||= (response.status < 400 || response.isElsewhere) && !isIdempotent;
    traced?.answered(response);
    span.setAttribute(attributes.httpStatus, response.status);
    return response;
  });
}

type SendOptions = { attempt: Attempt; deadline: number; stepMs: number; secretRefs: string[] };

/** Work before a request, such as requesting a token, counts against the time of the step. */
export async function withinStep<Result>(
  { call: { signal } }: Run,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (!Number.isFinite(timeoutMs)) return work(signal);
  if (timeoutMs <= 0) throw outOfTime();
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (thrown) {
    if (signal.aborted || !limit.aborted) throw thrown;
    throw outOfTime();
  }
}

function outOfTime(): AppError {
  return new AppError('upstream_timeout', 'Earlier work took all the time that the step has for its request');
}

export function markSent(run: Run, thrown: unknown): void {
  if (!(thrown instanceof UpstreamError) || !thrown.isSent) return;
  run.isAnythingSent = true;
  if (isUnanswered(thrown)) run.isAnythingUnanswered = true;
}

function isUnanswered(thrown: unknown): boolean {
  return thrown instanceof UpstreamError && thrown.isSent && !thrown.isAnswered;
}

/** An author who has set a deadline should see an error about the deadline, not about a slow upstream. */
export function toDeadlineError(thrown: unknown): unknown {
  if (!(thrown instanceof UpstreamError) || thrown.code !== 'upstream_timeout') return thrown;
  return new UpstreamError(
    'deadline_exceeded',
    'The deadline of the call came before the answer of the upstream',
    thrown,
  );
}
