import { type Excuses, latest } from './excuses.ts';
import type { ClientAttempt, ClientOutcome, ReceivedRequest } from './journal.ts';
import { tools } from './tools.ts';
import type { InvariantViolation } from './violation.ts';

/**
 * All attempts with one idempotency key, or one attempt without a key, and the requests that the upstream received of
 * them; both are in order.
 */
export type CheckedCall = {
  call: string;
  attempts: readonly ClientAttempt[];
  requests: readonly ReceivedRequest[];
};

const OUTCOME_MS_AFTER_DEADLINE = 1_000;
/** A request that was in flight when the outcome was reported may arrive a little later. */
const UNDER_WAY_MS = 300;
/** Time that the client's own HTTP takes. */
const CLIENT_MS = 250;
/** A polling client learns the end of its task with the next poll that an edge answers. */
const POLL_MS = 2_500;
const TASK_MS_AFTER_FAULT = 5_000;
/** An edge that is frozen this soon after a request may not have read the request. */
const ACCEPTED_MS = 300;
/** The cancellation by a client has to reach the worker within this time. */
const CANCELLED_MS_MAX = 3_000;
const REVOKED_MS_MAX = 5_000;

/** Ends of attempts for which nothing was accepted, according to what the client was told. */
const nothingSent: readonly ClientOutcome[] = ['not_started', 'refused', 'unreached'];
const outcomes: readonly ClientOutcome[] = ['done', 'failed', 'unknown'];

export function checkCall(call: CheckedCall, excuses: Excuses): InvariantViolation[] {
  const evidence = toEvidence(call);
  const found = (
    invariant: InvariantViolation['invariant'],
    { sentAt, endedAt }: ClientAttempt,
    what: string,
  ): InvariantViolation => ({
    invariant,
    from: sentAt,
    to: endedAt,
    what: `${call.call} (${call.attempts[0]?.tool}): ${what}`,
    evidence,
  });
  return [
    ...call.attempts.flatMap((attempt) => checkTime(attempt, found, excuses)),
    ...call.attempts.flatMap((attempt) => checkDone(call, attempt, found)),
    ...call.attempts.flatMap((attempt) => checkRevoked(attempt, found, excuses)),
    ...checkNotStarted(call, found),
    ...checkTwice(call, found, excuses),
    ...checkAfterwards(call, found, excuses),
  ];
}

type Found = (invariant: InvariantViolation['invariant'], attempt: ClientAttempt, what: string) => InvariantViolation;

function checkTime(attempt: ClientAttempt, found: Found, excuses: Excuses): InvariantViolation[] {
  const { reported, tool, edge, sentAt, endedAt, lagMs, code } = attempt;
  const span = { from: sentAt, to: endedAt };
  const { deadlineMs, isTask } = tools[tool];
  if (reported === 'left' || reported === 'unreached') return [];
  if (reported === 'lost') {
    const isExcused = isTask && excuses.timesEmptied(span) > 0;
    // When an edge resumes, it closes connections that were idle for too long before it reads what has arrived on them.
    const isUnread = excuses.freezes(edge, span).some(({ from }) => from < sentAt + ACCEPTED_MS);
    if (isExcused || isUnread || excuses.wasDown(edge, { from: sentAt, to: endedAt + UNDER_WAY_MS })) return [];
    return [found('inTime', attempt, `no outcome was told (${code})`)];
  }
  const due = isTask
    ? Math.max(sentAt + deadlineMs, plus(excuses.disturbedUntil(span), TASK_MS_AFTER_FAULT))
    : dueOf(attempt, excuses);
  const promisedBy = due + OUTCOME_MS_AFTER_DEADLINE;
  const lateMs = endedAt - promisedBy - lagMs - CLIENT_MS - (isTask ? POLL_MS : 0);
  return lateMs <= 0
    ? []
    : [found('inTime', attempt, `${reported} was told ${Math.round(endedAt - promisedBy)} ms too late`)];
}

/** The deadline; for a call whose edge was frozen, the earliest time at which the edge can have noticed it. */
function dueOf({ tool, edge, sentAt, endedAt }: ClientAttempt, excuses: Excuses): number {
  const { deadlineMs } = tools[tool];
  const freezes = excuses.freezes(edge, { from: sentAt, to: endedAt });
  // A call that is sent to a frozen edge is accepted when the edge resumes.
  const acceptedAt = latest(freezes.filter(({ from }) => from < sentAt + ACCEPTED_MS)) ?? sentAt;
  return Math.max(acceptedAt + deadlineMs, latest(freezes) ?? 0);
}

function checkDone({ call, requests }: CheckedCall, attempt: ClientAttempt, found: Found): InvariantViolation[] {
  if (attempt.reported !== 'done') return [];
  const { steps } = tools[attempt.tool];
  const before = requests.filter(({ at }) => at <= attempt.endedAt).map(({ step }) => step);
  const missing = steps.filter((step) => !before.includes(step));
  const unknown = before.filter((step) => !steps.includes(step));
  return [
    ...(missing.length + unknown.length === 0
      ? []
      : [found('done', attempt, `done, but sent were: ${before.join(', ') || 'nothing'}`)]),
    ...(attempt.answeredCall === call ? [] : [found('ownAnswer', attempt, `got the answer ${attempt.answeredCall}`)]),
  ];
}

function checkRevoked(attempt: ClientAttempt, found: Found, excuses: Excuses): InvariantViolation[] {
  const { reported, revokedAt, sentAt } = attempt;
  if (revokedAt === undefined || nothingSent.includes(reported)) return [];
  const since = Math.max(revokedAt, excuses.disturbedUntil({ from: revokedAt, to: sentAt }) ?? 0);
  if (sentAt - since <= REVOKED_MS_MAX || reported === 'left' || reported === 'lost') return [];
  return [found('revoked', attempt, `${reported}, sent ${Math.round(sentAt - revokedAt)} ms after the revocation`)];
}

/**
 * Attempts with a key are made one after the other: no request may be sent before the first attempt that may have run,
 * because the clients of all attempts before it were told that nothing was sent.
 */
function checkNotStarted({ attempts, requests }: CheckedCall, found: Found): InvariantViolation[] {
  const first = attempts.findIndex(({ reported }) => !nothingSent.includes(reported));
  const refused = first < 0 ? attempts : attempts.slice(0, first);
  const last = refused.at(-1);
  if (last === undefined) return [];
  const until = attempts[first]?.sentAt ?? Number.POSITIVE_INFINITY;
  const lies = requests.filter(({ at }) => at < until);
  if (lies.length === 0) return [];
  const reported = `${last.reported}${last.code === undefined ? '' : `/${last.code}`}`;
  return [found('notStarted', last, `${reported}, but ${lies.length} requests were sent`)];
}

function checkTwice({ attempts, requests }: CheckedCall, found: Found, excuses: Excuses): InvariantViolation[] {
  const [first] = attempts;
  if (first === undefined) return [];
  const { isRepeatable } = tools[first.tool];
  return [...Map.groupBy(requests, ({ step }) => step)].flatMap(([step, sent]) => {
    // A Redis that has lost its data since the key was first sent does not know it.
    const span = { from: first.sentAt, to: sent.at(-1)?.at ?? 0 };
    const forgotten = first.isKeyed ? excuses.timesEmptied(span) : 0;
    if (sent.length <= (isRepeatable ? 2 : 1) + forgotten) return [];
    const what = `${step} was sent ${sent.length} times`;
    return [found(first.isKeyed ? 'oneKey' : 'once', attempts.at(-1) ?? first, what)];
  });
}

function checkAfterwards({ attempts, requests }: CheckedCall, found: Found, excuses: Excuses): InvariantViolation[] {
  // An edge that stops leaves a call with a key to its worker, and a later attempt with the key gets the result.
  const reported = attempts.find(
    (it) => outcomes.includes(it.reported) && !(it.isKeyed && it.code === 'shutting_down'),
  );
  const attempt = reported ?? attempts.at(-1);
  if (attempt === undefined || nothingSent.includes(attempt.reported)) return [];
  const limit = reported === undefined ? lastMomentOf(attempt, excuses) : attempt.endedAt;
  const span = { from: limit, to: requests.at(-1)?.at ?? 0 };
  const grace = UNDER_WAY_MS + attempt.lagMs + (span.to > limit ? excuses.upstreamDelayMs(span) : 0);
  // An unknown outcome may later be proved to be `not_started`: then its key is free, and a later attempt runs.
  const isOfLater = (sent: ReceivedRequest) =>
    attempt.isKeyed && attempts.some(({ sentAt, endedAt }) => sentAt > limit && sent.at > sentAt && sent.at < endedAt);
  const late = requests.filter((sent) => sent.at - sent.lateMs > limit + grace && !isOfLater(sent));
  if (late.length === 0) return [];
  const times = late.map(({ step, at }) => `${step} ${Math.round(at - limit)} ms`).join(', ');
  return [
    found('nothingAfter', attempt, `sent after ${reported === undefined ? 'its end' : attempt.reported}: ${times}`),
  ];
}

/**
 * The last moment at which a request may be sent for a call whose client was told nothing, because it left or lost the
 * connection.
 */
function lastMomentOf(attempt: ClientAttempt, excuses: Excuses): number {
  const { reported, sentAt, endedAt } = attempt;
  if (reported === 'left') {
    const disturbedUntil = excuses.disturbedUntil({ from: sentAt, to: endedAt + CANCELLED_MS_MAX });
    return Math.max(endedAt, disturbedUntil ?? 0) + CANCELLED_MS_MAX;
  }
  return dueOf(attempt, excuses) + OUTCOME_MS_AFTER_DEADLINE;
}

const plus = (at: number | undefined, ms: number) => (at === undefined ? 0 : at + ms);

function toEvidence({ attempts, requests }: CheckedCall): string[] {
  const start = attempts[0]?.sentAt ?? 0;
  const since = (at: number) => `${(at - start).toFixed(0).padStart(7)} ms`;
  const lines = [
    ...attempts.map(({ id, sentAt, edge, era }) => ({ at: sentAt, text: `client sends ${id} to ${edge} (${era})` })),
    ...attempts.map(({ id, endedAt, reported, code = '', message = '', isReplayed }) => ({
      at: endedAt,
      text: `client is told of ${id}: ${reported} ${code} ${isReplayed ? '(replayed) ' : ''}${message}`.trimEnd(),
    })),
    ...requests.map(({ step, at, wallMs }) => ({
      at,
      text: `upstream gets ${step} (${new Date(wallMs).toISOString()})`,
    })),
  ];
  return lines.toSorted((one, other) => one.at - other.at).map(({ at, text }) => `${since(at)}  ${text}`);
}
