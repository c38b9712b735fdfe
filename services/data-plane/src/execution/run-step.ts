import type { Span } from '@opentelemetry/api';
import { AppError, attributes, type JsonObject } from '@toolplane/contracts';
import type { Budget, StepScope } from '@toolplane/expressions';
import type { UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { buildOutputs } from './build-outputs.ts';
import { type BuiltRequest, buildRequest, toRequestScope } from './build-request.ts';
import { inSpan, startRequestSpan } from './call-spans.ts';
import { budgetFor } from './evaluation-budget.ts';
import { matchesHost } from './host-pattern.ts';
import { estimateBytes, keepBytes } from './kept-bytes.ts';
import { parseBody } from './parse-body.ts';
import type { PreparedStep } from './prepare-plan.ts';
import { emptyOutputs, type Run, redactorOf } from './run.ts';
import { checkSecretHosts, type NamedSecret, resolveSecrets } from './step-secrets.ts';

/** Left of the time of a call for what comes after the last answer. */
const finishMs = (callMs: number) => Math.min(250, callMs / 20);

/** One try of a step: its request, then its outputs. Leaves request, response and outputs in the scope. */
export async function runStep(run: Run, step: PreparedStep, span: Span): Promise<void> {
  const { scope, keptBytes } = run;
  // Those of the step before: a request is built from steps by their names.
  delete scope.request;
  delete scope.response;
  scope.outputs = emptyOutputs();
  const { request, secrets } = await prepareRequest(run, step);
  const response = await send(run, step, request, span);
  run.status = response.status;
  if (response.status === 401 || response.status === 403) expireSecrets(run, secrets);
  const answerBytes = step.keepsResponse ? response.body.length : 0;
  keepBytes(keptBytes, step.id, answerBytes);
  if (run.prepared.isRequestSeen) scope.request = toRequestScope(step.request, request.parts, redactorOf(run));
  scope.response = {
    status: response.status,
    headers: response.headers as JsonObject,
    body: parseBody(response.body, response.headers['content-type']),
  };
  // Built into the scope, so that an output can use those before it.
  buildOutputs(step.outputs, scope, stepBudget(), scope.outputs);
  const kept: StepScope = { outputs: scope.outputs };
  if (step.keepsRequest && scope.request !== undefined) kept.request = scope.request;
  keepBytes(keptBytes, step.id, answerBytes + estimateBytes(kept));
  if (step.keepsResponse) kept.response = scope.response;
  scope.steps[step.id] = kept;
}

function stepBudget(): Budget {
  return budgetFor('response_too_large', 'What the outputs of this step make of its answer is far too large');
}

/** Everything that can be refused is refused here, before a socket is opened. */
async function prepareRequest(
  run: Run,
  step: PreparedStep,
): Promise<{ request: BuiltRequest; secrets: NamedSecret[] }> {
  const { plan } = run.prepared;
  const secrets =
    step.secrets.length === 0 ? [] : await resolveSecrets(step.secrets, plan, run.tools.secrets, run.call.signal);
  const scope = secrets.length === 0 ? run.scope : { ...run.scope, secrets: reveal(run, secrets) };
  const request = buildRequest(step.request, scope);
  if (step.request.isHostComputed && !matchesHost(plan.allowedHosts, request.url)) {
    throw new AppError('egress_denied', 'An expression gives a host that this server does not allow');
  }
  checkSecretHosts(secrets, run.secretsUsed.values(), request);
  return { request, secrets };
}

/** From here on the run must not let these values out. */
function reveal(run: Run, secrets: readonly NamedSecret[]): Record<string, string> {
  const revealed: Record<string, string> = Object.create(null);
  for (const secret of secrets) {
    run.secretsUsed.set(secret.value, secret);
    revealed[secret.name] = secret.value.reveal();
  }
  return revealed;
}

function send(
  run: Run,
  step: PreparedStep,
  { url, headers, body }: BuiltRequest,
  parent: Span,
): Promise<UpstreamResponse> {
  const leftMs = run.deadline - run.tools.clock.now() - finishMs(run.prepared.plan.deadlineMs);
  const timeoutMs = Math.min(step.timeoutMs, leftMs);
  if (timeoutMs <= 0) throw new AppError('deadline_exceeded', 'The deadline of the call left no time for this step');
  const { method } = step.request;
  const span = startRequestSpan(parent, step.request, url);
  return inSpan(span, async () => {
    const { signal } = run.call;
    const request = { url, method, headers, timeoutMs, signal, ...(body === undefined ? {} : { body }) };
    const response = await run.tools.client.send(request).catch((thrown: unknown) => {
      throw timeoutMs === leftMs ? toDeadlineError(thrown) : thrown;
    });
    run.isAnythingSent = true;
    span.setAttribute(attributes.httpStatus, response.status);
    return response;
  });
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
function expireSecrets(run: Run, secrets: readonly NamedSecret[]): void {
  const { workspaceId, serverId } = run.prepared.plan;
  for (const { name } of secrets) run.tools.secrets.expire({ workspaceId, serverId, name });
}
