import type { UpstreamResponse } from '../egress/http-client.ts';
import { isRefusal } from './is-refusal.ts';
import { type EditUrl, type MadeRequest, makeRequest } from './make-request.ts';
import { findOtherCredentials } from './other-credentials.ts';
import type { PreparedStep } from './prepare-plan.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';
import { isRequestShown, type Run, type WorkflowRun } from './run.ts';
import type { WithinTry } from './run-step.ts';
import { sendInTime, withinStep } from './send-in-time.ts';
import { type Credentials, resolveCredentials } from './step-secrets.ts';
import { toIdempotencyKey } from './visit.ts';

export type RequestStep = PreparedStep & { request: PreparedRequest };

export type Sent = { request: MadeRequest; response: UpstreamResponse };

/** Sends one request of a step; a step with pages sends several. */
export type Send = (edit?: EditUrl) => Promise<Sent>;

/**
 * Sends requests that carry secrets of the server. All requests of a step use the same secrets, unless the upstream
 * refuses them. A refusal means that the upstream did nothing, so one request of a step is sent once more if different
 * secrets are available by then.
 */
export function createSend({ run, deadline }: WorkflowRun, step: RequestStep, { scope, span, visit }: WithinTry): Send {
  const { clock } = run.services;
  const idempotencyKey = step.request.idempotencyHeader === undefined ? undefined : toIdempotencyKey(run, visit);
  let carried: Credentials | undefined;
  let canTryAgain = true;

  async function send(edit: EditUrl | undefined, credentials: Credentials, endsAt: number): Promise<Sent> {
    const { secrets, clients, tokens } = credentials;
    // From now on, these values are masked in everything that leaves the run.
    for (const secret of [...secrets, ...clients, ...tokens]) run.secretsUsed.set(secret.value, secret);
    const { allowedHosts } = run.prepared.plan;
    const used = run.secretsUsed.values();
    const { environment } = run.call;
    const sent = [...secrets, ...tokens];
    const isShown = isRequestShown(run);
    const options = { isShown, sent, used, allowedHosts, environment, edit, idempotencyKey };
    const request = makeRequest(step.request, scope, options);
    const secretRefs = noteUse(run, credentials);
    const stepMs = endsAt - clock.now();
    const response = await sendInTime(run, step, request, { deadline, stepMs, scope, span, visit, secretRefs });
    if (isRefusal(response)) expire(run, credentials);
    return { request, response };
  }

  return async (edit) => {
    const endsAt = clock.now() + step.timeoutMs;
    const resolve = () => resolveInTime(run, step, endsAt - clock.now());
    const credentials = carried ?? (await resolve());
    carried = credentials;
    const sent = await send(edit, credentials, endsAt);
    const isRefused = isRefusal(sent.response) && sent.response.status === 401;
    if (!isRefused || !canTryAgain) return sent;
    const others = await findOtherCredentials(run, { refused: credentials, url: sent.request.url, resolve });
    if (others === undefined) return sent;
    canTryAgain = false;
    carried = others;
    return send(edit, others, endsAt);
  };
}

function resolveInTime(run: Run, step: RequestStep, stepMs: number): Promise<Credentials> {
  const { prepared, services, call } = run;
  if (step.tokens.length === 0) return resolveCredentials(step, prepared.plan, services, call.signal);
  return withinStep(run, stepMs, (signal) => resolveCredentials(step, prepared.plan, services, signal));
}

/** Notes the use of the secrets, and returns the references that a trace shows. */
function noteUse(run: Run, { secrets, clients }: Credentials): string[] {
  const { workspaceId, serverId } = run.prepared.plan;
  return [...secrets, ...clients]
    .map(({ name, version }) => {
      run.services.noteSecretUse({ workspaceId, serverId, name, version });
      return `${name}@${version}`;
    })
    .sort();
}

/** A rotated secret shows as a refusal, so the next use reads these secrets again. */
function expire(run: Run, { secrets, clients, tokens }: Credentials): void {
  const { workspaceId, serverId } = run.prepared.plan;
  for (const { name } of [...secrets, ...clients]) run.services.secrets.expire({ workspaceId, serverId, name });
  for (const token of tokens) run.services.tokens.expire(token);
}
