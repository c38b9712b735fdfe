import type { UpstreamResponse } from '../egress/http-client.ts';
import { createConnectionCredentials } from './connections/connection-credentials.ts';
import { type EditUrl, type MadeRequest, makeRequest } from './make-request.ts';
import type { CredentialSource, RequestStep } from './request-step.ts';
import { isRequestShown, type WorkflowRun } from './run.ts';
import { sendInTime } from './send-in-time.ts';
import { createServerCredentials } from './server-credentials.ts';
import { type Attempt, toIdempotencyKey } from './visit.ts';

export type SentRequest = { request: MadeRequest; response: UpstreamResponse };

/** Sends one request of a step; a step with pages sends several. */
export type Send = (edit?: EditUrl) => Promise<SentRequest>;

export function createSend(workflowRun: WorkflowRun, step: RequestStep, attempt: Attempt): Send {
  const { run } = workflowRun;
  const { connection } = run.prepared;
  return connection === undefined
    ? createSendWith(createServerCredentials(run, step), workflowRun, step, attempt)
    : createSendWith(createConnectionCredentials(connection, workflowRun, step, attempt), workflowRun, step, attempt);
}

/**
 * All requests of a step carry the same credentials, unless the upstream refuses them. A refusal means that the upstream
 * did nothing, so one request of a step is sent once more if different credentials are available by then.
 */
function createSendWith<Credentials>(
  source: CredentialSource<Credentials>,
  { run, deadline }: WorkflowRun,
  step: RequestStep,
  attempt: Attempt,
): Send {
  const { clock } = run.services;
  const idempotencyKey =
    step.request.idempotencyHeader === undefined ? undefined : toIdempotencyKey(run, attempt.visit);
  let carried: Credentials | undefined;
  let canTryAgain = true;

  async function send(credentials: Credentials, edit: EditUrl | undefined, endsAt: number): Promise<SentRequest> {
    const { allowedHosts } = run.prepared.plan;
    const { environment } = run.call;
    const parts = source.use(credentials, edit);
    const used = run.secretsUsed.values();
    const options = { ...parts, isShown: isRequestShown(run), used, allowedHosts, environment, idempotencyKey };
    const request = makeRequest(step.request, attempt.scope, options);
    const waiting = source.waitForRateLimits?.(credentials);
    if (waiting !== undefined) await waiting;
    const secretRefs = source.noteUse(credentials);
    const stepMs = endsAt - clock.now();
    const response = await sendInTime(run, step, request, { attempt, deadline, stepMs, secretRefs });
    if (isRefusal(response)) source.expire(credentials, response.status);
    return { request, response };
  }

  return async (edit) => {
    const endsAt = source.endsAt();
    carried ??= await source.resolve(endsAt);
    const sent = await send(carried, edit, endsAt);
    const isRefused = isRefusal(sent.response) && sent.response.status === 401;
    if (!isRefused || !canTryAgain) return sent;
    const others = await source.findOthers(carried, sent.request.url, endsAt);
    if (others === undefined) return sent;
    canTryAgain = false;
    carried = others;
    return send(others, edit, endsAt);
  };
}

/**
 * Returns whether the upstream refused the credentials, and so has done nothing. A response after a redirect to another
 * origin or method does not prove that: a POST that led to a page was executed, whatever the page says.
 */
function isRefusal({ status, isElsewhere }: UpstreamResponse): boolean {
  return !isElsewhere && (status === 401 || status === 403);
}
