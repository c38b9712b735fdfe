import { AppError, attributes, HOPS_HEADER, type Outcome } from '@toolplane/contracts';
import { UpstreamError } from '../../egress/upstream-error.ts';
import type { ExternalConnection } from '../../external-mcp/connection.ts';
import { NotAcceptedError, toShownError } from '../../external-mcp/external-error.ts';
import type { ExternalTarget } from '../../external-mcp/external-target.ts';
import { inSpan, startRequestSpan } from '../call-spans.ts';
import { beginUpstream, endUpstream } from '../count-upstreams.ts';
import { findOtherCredentials } from '../other-credentials.ts';
import type { PreparedExternal } from '../prepare-plan.ts';
import { type Run, redactorOf } from '../run.ts';
import { finishMs, markSent, toDeadlineError } from '../send-in-time.ts';
import { type NamedSecret, resolveCredentials, type StepCredentials } from '../step-secrets.ts';
import { abilitiesDuringCall, checkAllowed, createAnswerQuestion } from './answer-question.ts';
import { toBearer } from './bearer.ts';
import { buildHeaders } from './build-headers.ts';
import { buildRequest, urlOf } from './build-request.ts';
import { createExternalEvents } from './external-events.ts';
import { checkPagesOpened, findPagesQuestion } from './needed-pages.ts';
import { readResult } from './read-result.ts';
import { createSignIn } from './sign-in-of-call.ts';

/**
 * Runs a plan on an external MCP server. The request that does the work is sent at most once, unless the server has
 * proved that it did nothing: it no longer knows the session, or it refused the secrets and different ones are
 * available by now.
 */
export async function runExternal(run: Run, prepared: PreparedExternal): Promise<Outcome> {
  const position = { path: '', stepId: prepared.external.serverName, attempt: 1, scope: run };
  const traced = run.trace?.startAttempt(position);
  try {
    const outcome = await runOnce(run, prepared);
    traced?.end(undefined);
    return outcome;
  } catch (thrown) {
    traced?.fail(thrown);
    throw thrown;
  }
}

async function runOnce(run: Run, prepared: PreparedExternal): Promise<Outcome> {
  const { plan } = run.prepared;
  const resolve = () =>
    resolveCredentials({ secrets: prepared.external.secrets, tokens: [] }, plan, run.services, run.call.signal);
  const credentials = await resolve();
  const tokens = createSignIn(run, prepared);
  const token = await tokens?.get();
  try {
    return await runWith(run, prepared, credentials, token);
  } catch (thrown) {
    const other = token === undefined ? undefined : await tokens?.other(token, thrown);
    if (other !== undefined) {
      run.isAnythingSent = false;
      return runWith(run, prepared, credentials, other);
    }
    if (!isRefused(thrown)) throw thrown;
    for (const { name } of credentials.secrets) run.services.secrets.expire({ ...ownerOf(run), name });
    const url = new URL(urlOf(run, prepared.external));
    const others = await findOtherCredentials(run, { refused: credentials, url, resolve });
    if (others === undefined) throw thrown;
    run.isAnythingSent = false;
    return runWith(run, prepared, others, token);
  }
}

/** A server that responds with status 401 has done nothing yet. */
function isRefused(thrown: unknown): boolean {
  return thrown instanceof UpstreamError && thrown.status === 401;
}

async function runWith(
  run: Run,
  { external, headers }: PreparedExternal,
  credentials: StepCredentials,
  token: NamedSecret | undefined,
): Promise<Outcome> {
  const { workspaceId } = run.prepared.plan;
  const { transport, era } = external;
  const url = urlOf(run, external);
  for (const secret of credentials.secrets) run.secretsUsed.set(secret.value, secret);
  const bearer = token === undefined ? [] : [token];
  for (const secret of bearer) run.secretsUsed.set(secret.value, secret);
  const target: ExternalTarget = {
    workspaceId,
    url,
    headers: {
      ...buildHeaders(headers, new URL(url), credentials.secrets, run.secretsUsed.values()),
      // Counts the hops, because the request may lead back to this platform.
      [HOPS_HEADER]: String((run.call.hops ?? 0) + 1),
      ...toBearer(bearer),
    },
    transport,
    era,
    // Modern servers receive the abilities with each request instead.
    abilities: era === 'modern' ? [] : abilitiesDuringCall(run),
    sessionOwner: run.call.caller.sessionOwner,
  };
  const secretRefs = credentials.secrets.map(({ name, version }) => {
    run.services.noteSecretUse({ ...ownerOf(run), name, version });
    return `${name}@${version}`;
  });
  const span = startRequestSpan(run.call.span, { method: 'POST', isHostComputed: false }, new URL(url), secretRefs);
  return inSpan(span, async () => {
    try {
      return await runAt(run, target);
    } catch (raw) {
      if (raw instanceof AppError && raw.code === 'client_capability_missing') checkAllowed(run, raw);
      const thrown = toShownError(toDeadlineError(raw), redactorOf(run).redactText);
      if (thrown instanceof UpstreamError) {
        run.failedSteps.set(thrown, { stepId: external.serverName, status: thrown.status, response: undefined });
        if (thrown.status !== undefined) span.setAttribute(attributes.httpStatus, thrown.status);
      }
      throw thrown;
    }
  });
}

async function runAt(run: Run, target: ExternalTarget): Promise<Outcome> {
  const { externalServers } = run.services;
  const { connection, isFresh } = await externalServers.acquire(target, limitsOf(run));
  try {
    return await sendOn(run, target, connection);
  } catch (thrown) {
    // A server that was modern may have become a legacy one by now.
    if (!(thrown instanceof NotAcceptedError) || (isFresh && target.era !== 'modern')) throw thrown;
  }
  run.isAnythingSent = false;
  const anew = isFresh ? { ...target, era: undefined, abilities: abilitiesDuringCall(run) } : target;
  return sendOn(run, anew, await externalServers.open(anew, limitsOf(run)));
}

async function sendOn(run: Run, target: ExternalTarget, connection: ExternalConnection): Promise<Outcome> {
  const { externalServers } = run.services;
  try {
    return await sendInRounds(run, connection);
  } catch (thrown) {
    markSent(run, thrown);
    throw thrown;
  } finally {
    externalServers.release(target, connection);
  }
}

/** A modern server may require another request without asking a question that anybody has to answer. */
const EMPTY_ROUNDS_MAX = 5;

async function sendInRounds(run: Run, connection: ExternalConnection): Promise<Outcome> {
  let state = run.call.state;
  const answering = createAnswerQuestion(run);
  if (connection.era === 'legacy') checkPagesOpened(run);
  for (let round = 0; round <= EMPTY_ROUNDS_MAX; round += 1) {
    const request = buildRequest(run, connection.era, state);
    const { method, params } = request;
    const { external } = run.prepared.plan;
    const url = external === undefined ? '' : urlOf(run, external);
    const traced = run.trace?.attemptOf(run)?.startMessage(url, { method, params });
    let hasPagesQuestion = false;
    beginUpstream(run);
    const result = await connection
      .request({ ...request, ...limitsOf(run), ...createExternalEvents(run), ...answering, position: traced?.position })
      .catch((thrown: unknown) => {
        traced?.failed(thrown);
        const asked = connection.era === 'legacy' ? findPagesQuestion(run, thrown) : undefined;
        if (asked === undefined) throw thrown;
        hasPagesQuestion = true;
        return asked;
      })
      .finally(() => endUpstream(run));
    run.isAnythingSent = true;
    if (!hasPagesQuestion) traced?.answered(result);
    const outcome = readResult(run, result);
    if (outcome.outcome !== 'input_required' || Object.keys(outcome.inputRequests).length > 0) return outcome;
    state = outcome.state;
  }
  throw new UpstreamError(
    'external_server_failed',
    'The external server keeps asking for another request without answering',
    {
      isSent: true,
      isAnswered: true,
    },
  );
}

function limitsOf(run: Run): { timeoutMs: number; signal: AbortSignal } {
  const timeoutMs = run.deadline - run.services.clock.now() - finishMs(run.prepared.plan.deadlineMs);
  if (timeoutMs <= 0) throw new AppError('deadline_exceeded', 'The deadline of the call left no time for this');
  return { timeoutMs, signal: run.call.signal };
}

function ownerOf({ prepared: { plan } }: Run): { workspaceId: string; serverId: string } {
  return { workspaceId: plan.workspaceId, serverId: plan.serverId };
}
