import type { Span } from '@opentelemetry/api';
import type { Scope } from '@toolplane/expressions';
import type { UpstreamResponse } from '../egress/http-client.ts';
import { isRefusal } from './is-refusal.ts';
import { type EditUrl, makeRequest } from './make-request.ts';
import type { PreparedStep } from './prepare-plan.ts';
import type { BuiltRequest } from './requests/build-request.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';
import type { Run, WorkflowRun } from './run.ts';
import { sendInTime, withinStep } from './send-in-time.ts';
import { type Credentials, resolveCredentials } from './step-secrets.ts';

export type RequestStep = PreparedStep & { request: PreparedRequest };

export type Sent = { request: BuiltRequest; response: UpstreamResponse };

export async function sendRequest(
  { run, deadline }: WorkflowRun,
  step: RequestStep,
  scope: Scope,
  span: Span,
  edit?: EditUrl,
): Promise<Sent> {
  const startedAt = run.tools.clock.now();
  const credentials = await resolveInTime(run, step);
  const { secrets, clients, tokens } = credentials;
  // From here on the run must not let these values out.
  for (const secret of [...secrets, ...clients, ...tokens]) run.secretsUsed.set(secret.value, secret);
  const { allowedHosts } = run.prepared.plan;
  const used = run.secretsUsed.values();
  const request = makeRequest(step.request, scope, { sent: [...secrets, ...tokens], used, allowedHosts, edit });
  const stepMs = step.timeoutMs - (run.tools.clock.now() - startedAt);
  const response = await sendInTime(run, step, request, { deadline, stepMs, span });
  if (isRefusal(response)) expire(run, credentials);
  return { request, response };
}

function resolveInTime(run: Run, step: RequestStep): Promise<Credentials> {
  const { prepared, tools, call } = run;
  if (step.tokens.length === 0) return resolveCredentials(step, prepared.plan, tools, call.signal);
  return withinStep(run, step.timeoutMs, (signal) => resolveCredentials(step, prepared.plan, tools, signal));
}

/** A rotated secret shows as a refusal; the next try of the document, or the next call, uses the new one. */
function expire(run: Run, { secrets, clients, tokens }: Credentials): void {
  const { workspaceId, serverId } = run.prepared.plan;
  for (const { name } of [...secrets, ...clients]) run.tools.secrets.expire({ workspaceId, serverId, name });
  for (const token of tokens) run.tools.tokens.expire(token);
}
