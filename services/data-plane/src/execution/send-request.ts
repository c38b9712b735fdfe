import type { Span } from '@opentelemetry/api';
import { AppError, attributes } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { matchesHost } from '../egress/host-pattern.ts';
import type { UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { inSpan, startRequestSpan } from './call-spans.ts';
import type { PreparedStep } from './prepare-plan.ts';
import { type BuiltRequest, buildRequest, type RequestParts } from './requests/build-request.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';
import type { Run, WorkflowRun } from './run.ts';
import { type Credentials, checkSecretHosts, type NamedSecret, resolveCredentials } from './step-secrets.ts';

export type RequestStep = PreparedStep & { request: PreparedRequest };

/** Left of the time of a call for what comes after the last answer. */
const finishMs = (callMs: number) => Math.min(250, callMs / 20);

export async function sendRequest(
  { run, deadline }: WorkflowRun,
  step: RequestStep,
  scope: Scope,
  span: Span,
): Promise<{ parts: RequestParts; response: UpstreamResponse }> {
  const startedAt = run.tools.clock.now();
  const credentials = await resolveInTime(run, step);
  const request = makeRequest(run, step, scope, credentials);
  const stepMs = step.timeoutMs - (run.tools.clock.now() - startedAt);
  const response = await send(run, step.request, request, { deadline, stepMs, span });
  if (response.status === 401 || response.status === 403) expire(run, credentials);
  return { parts: request.parts, response };
}

/** A token takes its time from that of the step. */
async function resolveInTime({ prepared, tools, call: { signal } }: Run, step: RequestStep): Promise<Credentials> {
  const isLimited = step.tokens.length > 0 && Number.isFinite(step.timeoutMs);
  if (!isLimited) return resolveCredentials(step, prepared.plan, tools, signal);
  const limit = AbortSignal.timeout(step.timeoutMs);
  try {
    return await resolveCredentials(step, prepared.plan, tools, AbortSignal.any([signal, limit]));
  } catch (thrown) {
    if (signal.aborted || !limit.aborted) throw thrown;
    throw new AppError('upstream_timeout', 'The token for the step took longer than the step gives it');
  }
}

/** Everything that can be refused is refused here, before a socket is opened. */
function makeRequest(run: Run, step: RequestStep, runScope: Scope, credentials: Credentials): BuiltRequest {
  const { secrets, clients, tokens } = credentials;
  // From here on the run must not let these values out.
  for (const secret of [...secrets, ...clients, ...tokens]) run.secretsUsed.set(secret.value, secret);
  const sent = [...secrets, ...tokens];
  const request = buildRequest(step.request, sent.length === 0 ? runScope : { ...runScope, secrets: reveal(sent) });
  if (step.request.isHostComputed && !matchesHost(run.prepared.plan.allowedHosts, request.url)) {
    throw new AppError('egress_denied', 'An expression gives a host that this server does not allow');
  }
  checkSecretHosts(sent, run.secretsUsed.values(), request);
  return request;
}

function reveal(secrets: readonly NamedSecret[]): Record<string, string> {
  const revealed: Record<string, string> = Object.create(null);
  for (const { name, value } of secrets) revealed[name] = value.reveal();
  return revealed;
}

function send(
  run: Run,
  prepared: PreparedRequest,
  { url, headers, body }: BuiltRequest,
  { deadline, stepMs, span: parent }: { deadline: number; stepMs: number; span: Span },
): Promise<UpstreamResponse> {
  const reservedMs = deadline === run.deadline ? finishMs(run.prepared.plan.deadlineMs) : 0;
  const leftMs = deadline - run.tools.clock.now() - reservedMs;
  const timeoutMs = Math.min(stepMs, leftMs);
  if (leftMs <= 0) throw new AppError('deadline_exceeded', 'The deadline of the call left no time for this step');
  if (timeoutMs <= 0)
    throw new AppError('upstream_timeout', 'The token for the step took longer than the step gives it');
  const { method, returnsRedirects } = prepared;
  const span = startRequestSpan(parent, prepared, url);
  return inSpan(span, async () => {
    const { signal } = run.call;
    const request = { url, method, headers, timeoutMs, signal, returnsRedirects };
    const response = await run.tools.client
      .send(body === undefined ? request : { ...request, body })
      .catch((thrown: unknown) => {
        noteWhatWasSent(run, thrown);
        throw timeoutMs === leftMs ? toDeadlineError(thrown) : thrown;
      });
    run.isAnythingSent = true;
    span.setAttribute(attributes.httpStatus, response.status);
    return response;
  });
}

function noteWhatWasSent(run: Run, thrown: unknown): void {
  if (!(thrown instanceof UpstreamError) || !thrown.isSent) return;
  run.isAnythingSent = true;
  if (!thrown.isAnswered) run.isAnythingUnanswered = true;
}

/** An author who has set a deadline should hear of it, and not of an upstream that took its time. */
function toDeadlineError(thrown: unknown): unknown {
  if (!(thrown instanceof UpstreamError) || thrown.code !== 'upstream_timeout') return thrown;
  return new UpstreamError(
    'deadline_exceeded',
    'The deadline of the call came before the answer of the upstream',
    thrown,
  );
}

/** A rotated secret shows as a refusal; the next try of the document, or the next call, uses the new one. */
function expire(run: Run, { secrets, clients, tokens }: Credentials): void {
  const { workspaceId, serverId } = run.prepared.plan;
  for (const { name } of [...secrets, ...clients]) run.tools.secrets.expire({ workspaceId, serverId, name });
  for (const token of tokens) run.tools.tokens.expire(token);
}
