import { portOf } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import type { EditUrl } from '../make-request.ts';
import type { CredentialSource, RequestStep } from '../request-step.ts';
import type { Run, WorkflowRun } from '../run.ts';
import { withinStep } from '../send-in-time.ts';
import { untilAborted } from '../step-secrets.ts';
import type { Attempt } from '../visit.ts';
import type { PreparedConnection } from './prepare-connection.ts';
import { WAIT_MS_MAX, waitForRateLimits, windowsOf } from './rate-limits.ts';
import type { OwnToken } from './read-own-token.ts';
import { type ConnectionCredentials, resolveConnection } from './resolve-connection.ts';

/** The credentials of a connection. Only values that were fetched with them can have been renewed after a refusal. */
export function createConnectionCredentials(
  connection: PreparedConnection,
  workflowRun: WorkflowRun,
  step: RequestStep,
  { span }: Attempt,
): CredentialSource<ConnectionCredentials> {
  const { run, deadline } = workflowRun;
  const { clock } = run.services;
  const stepEndsAt = clock.now() + step.timeoutMs;
  const waitBudget = { waitMsLeft: WAIT_MS_MAX, until: Math.min(deadline, stepEndsAt), span };

  function resolve(endsAt: number): Promise<ConnectionCredentials> {
    return withinStep(run, endsAt - clock.now(), (signal) => untilAborted(resolveConnection(connection, run), signal));
  }

  return {
    endsAt: () => stepEndsAt,
    resolve,
    use({ secrets, texts, own }, edit) {
      return { sent: secrets, texts, edit: own === undefined ? edit : bindingTo(own, edit) };
    },
    waitForRateLimits(credentials) {
      if (connection.rateLimits.length === 0) return undefined;
      return waitForRateLimits(workflowRun, connection, windowsOf(connection, credentials, run), waitBudget);
    },
    // Credentials that came with the call have no version.
    noteUse: ({ chosen }) => (chosen === undefined ? [] : [`credential:${chosen.ref.scope}@${chosen.stored.version}`]),
    expire: (refused, status) => expire(connection, run, refused, status),
    async findOthers(refused, _url, endsAt) {
      if (refused.derived.length === 0) return undefined;
      const current = await resolve(endsAt);
      return isRenewed(current, refused) ? current : undefined;
    },
  };
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
