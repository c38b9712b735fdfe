import { portOf } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { toSecretRef } from '@toolplane/sealing';
import { isRefusal } from '../is-refusal.ts';
import { type EditUrl, type MadeRequest, makeRequest } from '../make-request.ts';
import { isRequestShown, type Run, type WorkflowRun } from '../run.ts';
import type { WithinTry } from '../run-step.ts';
import { sendInTime, withinStep } from '../send-in-time.ts';
import type { RequestStep, Send, Sent } from '../send-request.ts';
import { untilAborted } from '../step-secrets.ts';
import type { PreparedConnection } from './prepare-connection.ts';
import type { OwnToken } from './read-own-token.ts';
import { type ConnectionCredentials, resolveConnection } from './resolve-connection.ts';
import { takePlace, WAIT_MS_MAX, windowsOf } from './take-place.ts';

/**
 * Sends requests that carry the credentials of a connection. All requests of a step use the same credentials, unless an
 * upstream refuses values that were fetched with them. A refusal means that the upstream did nothing, so the request is
 * sent once more with new values.
 */
export function createConnectedSend(
  connection: PreparedConnection,
  workflowRun: WorkflowRun,
  step: RequestStep,
  { scope, span, visit }: WithinTry,
): Send {
  const { run, deadline } = workflowRun;
  const { clock } = run.services;
  const endsAt = clock.now() + step.timeoutMs;
  const waitBudget = { waitMsLeft: WAIT_MS_MAX, until: Math.min(deadline, endsAt), span };
  let credentials: ConnectionCredentials | undefined;
  let canRenew = true;

  function resolve(): Promise<ConnectionCredentials> {
    return withinStep(run, endsAt - clock.now(), (signal) => untilAborted(resolveConnection(connection, run), signal));
  }

  async function send(edit: EditUrl | undefined, carried: ConnectionCredentials): Promise<Sent> {
    const request = make(run, step, scope, carried, edit);
    if (connection.rateLimits.length > 0) {
      await takePlace(workflowRun, connection, windowsOf(connection, carried, run), waitBudget);
    }
    const stepMs = endsAt - clock.now();
    const response = await sendInTime(run, step, request, {
      deadline,
      stepMs,
      scope,
      span,
      visit,
      secretRefs: refsOf(carried),
    });
    if (isRefusal(response)) expire(connection, run, carried, response.status);
    return { request, response };
  }

  return async (edit) => {
    const carried = credentials ?? (await resolve());
    credentials = carried;
    const sent = await send(edit, carried);
    const isRefused = isRefusal(sent.response) && sent.response.status === 401;
    if (!isRefused || carried.derived.length === 0 || !canRenew) return sent;
    canRenew = false;
    credentials = await resolve();
    return isRenewed(credentials, carried) ? send(edit, credentials) : sent;
  };
}

function make(
  run: Run,
  step: RequestStep,
  scope: Scope,
  { secrets, texts, own }: ConnectionCredentials,
  edit: EditUrl | undefined,
): MadeRequest {
  return makeRequest(step.request, scope, {
    isShown: isRequestShown(run),
    sent: secrets,
    texts,
    used: run.secretsUsed.values(),
    allowedHosts: run.prepared.plan.allowedHosts,
    environment: run.call.environment,
    edit: own === undefined ? edit : bindingTo(own, edit),
  });
}

/** Returns the references for the trace; credentials that came with the call have no version. */
function refsOf({ chosen }: ConnectionCredentials): string[] {
  return chosen === undefined ? [] : [`credential:${chosen.ref.scope}@${chosen.stored.version}`];
}

/** Credentials that came with the call are bound to the host of its first request. */
function bindingTo({ hosts }: OwnToken, edit: EditUrl | undefined): EditUrl {
  return (built, sent) => {
    if (hosts.length === 0) hosts.push(`${built.hostname}:${portOf(built)}`);
    return edit === undefined ? built : edit(built, sent);
  };
}

/**
 * Expires the cached values that an upstream has refused. With status 403, a token may be valid although its use is
 * forbidden. The stored credentials are read again in either case, because they may have been changed elsewhere.
 */
function expire(
  { authentication }: PreparedConnection,
  { services }: Run,
  { chosen, derived }: ConnectionCredentials,
  status: number,
): void {
  if (chosen === undefined) return;
  services.secrets.expire(toSecretRef(chosen.ref));
  if (status === 403) return;
  const token = derived.find(({ name }) => name === 'access_token');
  if (token !== undefined) {
    const grant = authentication?.token?.grant;
    if (grant === 'authorization_code') services.grants.expire(chosen.ref, token.value);
    else if (grant === 'token_exchange') services.exchange.expire(token.value);
    else services.tokens.expire(token);
  }
  if ((authentication?.chains.length ?? 0) > 0) services.chains.expire(derived);
}

function isRenewed({ derived }: ConnectionCredentials, before: ConnectionCredentials): boolean {
  const known = new Set(before.derived.map(({ value }) => value));
  return derived.some(({ value }) => !known.has(value));
}
