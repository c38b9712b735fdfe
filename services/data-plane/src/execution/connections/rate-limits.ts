import type { Span } from '@opentelemetry/api';
import type { RateWindow } from '@toolplane/bus';
import { AppError, toUserSubject } from '@toolplane/contracts';
import { recordWait } from '../call-spans.ts';
import type { Run, WorkflowRun } from '../run.ts';
import { waitInCall } from '../wait-in-call.ts';
import type { PreparedConnection } from './prepare-connection.ts';
import type { ConnectionCredentials } from './resolve-connection.ts';

/** The limit of all waits of a step: a prompt reply helps an agent more than a long silence. */
export const WAIT_MS_MAX = 2000;

/** The time that a step may still wait for its rate limits; `until` is its latest time in Unix milliseconds. */
export type WaitBudget = { waitMsLeft: number; readonly until: number; readonly span: Span };

/** Counts one request in every rate limit window of the connection, waiting until all of them have room. */
export async function waitForRateLimits(
  workflowRun: WorkflowRun,
  { connector }: PreparedConnection,
  windows: readonly RateWindow[],
  waitBudget: WaitBudget,
): Promise<void> {
  const { clock, rateLimits } = workflowRun.run.services;
  for (;;) {
    const waitMs = await rateLimits.take(windows);
    if (waitMs <= 0) return;
    const isTooLong = waitMs > waitBudget.waitMsLeft || clock.now() + waitMs >= waitBudget.until;
    if (isTooLong) throw new RateLimitError(connector, waitMs);
    waitBudget.waitMsLeft -= waitMs;
    recordWait(waitBudget.span, waitMs);
    await waitInCall(workflowRun, waitMs);
  }
}

/** Thrown for a rate limit of the connector itself; no request has reached the upstream. */
export class RateLimitError extends AppError {
  readonly retryAfterMs: number;

  constructor(connector: string, retryAfterMs: number) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    super('rate_limited', `The rate limit of the connector ${connector} is reached; try again in ${seconds} s`);
    this.name = 'RateLimitError';
    this.retryAfterMs = retryAfterMs;
  }
}

/** Names of people and values derived from secrets appear in the keys of the windows only as fingerprints. */
export function windowsOf(
  { instanceId, rateLimits }: PreparedConnection,
  credentials: ConnectionCredentials,
  run: Run,
): RateWindow[] {
  const { fingerprint } = run.services;
  const parties = {
    per_instance: () => [],
    per_account: () => accountOf(credentials),
    per_user: () => userOf(run),
    per_token: () => tokenOf(credentials),
  };
  return rateLimits.map(({ scope, limit, intervalMs }) => {
    const party = parties[scope]();
    const suffix = party.length === 0 ? '' : ` ${fingerprint(JSON.stringify(party))}`;
    return { key: `${instanceId} ${scope}${suffix}`, limit, intervalMs };
  });
}

function accountOf({ chosen, own, subject }: ConnectionCredentials): string[] {
  const ofCaller = own?.token ?? subject;
  if (ofCaller !== undefined) return ['own', ofCaller.value.reveal()];
  return chosen === undefined ? [] : [chosen.ref.scope, chosen.ref.subject ?? ''];
}

function userOf({ call: { caller }, prepared: { plan } }: Run): string[] {
  if (caller.username !== undefined) return ['user', toUserSubject(caller.username, plan.connection?.usersOf)];
  if (caller.agentId !== undefined) return ['agent', caller.agentId];
  return ['workspace', plan.workspaceId];
}

/** Values that were fetched with the credentials are sent instead of the credentials. */
function tokenOf({ secrets, derived }: ConnectionCredentials): string[] {
  return (derived.length > 0 ? derived : secrets).map(({ value }) => value.reveal());
}
